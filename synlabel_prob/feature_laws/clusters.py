"""Two clusters of rows, whose name no feature tells."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from .base import Correlation, NumFeatures, numbered, one_correlation
from .normals import Joint, NormalsLaw


@description
class TwoClusters(NormalsLaw):
    """Features x1, x2, ... normal around one of two centres.

    The centres lie at plus and minus half of `separation` in every feature; the first has probability `share`.
    Inside a cluster features have variance 1 and one `correlation`.
    """

    separation: Annotated[float, Field(ge=0, le=20)] = 3.0
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    correlation: Correlation = 0.0
    features: NumFeatures = 3
    kind: Literal["two_clusters"] = "two_clusters"

    summary = "a mixture of two normal laws"
    takes = frozenset({"continuous"})

    @property
    def names(self) -> tuple[str, ...]:
        """x1, x2, ..."""
        return numbered(self.features)

    def joint(self) -> Joint:
        """Two components."""
        centers = np.outer([-0.5, 0.5], np.full(self.features, self.separation))
        covariance = one_correlation(self.features, self.correlation)
        return Joint(np.array([self.share, 1 - self.share]), centers, np.stack([covariance] * 2))

    def explain(self) -> str:
        """In words."""
        return f"jointly by the true law, two clusters {self.separation:g} apart in each feature"
