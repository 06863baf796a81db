"""Laws of hidden features, marginal or conditional.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import FittedPrior, Prior, Reference, Row, families_for
from .berkson import Berkson
from .categorical import Categorical
from .chained import Chained
from .custom import Custom
from .density_network import DensityNetwork
from .empirical import Empirical
from .facts import Atoms, Elliptical, Independent
from .finite_mixture import FiniteMixture, Share
from .gaussian import Gaussian
from .gaussian_copula import GaussianCopula
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .joint_kernel_density import JointKernelDensity
from .joint_mixture import JointMixture
from .kernel_density import KernelDensity
from .logistic_regression import LogisticRegression
from .ordinal_regression import OrdinalRegression
from .product import Block, Product
from .robust_regression import RobustRegression
from .similar_rows import SimilarRows
from .single import SINGLE
from .truth import Truth
from .uniform import Uniform

DESCRIPTIONS: tuple[type[Prior], ...] = (*SINGLE, Product, FiniteMixture)

__all__ = [
    "DESCRIPTIONS",
    "Atoms",
    "Berkson",
    "Block",
    "Categorical",
    "Chained",
    "Custom",
    "DensityNetwork",
    "Elliptical",
    "Empirical",
    "FiniteMixture",
    "FittedPrior",
    "Gaussian",
    "GaussianCopula",
    "GaussianRegression",
    "Histogram",
    "Independent",
    "JointKernelDensity",
    "JointMixture",
    "KernelDensity",
    "LogisticRegression",
    "OrdinalRegression",
    "Prior",
    "Product",
    "Reference",
    "RobustRegression",
    "Row",
    "Share",
    "SimilarRows",
    "Truth",
    "Uniform",
    "families_for",
]
