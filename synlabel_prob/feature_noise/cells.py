"""Noise that replaces a share of cells: by its own values, other rows' values, another level, or nothing."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..descriptions import description
from ..table import Column
from .base import FeatureNoise, Rate


@description
class Replaced(FeatureNoise):
    """A share `rate` of cells is drawn anew from the feature's own values, each row's as likely as any other's.

    P(v) = (1 - rate) 1[v = x] + rate * the frequency of v in the table, so a share of about `rate` changes, less what
    is drawn again as it was. Frequencies stay as they are in expectation.
    """

    rate: Rate
    kind: Literal["replaced"] = "replaced"

    summary = "a share of cells drawn anew from the feature's own values; any kind"

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """The value at the place of the second uniform in the order of size, so that no order of rows matters."""
        drawn = np.sort(values)[np.minimum((uniforms[:, 1] * len(values)).astype(int), len(values) - 1)]
        return np.where(uniforms[:, 0] < self.rate, drawn, values)

    def explain(self) -> str:
        """In words."""
        return f"a share {self.rate:g} of cells is drawn anew from the feature's own values"


@description
class Swapped(FeatureNoise):
    """A share `rate` of cells is picked, each on its own, and those of a feature exchange their values.

    Each picked cell gets the value of another picked one, all alike (a random cycle), so frequencies stay exactly as
    they are. A cell that is picked alone keeps its value.
    """

    rate: Rate
    kind: Literal["swapped"] = "swapped"

    summary = "a share of cells that exchange their values, so that frequencies stay; any kind"

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """Along a cycle in the order of the second uniforms."""
        picked = np.flatnonzero(uniforms[:, 0] < self.rate)
        cycle = picked[np.argsort(uniforms[picked, 1], kind="stable")]
        after = values.copy()
        after[cycle] = values[np.roll(cycle, 1)]
        return after

    def explain(self) -> str:
        """In words."""
        return f"a share {self.rate:g} of cells exchange their values"


@description
class LevelFlips(FeatureNoise):
    """A share `rate` of levels changes to another level: any other one alike, or a neighbour.

    With `towards = "neighbour"`, for ordinal features, half goes one level up and half one down; the first and the last
    level have one neighbour, to which all goes.
    """

    rate: Rate
    towards: Literal["any", "neighbour"] = "any"
    kind: Literal["level_flips"] = "level_flips"

    summary = "a share of levels changes to another one, or to a neighbour; ordinal and categorical"

    @property
    def takes(self) -> frozenset[str]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Levels; neighbours need an order."""
        return frozenset({"ordinal"} if self.towards == "neighbour" else {"ordinal", "categorical"})

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """Codes; a feature of one level stays."""
        levels = len(column.levels)
        if levels < 2:
            return values
        if self.towards == "any":
            step = 1 + np.minimum((uniforms[:, 1] * (levels - 1)).astype(int), levels - 2)
            others = (values + step) % levels
        else:
            up = np.where(values == 0, True, np.where(values == levels - 1, False, uniforms[:, 1] < 0.5))
            others = values + np.where(up, 1, -1)
        return np.where(uniforms[:, 0] < self.rate, others, values)

    def explain(self) -> str:
        """In words."""
        where = "a neighbouring level" if self.towards == "neighbour" else "any other level alike"
        return f"a share {self.rate:g} of levels changes to {where}"


@description
class MissingValues(FeatureNoise):
    """A share `rate` of cells loses its value, completely at random."""

    rate: Rate
    kind: Literal["missing_values"] = "missing_values"

    summary = "a share of cells loses its value, completely at random; any kind"
    uniform_dims = 1

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """At a higher rate the same cells miss their value and more."""
        return np.where(uniforms[:, 0] < self.rate, np.nan, values)

    def explain(self) -> str:
        """In words."""
        return f"a share {self.rate:g} of cells loses its value"
