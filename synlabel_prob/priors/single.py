"""The families that stand on their own, which `product` and `finite_mixture` are made of.

Listing a description here is what registers it.
"""

from __future__ import annotations

from .base import Prior
from .categorical import Categorical
from .empirical import Empirical
from .gaussian import Gaussian
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .joint_kernel_density import JointKernelDensity
from .kernel_density import KernelDensity
from .similar_rows import SimilarRows
from .uniform import Uniform

SINGLE: tuple[type[Prior], ...] = (
    Uniform,
    Histogram,
    KernelDensity,
    Gaussian,
    Categorical,
    Empirical,
    JointKernelDensity,
    GaussianRegression,
    SimilarRows,
)
