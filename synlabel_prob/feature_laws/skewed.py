"""Skewed positive features: exponentials of normal ones."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from .base import Correlation, NumFeatures, numbered, one_correlation
from .normals import Joint, NormalsLaw


@description
class CorrelatedLogNormal(NormalsLaw):
    """Features x1, x2, ... whose logarithms are normal with standard deviation `spread` and one `correlation`."""

    correlation: Correlation = 0.8
    spread: Annotated[float, Field(gt=0, le=3)] = 0.8
    features: NumFeatures = 3
    kind: Literal["correlated_log_normal"] = "correlated_log_normal"

    summary = "exponentials of normal features with one common correlation"
    takes = frozenset({"continuous"})

    @property
    def names(self) -> tuple[str, ...]:
        """x1, x2, ..."""
        return numbered(self.features)

    def joint(self) -> Joint:
        """One component, of logarithms."""
        covariance = self.spread**2 * one_correlation(self.features, self.correlation)
        return Joint(np.ones(1), np.zeros((1, self.features)), covariance[None], of_logarithms=True)

    def explain(self) -> str:
        """In words."""
        return f"jointly by the true law, log-normal with correlation {self.correlation:g} of the logarithms"
