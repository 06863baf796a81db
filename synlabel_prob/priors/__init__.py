"""Laws of hidden features, marginal or conditional.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import FittedPrior, Prior, Reference, Row, families_for
from .categorical import Categorical
from .empirical import Empirical
from .gaussian import Gaussian
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .joint_kernel_density import JointKernelDensity
from .kernel_density import KernelDensity
from .product import Block, Product
from .similar_rows import SimilarRows
from .single import SINGLE
from .uniform import Uniform

DESCRIPTIONS: tuple[type[Prior], ...] = (*SINGLE, Product)

__all__ = [
    "DESCRIPTIONS",
    "Block",
    "Categorical",
    "Empirical",
    "FittedPrior",
    "Gaussian",
    "GaussianRegression",
    "Histogram",
    "JointKernelDensity",
    "KernelDensity",
    "Prior",
    "Product",
    "Reference",
    "Row",
    "SimilarRows",
    "Uniform",
    "families_for",
]
