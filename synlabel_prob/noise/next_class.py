"""Pair noise: a label moves to the next class."""

from __future__ import annotations

from typing import Any, Literal

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..laws import UnitParameter
from .base import FittedNoise, Noise, Setting, mean_of, rates_and_destinations, sample_parameter, stated


@fitted
class NextClassChannel(FittedNoise):
    """Every class moves to the one after it."""

    rate: Any = static()
    circular: bool = static()
    num_classes: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The rate."""
        return sample_parameter(f"{self.name}.rate", self.rate)

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e at i and e at i + 1; exact."""
        rates = jnp.broadcast_to(parameters, (self.num_classes,))
        if not self.circular:
            rates = rates.at[-1].set(0.0)
        return rates_and_destinations(rates, jnp.roll(jnp.eye(self.num_classes), 1, axis=1))


@description
class NextClass(Noise):
    """A label moves to the next class in the declared order (Han et al., 2018: pair flipping).

    The last class moves to the first, or stays as it is when `circular` is false (ordered classes).
    """

    rate: UnitParameter
    circular: bool = True
    kind: Literal["next_class"] = "next_class"

    summary = "to the next class in the declared order (pair noise), at one rate"

    def fit(self, setting: Setting) -> NextClassChannel:
        """Nothing is learned."""
        return NextClassChannel(self.rate, self.circular, len(setting.classes), self.label)

    def nominal_rate(self) -> float | None:
        """The rate; None without the circle, where it depends on the last class's share."""
        return mean_of(self.rate) if self.circular else None

    def explain(self) -> str:
        """In words."""
        last = "the last one to the first" if self.circular else "the last one stays"
        return f"a share {stated(self.rate)} of labels moves to the next class, {last}"
