"""A destination that is a mixture of those of a row's parts (Xia et al., 2020)."""

from __future__ import annotations

import warnings
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jnp
from ...descriptions import constant, description, fitted, static
from ..base import Setting
from ..geometry import Coordinates, on_host
from .base import Destination, FittedDestination, without_diagonal


@fitted
class PartDestination(FittedDestination):
    """sum_r h_r(x) S_r: shares of the parts in a row, and their destinations, `parts (parts, classes, classes)`."""

    parts: np.ndarray
    low: np.ndarray
    spread: np.ndarray
    coordinates: Coordinates = static()
    factors: Any = static()

    @property
    def runs_in_jax(self) -> bool:
        """Rows are taken apart on the host."""
        return False

    def context(self, source: Any) -> Any:
        """(..., parts), summing to 1."""
        return on_host(self._shares, source, len(self.parts))

    def towards(self, parameters: Any, context: Any) -> Any:
        """The mixture; exact given the shares."""
        parts, shares = constant(self.parts), jnp.asarray(context)
        return sum(shares[..., part, None, None] * parts[part] for part in range(len(self.parts)))

    def _shares(self, features: np.ndarray) -> np.ndarray:
        scaled = np.maximum((self.coordinates.of(features) - self.low) / self.spread, 0.0)
        found = self.factors.transform(scaled)
        total = found.sum(1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1.0), 1.0 / found.shape[1])


@description
class ToParts(Destination):
    """Rows are mixtures of `parts`, and each part has destinations of its own (part-dependent noise; Xia et al., 2020).

    Shares of the parts come from a nonnegative factorisation of the features, scaled to [0, 1]; the destinations of a
    part and class are uniform numbers, normalised, fixed by `seed`.
    """

    parts: Annotated[int, Field(ge=1)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    kind: Literal["to_parts"] = "to_parts"

    summary = "a mixture of destinations by the parts that a row is made of (part-dependent)"
    paper = "Xia et al., 2020"
    depends_on = "features"

    def fit(self, setting: Setting) -> PartDestination:
        """The factorisation of the table's features."""
        from sklearn.decomposition import NMF
        from sklearn.exceptions import ConvergenceWarning

        coordinates = Coordinates(setting.table)
        points = coordinates.of(setting.table.features)
        low, spread = points.min(0), np.ptp(points, 0)
        spread = np.where(spread > 0, spread, 1.0)
        start: Any = "random" if self.parts > min(points.shape) else "nndsvda"
        count: Any = self.parts  # its type is inferred from its default, a text
        factors = NMF(count, init=start, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # any parts do, the best ones are not needed
            factors.fit((points - low) / spread)
        size = len(setting.classes)
        weights = np.random.default_rng(self.seed).uniform(size=(self.parts, size, size))
        shares = np.stack([without_diagonal(each).shares for each in weights])
        return PartDestination(shares, low, spread, coordinates, factors)

    def explain(self) -> str:
        """In words."""
        return f"to classes by the {self.parts} parts that rows are made of (seed {self.seed})"
