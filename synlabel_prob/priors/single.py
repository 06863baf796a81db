"""The families that stand on their own, which `product` and `finite_mixture` are made of.

Listing a description here is what registers it.
"""

from __future__ import annotations

from .base import Prior
from .berkson import Berkson
from .categorical import Categorical
from .chained import Chained
from .density_network import DensityNetwork
from .empirical import Empirical
from .gaussian import Gaussian
from .gaussian_copula import GaussianCopula
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .joint_kernel_density import JointKernelDensity
from .joint_mixture import JointMixture
from .kernel_density import KernelDensity
from .logistic_regression import LogisticRegression
from .ordinal_regression import OrdinalRegression
from .robust_regression import RobustRegression
from .similar_rows import SimilarRows
from .truth import Truth
from .uniform import Uniform

SINGLE: tuple[type[Prior], ...] = (
    Uniform,
    Histogram,
    KernelDensity,
    Gaussian,
    Categorical,
    Empirical,
    JointKernelDensity,
    JointMixture,
    GaussianRegression,
    RobustRegression,
    LogisticRegression,
    OrdinalRegression,
    Chained,
    GaussianCopula,
    SimilarRows,
    DensityNetwork,
    Truth,
    Berkson,
)
