"""Destinations by the order of the classes, as they are declared."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...laws import ScaleParameter, UnitParameter
from ..base import Setting, sample_parameter, stated
from .base import Destination, FixedDestination, ProportionalDestination, without_diagonal


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


@fitted
class NearDestination(ProportionalDestination):
    """Exp((1 - steps) / scale): relative to one step, so that a scale near 0 leaves every class some probability."""

    scale: Any = static()
    num_classes: int = static()

    def proportions(self, prefix: str) -> Any:
        """By the distance in the declared order."""
        codes = jnp.arange(self.num_classes)
        steps = jnp.maximum(abs(codes[None, :] - codes[:, None]), 1)
        return jnp.exp((1.0 - steps) / sample_parameter(f"{prefix}.scale", self.scale))

    def once_drawn(self) -> NearDestination:
        """The shares are parameters."""
        return NearDestination(1.0, self.num_classes)


@description
class ToNear(Destination):
    """To classes near in the declared order, in proportion to exp(-steps / scale).

    A small `scale` leaves the adjacent classes, a large one takes all others alike.
    """

    scale: ScaleParameter = 1.0
    kind: Literal["to_near"] = "to_near"

    summary = "classes near in the declared order (ordinal)"

    def fit(self, setting: Setting) -> NearDestination:
        """Nothing is learned."""
        return NearDestination(self.scale, len(setting.classes))

    def explain(self) -> str:
        """In words."""
        return f"to classes near in order (scale {stated(self.scale)})"


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


@fitted
class SideDestination(ProportionalDestination):
    """One class up or down."""

    up: Any = static()
    num_classes: int = static()

    def proportions(self, prefix: str) -> Any:
        """The ends have one neighbour, to which all goes."""
        up, size = sample_parameter(f"{prefix}.up", self.up), self.num_classes
        if size == 1:
            return jnp.zeros((1, 1))
        made = up * jnp.eye(size, k=1) + (1.0 - up) * jnp.eye(size, k=-1)
        return made.at[0, 1].set(1.0).at[size - 1, size - 2].set(1.0)

    def once_drawn(self) -> SideDestination:
        """The shares are parameters."""
        return SideDestination(0.0, self.num_classes)


@description
class ToSides(Destination):
    """One class up or down in the declared order: optimistic and pessimistic labels.

    `up` is the share that goes up; the highest class goes down and the lowest goes up.
    """

    up: UnitParameter = 0.5
    kind: Literal["to_sides"] = "to_sides"

    summary = "one class up or down in the declared order (optimism, pessimism)"

    def fit(self, setting: Setting) -> SideDestination:
        """Nothing is learned."""
        return SideDestination(self.up, len(setting.classes))

    def explain(self) -> str:
        """In words."""
        return f"one class up (a share {stated(self.up)}) or down"
