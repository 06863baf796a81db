"""Class-conditional noise: a rate for each class."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..table import Table
from .base import (
    FittedNoise,
    Noise,
    Setting,
    class_codes,
    mean_of,
    others_alike,
    rates_and_destinations,
    sample_parameter,
    stacked,
    stated,
)


@fitted
class ClassConditionalChannel(FittedNoise):
    """A rate for each class; a class without one is never changed."""

    rates: tuple[tuple[int, Any], ...] = static()
    classes: tuple = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """One rate a class, (classes,)."""
        sampled = {code: sample_parameter(f"{self.name}.rate.{self.classes[code]}", rate) for code, rate in self.rates}
        return stacked([sampled.get(code, np.zeros((), jnp.result_type(float))) for code in range(len(self.classes))])

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e_i on the diagonal, e_i / (K - 1) elsewhere; exact."""
        return rates_and_destinations(parameters, others_alike(len(self.classes)))


@description
class ClassConditional(Noise):
    """A label of class i changes with its own rate to any other class alike (Frenay & Verleysen, 2014: NAR).

    `rates = { setosa = 0.1, virginica = 0.3 }`; classes that are not named never change.
    """

    rates: dict[str, UnitParameter]
    kind: Literal["class_conditional"] = "class_conditional"

    summary = "a rate for each class, every other class alike"
    paper = "Frenay & Verleysen, 2014"

    def __post_init__(self) -> None:
        if not self.rates:
            raise InputError("rates must name at least one class; got none.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.rates:
            if name not in known:
                problems.add(f"`noise.{self.label}.rates` names the class {name!r}: {did_you_mean(name, known)}")

    def at_strength(self, share: float) -> ClassConditional:
        """All rates in their proportions, the largest at the share."""
        largest = max(mean_of(rate) for rate in self.rates.values()) or 1.0
        return dataclasses.replace(
            self, rates={name: share * mean_of(rate) / largest for name, rate in self.rates.items()}
        )

    def fit(self, setting: Setting) -> ClassConditionalChannel:
        """Nothing is learned."""
        rates = tuple(sorted(class_codes(self.rates, setting.classes).items()))
        return ClassConditionalChannel(rates, setting.classes, self.label)

    def explain(self) -> str:
        """In words."""
        rates = ", ".join(f"{name} {stated(rate)}" for name, rate in self.rates.items())
        return f"labels change by class ({rates}) to any other class alike"
