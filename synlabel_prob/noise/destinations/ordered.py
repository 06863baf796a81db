"""Destinations by the order of the classes, as they are declared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ...descriptions import description
from ..base import Setting
from .base import Destination, FixedDestination, without_diagonal


def _steps(setting: Setting) -> np.ndarray:
    """J - i, (classes, classes)."""
    codes = np.arange(len(setting.classes))
    return codes[None, :] - codes[:, None]


@description
class ToNext(Destination):
    """To the next class in the declared order (pair noise; Han et al., 2018).

    `circular` moves the last class to the first; otherwise it stays.
    """

    circular: bool = True
    kind: Literal["to_next"] = "to_next"

    summary = "the next class in the declared order (pair noise)"
    paper = "Han et al., 2018"

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        steps = _steps(setting)
        return without_diagonal(steps % len(steps) == 1 if self.circular else steps == 1)

    def explain(self) -> str:
        """In words."""
        return "to the next class" + ("" if self.circular else ", the last one never")


@description
class ToNear(Destination):
    """To classes near in the declared order, in proportion to exp(-steps / scale).

    A small `scale` leaves the adjacent classes, a large one takes all others alike.
    """

    scale: Annotated[float, Field(gt=0)] = 1.0
    kind: Literal["to_near"] = "to_near"

    summary = "classes near in the declared order (ordinal)"

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        # Relative to one step, so that a scale near 0 does not leave every class without probability.
        return without_diagonal(np.exp((1.0 - np.maximum(np.abs(_steps(setting)), 1)) / self.scale))

    def explain(self) -> str:
        """In words."""
        return f"to classes near in order (scale {self.scale:g})"


@description
class ToFar(Destination):
    """To classes far in the declared order, in proportion to the number of steps (diametrical noise)."""

    kind: Literal["to_far"] = "to_far"

    summary = "classes far in the declared order, in proportion to the steps"

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        return without_diagonal(np.abs(_steps(setting)))

    def explain(self) -> str:
        """In words."""
        return "to classes far in order"


@description
class ToSides(Destination):
    """One class up or down in the declared order: optimistic and pessimistic labels.

    `up` is the share that goes up; the highest class goes down and the lowest goes up.
    """

    up: Annotated[float, Field(ge=0, le=1)] = 0.5
    kind: Literal["to_sides"] = "to_sides"

    summary = "one class up or down in the declared order (optimism, pessimism)"

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        steps = _steps(setting)
        weights: Any = np.where(steps == 1, self.up, 0.0) + np.where(steps == -1, 1.0 - self.up, 0.0)
        if len(steps) > 1:
            weights[0, 1], weights[-1, -2] = 1.0, 1.0
        return without_diagonal(weights)

    def explain(self) -> str:
        """In words."""
        return f"one class up (a share {self.up:g}) or down"
