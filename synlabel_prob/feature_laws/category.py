"""A category that drives the numbers."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from .base import Correlation, NumFeatures, numbered, one_correlation
from .normals import Joint, NormalsLaw


@description
class CategoryDriven(NormalsLaw):
    """A feature `group` with equally likely levels a, b, ..., and numbers x1, x2, ... normal around its centre.

    Centres of neighbouring levels are `separation` apart in every number; inside a level numbers have variance 1 and
    one `correlation`. `features` counts the group.
    """

    separation: Annotated[float, Field(ge=0, le=20)] = 2.0
    num_levels: Annotated[int, Field(ge=2, le=26)] = 3
    correlation: Correlation = 0.0
    features: NumFeatures = 3
    kind: Literal["category_driven"] = "category_driven"

    summary = "normal features around centres that a categorical feature chooses"
    takes = frozenset({"continuous", "categorical"})

    @property
    def names(self) -> tuple[str, ...]:
        """group, x1, x2, ..."""
        return ("group", *numbered(self.features - 1))

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Of the group."""
        return {"group": tuple(chr(ord("a") + place) for place in range(self.num_levels))}

    def joint(self) -> Joint:
        """A component for each level."""
        steps = np.arange(self.num_levels) - (self.num_levels - 1) / 2
        centers = np.outer(self.separation * steps, np.ones(self.features - 1))
        covariance = one_correlation(self.features - 1, self.correlation)
        weights = np.full(self.num_levels, 1.0 / self.num_levels)
        return Joint(weights, centers, np.stack([covariance] * self.num_levels), category="group")

    def explain(self) -> str:
        """In words."""
        return f"jointly by the true law, normal around the centre of one of {self.num_levels} groups"
