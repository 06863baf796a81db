"""Normal features that are all correlated alike."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..descriptions import description
from .base import Correlation, NumFeatures, numbered, one_correlation
from .normals import Joint, NormalsLaw


@description
class CorrelatedGaussian(NormalsLaw):
    """Standard normal features x1, x2, ... of which every two have the same `correlation`, from 0 to 0.95."""

    correlation: Correlation = 0.8
    features: NumFeatures = 3
    kind: Literal["correlated_gaussian"] = "correlated_gaussian"

    summary = "standard normal features with one common correlation"
    takes = frozenset({"continuous"})

    @property
    def names(self) -> tuple[str, ...]:
        """x1, x2, ..."""
        return numbered(self.features)

    def joint(self) -> Joint:
        """One component."""
        covariance = one_correlation(self.features, self.correlation)
        return Joint(np.ones(1), np.zeros((1, self.features)), covariance[None])

    def explain(self) -> str:
        """In words."""
        return f"jointly by the true law, normal with correlation {self.correlation:g} given the observed features"
