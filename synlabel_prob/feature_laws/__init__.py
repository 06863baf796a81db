"""Laws of whole rows whose exact conditionals are known: tables from them judge what a prior makes of its features.

Each law draws a table, and is itself the true prior of whatever features of it are hidden.
"""

from .base import FeatureLaw
from .category import CategoryDriven
from .clusters import TwoClusters
from .gaussian import CorrelatedGaussian
from .parabola import Parabola
from .skewed import CorrelatedLogNormal

LAWS: tuple[type[FeatureLaw], ...] = (CorrelatedGaussian, TwoClusters, CorrelatedLogNormal, CategoryDriven, Parabola)

__all__ = [
    "LAWS",
    "CategoryDriven",
    "CorrelatedGaussian",
    "CorrelatedLogNormal",
    "FeatureLaw",
    "Parabola",
    "TwoClusters",
]
