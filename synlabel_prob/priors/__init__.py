"""Laws of hidden features, marginal or conditional.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import FittedPrior, Prior, Reference, families_for
from .categorical import Categorical
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .kernel_density import KernelDensity
from .product import Block, Product
from .uniform import Uniform

DESCRIPTIONS: tuple[type[Prior], ...] = (Uniform, Histogram, KernelDensity, Categorical, GaussianRegression, Product)

__all__ = [
    "DESCRIPTIONS",
    "Block",
    "Categorical",
    "FittedPrior",
    "GaussianRegression",
    "Histogram",
    "KernelDensity",
    "Prior",
    "Product",
    "Reference",
    "Uniform",
    "families_for",
]
