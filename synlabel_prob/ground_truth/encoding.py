"""From features to the columns that a read-out estimator sees: indicators of levels, then scalers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static


class Line(NamedTuple):
    """Features with one of them at `start`, and how fast each column (columns,) changes with it."""

    features: Any
    start: Any
    slopes: Any


@fitted
class Encoding:
    """Column j is the feature at `places[j]`, or whether it has the level `levels[j]`, then each of the steps.

    `steps (steps, 4, columns)` hold a, b, c, d of (x - a) / b * c + d, worked out in that order so that numbers are
    those of the estimator's own scalers; `levels` are -1 for numbers.
    """

    steps: np.ndarray
    places: tuple[int, ...] = static()
    levels: tuple[int, ...] = static()

    def columns(self, features: Any) -> Any:
        """(..., columns) from (..., features), NumPy's or JAX's."""
        host = isinstance(features, np.ndarray)
        found = self._taken(features, np if host else jnp)
        for a, b, c, d in self.steps if host else constant(self.steps):
            found = (found - a) / b * c
            # A multiplication and an addition fused into one would round once instead of twice.
            found = (found if host else jax.lax.optimization_barrier(found)) + d
        return found

    def _taken(self, features: Any, array: Any) -> Any:
        levels = np.array(self.levels)
        taken = features if self._is_plain(features.shape[-1]) else features[..., np.array(self.places)]
        if (levels == -1).all():
            return taken
        return array.where(levels == -1, taken, (taken == levels).astype(taken.dtype))

    def _is_plain(self, num_features: int) -> bool:
        return self.places == tuple(range(num_features))

    def affine(self) -> tuple[Any, Any]:
        """Slopes and offsets (columns,) of the steps together: column = slope * x + offset."""
        slopes, offsets = np.ones(len(self.places)), np.zeros(len(self.places))
        for a, b, c, d in self.steps:
            slopes, offsets = slopes / b * c, (offsets - a) / b * c + d
        return slopes, offsets

    def line(self, features: Any, place: int) -> Line:
        """Features (..., features) as starts of lines along one number among them."""
        slopes, offsets = self.affine()
        own = self.columns_of(place)
        start = -offsets[own[0]] / slopes[own[0]] if own else 0.0
        mine = np.isin(np.arange(len(self.places)), own)
        if isinstance(features, np.ndarray):
            moved = features.astype(np.float64)
            moved[..., place] = start
        else:
            moved = features.at[..., place].set(start)
        return Line(moved, start, slopes * mine)

    def columns_of(self, place: int) -> tuple[int, ...]:
        """Which columns are made of that feature."""
        return tuple(column for column, own in enumerate(self.places) if own == place)

    def is_discrete(self, place: int) -> bool:
        """Whether columns ask for levels of that feature."""
        return any(own == place and level != -1 for own, level in zip(self.places, self.levels, strict=True))

    def has_levels(self) -> bool:
        """Whether any column asks for a level."""
        return any(level != -1 for level in self.levels)

    def values(self) -> dict[str, Any]:
        """Plain values."""
        return {"steps": self.steps.tolist(), "places": list(self.places), "levels": list(self.levels)}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> Encoding:
        """From the same values."""
        places = tuple(saved["places"])
        steps = np.array(saved["steps"], dtype=np.float64).reshape(-1, 4, len(places))
        return cls(steps, places, tuple(saved["levels"]))
