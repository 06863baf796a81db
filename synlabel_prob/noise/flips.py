"""Noise as a rate times a destination: how often labels change, where more often, and to which class."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp, numpyro
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
from .cells import Cells, cells
from .destinations import DESCRIPTIONS as DESTINATIONS
from .destinations import Destination, FittedDestination, ToOthers
from .probabilities import Probabilities
from .rates import scale_to_mean
from .weights import DESCRIPTIONS as WEIGHTS
from .weights import AlikeWeight, FittedWeight, Weight

if TYPE_CHECKING:
    AnyWeight = Weight
    AnyDestination = Destination
else:
    AnyWeight = one_of(Weight, WEIGHTS)
    AnyDestination = one_of(Destination, DESTINATIONS)


@fitted
class FlipsChannel(FittedNoise):
    """Rates min(largest_rate, c weight) and destinations.

    c makes `rate` the mean over the cells; these are None where c is known, or where it takes the soft labels of all
    rows.
    """

    probabilities: Probabilities
    weight: FittedWeight
    destination: FittedDestination
    cells: Cells | None
    rate: Any = static()
    largest_rate: float = static()
    depends_on: DependsOn = static()
    name: str = static()
    is_fixed: bool = static(default=False)

    @property
    def runs_in_jax(self) -> bool:
        """As all its parts do."""
        read = [self.probabilities] if self._reads_probabilities else []
        return all(part.runs_in_jax for part in (self.weight, self.destination, *read))

    @property
    def _reads_probabilities(self) -> bool:
        return self.weight.reads_probabilities or self.destination.reads_probabilities

    def sample_parameters(self) -> Any:
        """The constant c that reaches the target rate, or the largest rate that can be reached; and the parts'."""
        target = sample_parameter(f"{self.name}.rate", self.rate)
        weighing = self.weight.sample_parameters(f"{self.name}.more_often")
        leading = self.destination.sample_parameters(f"{self.name}.towards")
        if self.cells is None:
            return target, weighing, leading
        weights, shares = self.cells.weights(self.weight, weighing), constant(self.cells.shares)
        reachable = self.largest_rate * jnp.where(weights > 0, shares, 0.0).sum()
        return scale_to_mean(weights, jnp.minimum(target, reachable), self.largest_rate, shares), weighing, leading

    def context(self, source: Any) -> Any:
        """What weight and destination need; class probabilities are worked out once."""
        read = self.probabilities.at(source) if self._reads_probabilities else None
        parts = (self.weight, self.destination)
        return tuple(part.context(read if part.reads_probabilities else source) for part in parts)

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e_i on the diagonal and e_i times the destinations; exact given c."""
        (scale, weighing, leading), (place, way) = parameters, context
        destinations = self.destination.towards(leading, way)
        rates = jnp.minimum(self.largest_rate, scale * self.weight.weights(weighing, place))
        rates = jnp.broadcast_to(rates, (*rates.shape[:-1], destinations.shape[-1]))
        stays = self.destination.stays
        return rates_and_destinations(rates if stays is None else jnp.where(stays, 0.0, rates), destinations)

    def once_drawn(self) -> FlipsChannel:
        """Without the rate, which has become the constant c, and without the cells that it was solved on."""
        parts = {"weight": self.weight.once_drawn(), "destination": self.destination.once_drawn()}
        return dataclasses.replace(self, rate=0.0, cells=None, **parts)

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
        with jax.ensure_compile_time_eval():  # rows are known, even where a model of them is traced
            found = cells(self.weight, self.context(source)[0], self.destination, labels)
            weighing = numpyro.handlers.seed(self.weight.sample_parameters, 0)(f"{self.name}.more_often")
            weights = np.asarray(found.weights(self.weight, weighing))
        _check_reach(self.name, self.rate, self.largest_rate, weights, found.shares)
        return dataclasses.replace(self, cells=found)


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
        weight = AlikeWeight() if self.more_often is None else self.more_often.fit(setting)
        read = Probabilities(None if on_soft_labels else setting.ground_truth)
        parts = (read, weight, self.towards.fit(setting), None)
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
