"""How much more often labels change in some rows or classes; exporting a description here registers it."""

from .base import FittedWeight, Weight
from .boundary import ByBoundary
from .classes import AlikeWeight, ByClass, ByRarity
from .confidence import ByEntropy, ByMargin, ByPolynomialMargin
from .neighbours import ByDensity, ByNeighbours
from .region import ByRegion, ByScore

DESCRIPTIONS: tuple[type[Weight], ...] = (
    ByClass,
    ByRarity,
    ByMargin,
    ByPolynomialMargin,
    ByEntropy,
    ByBoundary,
    ByNeighbours,
    ByDensity,
    ByRegion,
    ByScore,
)

__all__ = [
    "DESCRIPTIONS",
    "AlikeWeight",
    "ByBoundary",
    "ByClass",
    "ByDensity",
    "ByEntropy",
    "ByMargin",
    "ByNeighbours",
    "ByPolynomialMargin",
    "ByRarity",
    "ByRegion",
    "ByScore",
    "FittedWeight",
    "Weight",
]
