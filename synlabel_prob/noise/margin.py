"""Instance-dependent noise: the less clear the class, the likelier it is taken for the second most likely one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth, GroundTruthFunction, host_probabilities
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
from .rates import scale_to_mean


@fitted
class MarginChannel(FittedNoise):
    """Flip rates by the margin of class probabilities; the target rate is a mean over `weights (rows,)`."""

    weights: np.ndarray
    function: GroundTruthFunction | None
    rate: Any = static()
    largest_rate: float = static()
    exponent: float = static()
    depends_on: DependsOn = static()
    name: str = static()

    @property
    def runs_in_jax(self) -> bool:
        """As the ground truth does."""
        return self.function is None or self.function.runs_in_jax

    def sample_parameters(self) -> Any:
        """The target rate and the constant that reaches it."""
        target = sample_parameter(f"{self.name}.rate", self.rate)
        reachable = self.largest_rate * jnp.mean(jnp.asarray(self.weights) > 0, dtype=float)
        return scale_to_mean(jnp.asarray(self.weights), jnp.minimum(target, reachable), self.largest_rate)

    def context(self, source: Any) -> Any:
        """Class probabilities (..., classes): of the ground truth at these features, or the soft labels themselves."""
        return source if self.function is None else host_probabilities(self.function, source)

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e on the diagonal and e at the most likely class other than i; exact."""
        context = jnp.asarray(context)
        size = context.shape[-1]
        rate = jnp.minimum(self.largest_rate, parameters * _weight(context, self.exponent))
        others = jnp.where(jnp.eye(size, dtype=bool), -1.0, context[..., None, :])
        return rates_and_destinations(rate[..., None], jax.nn.one_hot(others.argmax(-1), size, dtype=context.dtype))

    def for_soft_labels(self, soft_labels: Any) -> MarginChannel:
        """With the weights of these rows, when it is they that the rate goes by.

        Raises:
            InputError: too few rows are unclear for the target rate.
        """
        if self.depends_on != "soft_label":
            return self
        weights = np.asarray(_weight(np.asarray(soft_labels), self.exponent))
        _check_reach(self.name, self.rate, self.largest_rate, weights, "soft labels")
        numbers = (self.rate, self.largest_rate, self.exponent, self.depends_on, self.name)
        return MarginChannel(weights, None, *numbers)


def _weight(probabilities: Any, exponent: float) -> Any:
    ordered = probabilities.sort(-1) if not isinstance(probabilities, np.ndarray) else np.sort(probabilities, -1)
    return (1.0 - (ordered[..., -1] - ordered[..., -2])) ** exponent


def _check_reach(name: str, rate: Any, largest_rate: float, weights: np.ndarray, what: str) -> None:
    share = float((weights > 0).mean())
    if mean_of(rate) > largest_rate * share:
        raise InputError(
            f"`noise.{name}.rate` is {stated(rate)}, but only {share:.1%} of rows have {what} that leave any doubt, so "
            f"a mean rate above {largest_rate * share:.3g} is out of reach: lower it"
            + ("." if largest_rate == 1 else f", or raise largest_rate = {largest_rate:g}.")
        )


@description
class Margin(Noise):
    """A label changes to the most likely other class, the more often the smaller the margin between the top two.

    The rate of a row is min(largest_rate, c (1 - margin)^exponent), with c such that its mean over the rows is `rate`.
    `source` says whose probabilities: the `ground_truth`'s at the row's features, hidden ones included (then the noise
    is integrated together with the label), or the row's `soft_label` before any noise. Where `rate` is a law, draws
    above what the rows can reach count as the highest that they can.
    """

    rate: UnitParameter
    source: Literal["ground_truth", "soft_label"] = "ground_truth"
    exponent: Annotated[float, Field(gt=0)] = 1.0
    largest_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    kind: Literal["margin"] = "margin"

    summary = "more often where the top two classes are close, to the second most likely (instance-dependent)"

    def __post_init__(self) -> None:
        if not isinstance(self.rate, Law) and self.rate > self.largest_rate:
            raise InputError(f"rate must be at most largest_rate = {self.largest_rate:g}; got {self.rate:g}.")

    @property
    def depends_on(self) -> DependsOn:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The row's soft label, or all its features."""
        return "soft_label" if self.source == "soft_label" else "features"

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """A ground truth without probabilities."""
        if self.source == "ground_truth" and not ground_truth.gives_probabilities:
            problems.add(
                f"`noise.{self.label}` goes by the margin of the ground truth's probabilities, but "
                f"{ground_truth.kind!r} "
                'gives labels only: set source = "soft_label", or use a function that has them.'
            )

    def fit(self, setting: Setting) -> MarginChannel:
        """Solved on the ground truth's rows; with soft labels as the source, once they are known.

        Raises:
            InputError: the ground truth has no probabilities, or too few rows are unclear for the target rate.
        """
        numbers = (self.rate, self.largest_rate, self.exponent, self.depends_on, self.label)
        if self.source == "soft_label":
            return MarginChannel(np.ones(1), None, *numbers)
        probabilities = np.asarray(setting.ground_truth.probabilities(setting.table.features))
        weights = _weight(probabilities, self.exponent)
        _check_reach(self.label, self.rate, self.largest_rate, weights, "ground-truth probabilities")
        return MarginChannel(weights, setting.ground_truth, *numbers)

    def nominal_rate(self) -> float | None:
        """The target."""
        return mean_of(self.rate)

    def explain(self) -> str:
        """In words."""
        whose = "the ground truth's probabilities" if self.source == "ground_truth" else "the row's soft label"
        return (
            f"labels change to the most likely other class, at mean rate {stated(self.rate)}, more often where the "
            f"margin of {whose} is small"
        )
