"""Symmetric noise: every wrong class is equally likely."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..laws import UnitParameter
from .base import (
    FittedNoise,
    Noise,
    Setting,
    mean_of,
    others_alike,
    rates_and_destinations,
    sample_parameter,
    stated,
)


@fitted
class SymmetricChannel(FittedNoise):
    """The same rate for every class."""

    rate: Any = static()
    includes_true: bool = static()
    num_classes: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The rate."""
        return sample_parameter(f"{self.name}.rate", self.rate)

    def transition(self, parameters: Any, context: Any) -> Any:
        """(1 - e) I + e (J - I) / (K - 1), with e the share that changes; exact."""
        changed = parameters * (self.num_classes - 1) / self.num_classes if self.includes_true else parameters
        rates = changed * np.ones(self.num_classes, jnp.result_type(float))
        return rates_and_destinations(rates, others_alike(self.num_classes))


@description
class Symmetric(Noise):
    """A label changes to any other class alike (Angluin & Laird, 1988: random classification noise).

    `rate` is the share of labels that change or, with `includes_true`, the share that is redrawn from all classes,
    the true one included, so that rate * (K - 1) / K change.
    """

    rate: UnitParameter
    includes_true: bool = False
    kind: Literal["symmetric"] = "symmetric"

    summary = "every other class alike, at one rate (both conventions)"
    paper = "Angluin & Laird, 1988"
    strength_field = "rate"

    def fit(self, setting: Setting) -> SymmetricChannel:
        """Nothing is learned."""
        return SymmetricChannel(self.rate, self.includes_true, len(setting.classes), self.label)

    def nominal_rate(self) -> float | None:
        """The rate, as stated: of changes, or of redraws with `includes_true`."""
        return mean_of(self.rate)

    def explain(self) -> str:
        """In words."""
        if self.includes_true:
            return f"a share {stated(self.rate)} of labels is redrawn from all classes alike, the true one included"
        return f"a share {stated(self.rate)} of labels changes to any other class alike"
