"""Noise by a transition matrix that is itself random, with a target rate."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..descriptions import description, fitted, static
from ..errors import InputError
from ..laws import Law, UnitParameter
from .base import FittedNoise, Noise, Setting, mean_of, rates_and_destinations, sample_parameter, stated
from .rates import logistic_rates


@fitted
class RandomMatrixChannel(FittedNoise):
    """Rates by class and destinations, both random; `class_marginal (classes,)` weighs the rates."""

    class_marginal: np.ndarray
    rate: Any = static()
    spread: float = static()
    concentration: float = static()
    largest_rate: float = static()
    classes: tuple = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """Rates (classes,) with the target as their mean, and destinations (classes, classes)."""
        size, named = len(self.classes), {"event_dims": ["class"]}
        target = sample_parameter(f"{self.name}.rate", self.rate)
        scores = numpyro.sample(f"{self.name}.scores", dist.Normal(jnp.zeros(size), 1.0).to_event(1), infer=named)
        alphas = jnp.full((size, size - 1), self.concentration)
        shares = numpyro.sample(
            f"{self.name}.shares",
            dist.Dirichlet(alphas).to_event(1),
            infer={"event_dims": ["class", "other_class"]},
        )
        rates = logistic_rates(self.spread * scores, self.class_marginal, target, self.largest_rate)
        return rates, _without_diagonal(shares)

    def transition(self, parameters: Any, context: Any) -> Any:
        """Row i: 1 - e_i on the diagonal, e_i times the destinations elsewhere; exact given both."""
        return rates_and_destinations(*parameters)


def _without_diagonal(shares: Any) -> Any:
    """Rows over the other classes (K, K - 1) as rows over all (K, K), zero on the diagonal."""
    size = shares.shape[0]
    columns = np.array([[column for column in range(size) if column != row] for row in range(size)])
    return jnp.zeros((size, size), shares.dtype).at[np.arange(size)[:, None], columns].set(shares)


@description
class RandomMatrix(Noise):
    """A random transition matrix whose expected rate over the ground truth is `rate`.

    Class rates are largest_rate * sigmoid(spread * z + c) with z standard normal and c solved for, so `spread` 0 makes
    them equal; destinations are Dirichlet(concentration): large is uniform, small picks one class. A `largest_rate`
    of at most 0.5 keeps the true class the most likely one.
    """

    rate: UnitParameter
    spread: Annotated[float, Field(ge=0)] = 1.0
    concentration: Annotated[float, Field(gt=0)] = 1.0
    largest_rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    kind: Literal["random_matrix"] = "random_matrix"

    summary = "a random transition matrix with a target rate"
    paper = "de Vries & Thierens, 2023; Northcutt et al., 2021"
    strength_field = "rate"

    def __post_init__(self) -> None:
        highest = self.rate.support()[1] if isinstance(self.rate, Law) else self.rate
        if not isinstance(self.rate, Law) and not 0 < highest < self.largest_rate:
            raise InputError(
                f"rate must be above 0 and below largest_rate = {self.largest_rate:g}, or no rates by class reach it; "
                f"got {highest:g}."
            )
        if highest > self.largest_rate:
            raise InputError(
                f"rate can be as high as {highest:g}, above largest_rate = {self.largest_rate:g}: raise largest_rate, "
                "or use a law with a smaller range."
            )

    def at_strength(self, share: float) -> RandomMatrix:
        """Up to just below the largest rate."""
        return dataclasses.replace(self, rate=self.largest_rate * min(max(share, 1e-9), 1.0 - 1e-9))

    def fit(self, setting: Setting) -> RandomMatrixChannel:
        """The class frequencies that weigh the rates."""
        numbers = (self.rate, self.spread, self.concentration, self.largest_rate)
        return RandomMatrixChannel(setting.class_marginal, *numbers, setting.classes, self.label)

    def nominal_rate(self) -> float | None:
        """The target."""
        return mean_of(self.rate)

    def explain(self) -> str:
        """In words."""
        return (
            f"labels change by a random transition matrix with expected rate {stated(self.rate)} (rates by class up to "
            f"{self.largest_rate:g}, destinations Dirichlet({self.concentration:g}))"
        )
