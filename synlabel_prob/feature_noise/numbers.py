"""Noise on numbers: normal errors, and rounding."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from ..table import Column
from .base import FeatureNoise


@description
class Gaussian(FeatureNoise):
    """x + N(0, (scale * s)^2), independent for each cell, with s the feature's standard deviation over the rows.

    This is classical error: the noise does not depend on the true value. The expected variance of the feature
    is 1 + scale^2 times what it was.
    """

    scale: Annotated[float, Field(ge=0, le=1e9)]
    kind: Literal["gaussian"] = "gaussian"

    summary = "independent normal noise, in standard deviations of the feature; continuous"
    takes = frozenset({"continuous"})
    uniform_dims = 1

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """By the normal quantile; at another scale the same errors, longer or shorter."""
        from scipy import special

        with np.errstate(over="ignore"):  # `noisy_table` says so
            return values + self.scale * spread(values) * special.ndtri(uniforms[:, 0])

    def explain(self) -> str:
        """In words."""
        return f"normal noise of {self.scale:g} standard deviations of the feature on each cell"


@description
class Rounded(FeatureNoise):
    """To the nearest of `steps` + 1 values at equal distances from the feature's least to its largest; halves to even.

    No chance is in it. The error is at most half a step, (largest - least) / (2 steps).
    """

    steps: Annotated[int, Field(ge=1, strict=True)]
    kind: Literal["rounded"] = "rounded"

    summary = "rounded to so many equal steps of the feature's range; continuous"
    takes = frozenset({"continuous"})
    uniform_dims = 1
    is_random = False

    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """A constant feature stays."""
        small, exponent = within_one(values)
        if not len(values) or (span := small.max() - small.min()) == 0:
            return values
        steps = np.rint((small - small.min()) / span * self.steps)
        return np.ldexp(small.min() + steps / self.steps * span, exponent)

    def explain(self) -> str:
        """In words."""
        return f"numbers are rounded to {self.steps} equal steps of the feature's range"


def spread(values: np.ndarray) -> float:
    """The standard deviation of numbers of any size, 0 of equal ones; whatever their order, to the last digit."""
    small, exponent = within_one(np.sort(values))
    return float(np.ldexp(small.std(), exponent)) if len(small) and small[0] < small[-1] else 0.0


def within_one(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Numbers divided by a power of two so that none is beyond 1, and its exponent: their squares do not overflow."""
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    return np.ldexp(values, -exponent), exponent
