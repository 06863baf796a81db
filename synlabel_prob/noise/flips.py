"""Noise as a rate times a destination: how often labels change, where more often, and to which class."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jnp
from ..descriptions import constant, description, fitted, one_of, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..laws import Law, UnitParameter
from ..table import Table
from .base import (
    DependsOn,
    FittedNoise,
    Noise,
    Setting,
    mean_of,
    rates_and_destinations,
    sample_parameter,
    stated,
)
from .destinations import DESCRIPTIONS as DESTINATIONS
from .destinations import Destination, FittedDestination, ToOthers
from .probabilities import Probabilities
from .rates import scale_to_mean
from .weights import DESCRIPTIONS as WEIGHTS
from .weights import FittedWeight, Weight

if TYPE_CHECKING:
    AnyWeight = Weight
    AnyDestination = Destination
else:
    AnyWeight = one_of(Weight, WEIGHTS)
    AnyDestination = one_of(Destination, DESTINATIONS)


@fitted
class FlipsChannel(FittedNoise):
    """Rates min(largest_rate, c weight) and destinations.

    c makes `rate` the mean over cells, each a row and a class with a share of all labels: `weights (cells,)`,
    `shares (cells,)`.
    """

    probabilities: Probabilities
    weight: FittedWeight | None
    destination: FittedDestination
    weights: np.ndarray
    shares: np.ndarray
    rate: Any = static()
    largest_rate: float = static()
    depends_on: DependsOn = static()
    name: str = static()
    is_fixed: bool = static(default=False)

    @property
    def runs_in_jax(self) -> bool:
        """As all its parts do."""
        used = [part for part in (self.weight, self.destination) if part is not None]
        read = [self.probabilities] if any(part.reads_probabilities for part in used) else []
        return all(part.runs_in_jax for part in (*used, *read))

    def sample_parameters(self) -> Any:
        """The constant c that reaches the target rate, or the largest rate that can be reached."""
        target = sample_parameter(f"{self.name}.rate", self.rate)
        weights, shares = constant(self.weights), constant(self.shares)
        reachable = self.largest_rate * jnp.where(weights > 0, shares, 0.0).sum()
        return scale_to_mean(weights, jnp.minimum(target, reachable), self.largest_rate, shares)

    def context(self, source: Any) -> Any:
        """Weights (..., classes) or (..., 1), and what the destinations need."""
        weights, read = self._weights(source)
        return weights, self.destination.context(read if self.destination.reads_probabilities else source)

    def _weights(self, source: Any) -> tuple[Any, Any]:
        """Weights, and the class probabilities where a part reads them, worked out once."""
        used = [part for part in (self.weight, self.destination) if part is not None]
        read = self.probabilities.at(source) if any(part.reads_probabilities for part in used) else None
        found = np.ones(1)
        if self.weight is not None:
            found = self.weight.at(read if self.weight.reads_probabilities else source)
        if found.ndim == 1 and source is not None:
            # With the axes of the rows, as every context has that depends on them.
            found = jnp.broadcast_to(found, (*source.shape[:-1], len(found)))
        return found, read

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e_i on the diagonal and e_i times the destinations; exact given c."""
        weights, place = context
        destinations = self.destination.towards(place)
        rates = jnp.minimum(self.largest_rate, parameters * jnp.asarray(weights))
        rates = jnp.broadcast_to(rates, (*rates.shape[:-1], destinations.shape[-1]))
        stays = self.destination.stays
        return rates_and_destinations(rates if stays is None else jnp.where(stays, 0.0, rates), destinations)

    def once_drawn(self) -> FlipsChannel:
        """Without the rate, which has become the constant c, and without the cells that it was solved on."""
        return dataclasses.replace(self, rate=0.0, weights=np.ones(1), shares=np.ones(1))

    def for_soft_labels(self, soft_labels: Any) -> FlipsChannel:
        """With the weights of these rows, when it is they that the rate goes by.

        Raises:
            InputError: the target rate is out of reach on them.
        """
        if self.depends_on != "soft_label" or self.is_fixed:
            return self
        return self.solved_on(np.asarray(soft_labels), np.asarray(soft_labels))

    def fixed_on(self, soft_labels: Any) -> FlipsChannel:
        """The same once and for all; errors as there."""
        return dataclasses.replace(self.for_soft_labels(soft_labels), is_fixed=True)

    def solved_on(self, source: Any, labels: np.ndarray) -> FlipsChannel:
        """With the cells of these rows; `labels (rows, classes)` are probabilities.

        Raises:
            InputError: the target rate is out of reach on them.
        """
        weights, shares = _cells(np.asarray(self._weights(source)[0]), self.destination.stays, labels)
        _check_reach(self.name, self.rate, self.largest_rate, weights, shares)
        return dataclasses.replace(self, weights=weights, shares=shares)


def _cells(weights: np.ndarray, stays: np.ndarray | None, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and shares of the rows' classes, (cells,) each: those that have a share of the labels."""
    shares = labels / len(labels)
    if weights.ndim == 1:
        shares = shares.sum(0, keepdims=True)
    if stays is not None:
        weights = np.where(stays, 0.0, weights)
    if weights.shape[-1] == 1:
        shares = shares.sum(-1, keepdims=True)
    weights = np.broadcast_to(weights, shares.shape).ravel()
    kept = shares.ravel() > 0
    return weights[kept], shares.ravel()[kept]


def _check_reach(name: str, rate: Any, largest_rate: float, weights: np.ndarray, shares: np.ndarray) -> None:
    share = float(shares[weights > 0].sum())
    if mean_of(rate) > largest_rate * share * (1 + 1e-12):
        raise InputError(
            f"`noise.{name}.rate` is {stated(rate)}, but only {share:.1%} of labels can change (the others have weight "
            f"0 or nowhere to go), so a mean rate above {largest_rate * share:.3g} is out of reach: lower it"
            + ("." if largest_rate == 1 else f", or raise largest_rate = {largest_rate:g}.")
        )


@description
class Flips(Noise):
    """A share `rate` of labels changes, more often where a weight is large, to a class that a destination says.

    The rate of a row's class is min(largest_rate, c weight), with c such that the mean over the ground truth's labels
    (or the soft labels, where it is they that weight or destination go by) is exactly `rate`. `more_often` is a weight,
    everywhere alike where it is left out; `towards` is a destination, any other class alike by default. Where `rate` is
    a law, draws above what the rows can reach count as the highest that they can.
    """

    rate: UnitParameter
    more_often: AnyWeight | None = None
    towards: AnyDestination = ToOthers()
    largest_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    kind: Literal["flips"] = "flips"

    summary = "a rate (more often where ...) times a destination (towards ...)"
    paper = "Zhang et al., 2021; Xia et al., 2020; and others, by its parts"
    strength_field = "rate"

    def __post_init__(self) -> None:
        if not isinstance(self.rate, Law) and self.rate > self.largest_rate:
            raise InputError(f"rate must be at most largest_rate = {self.largest_rate:g}; got {self.rate:g}.")
        needs = {part.depends_on for part in self._parts()} - {"nothing"}
        if len(needs) > 1:
            raise InputError(
                f"more_often = {self._parts()[1].kind!r} and towards = {self.towards.kind!r} must both go by features, "
                "or both by the soft label; one of them goes by features, which single draws of the hidden features "
                "have, the other by the soft label, which they have not: set the same source for both."
            )

    def at_strength(self, share: float) -> Flips:
        """Up to the largest rate."""
        return dataclasses.replace(self, rate=share * self.largest_rate)

    def _parts(self) -> tuple[Any, ...]:
        return (self.towards,) if self.more_often is None else (self.towards, self.more_often)

    @property
    def depends_on(self) -> DependsOn:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What weight and destination do."""
        return next((part.depends_on for part in self._parts() if part.depends_on != "nothing"), "nothing")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Those of weight and destination."""
        if self.more_often is not None:
            self.more_often.report_problems(f"noise.{self.label}.more_often", table, ground_truth, problems)
        self.towards.report_problems(f"noise.{self.label}.towards", table, ground_truth, problems)

    def fit(self, setting: Setting) -> FlipsChannel:
        """Solved on the ground truth's rows; with soft labels as the source, once they are known.

        Raises:
            InputError: weight or destination do not fit the rows, or the target rate is out of reach.
        """
        on_soft_labels = self.depends_on == "soft_label"
        weight = None if self.more_often is None else self.more_often.fit(setting)
        read = Probabilities(None if on_soft_labels else setting.ground_truth)
        parts = (read, weight, self.towards.fit(setting), np.ones(1), np.ones(1))
        made = FlipsChannel(*parts, self.rate, self.largest_rate, self.depends_on, self.label)
        if on_soft_labels:
            return made
        return made.solved_on(setting.table.features, np.eye(len(setting.classes))[setting.labels])

    def nominal_rate(self) -> float | None:
        """The target."""
        return mean_of(self.rate)

    def explain(self) -> str:
        """In words."""
        where = "" if self.more_often is None else f", more often {self.more_often.explain()},"
        return f"a share {stated(self.rate)} of labels changes{where} {self.towards.explain()}"
