"""Uniform over a range."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jnp
from ..descriptions import description, fitted
from ..errors import InputError, Problems, did_you_mean
from ..table import Column, Table
from .base import FittedPrior, Prior, Reference
from .univariate import Law, Marginal, independent


@fitted
class UniformLaw(Law):
    """Flat between `low` and `high`."""

    low: Any
    high: Any

    def quantile(self, uniform: Any) -> Any:
        """Exact."""
        return self.low + (self.high - self.low) * uniform

    def cdf(self, value: Any, jitter: Any) -> Any:
        """Exact."""
        return jnp.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)

    def log_density(self, value: Any) -> Any:
        """Exact; minus infinity outside the range."""
        inside = (value >= self.low) & (value <= self.high)
        return jnp.where(inside, -jnp.log(self.high - self.low), -jnp.inf)


@fitted
class UniformMarginal(Marginal):
    """A range has no unknown parameter."""

    law: UniformLaw

    def predictive(self) -> UniformLaw:
        """The law itself."""
        return self.law


@description
class Uniform(Prior):
    """Each hidden feature uniform over its observed range, or over the range given for it."""

    ranges: dict[str, tuple[float, float]] = Field(default_factory=dict)
    kind: Literal["uniform"] = "uniform"

    summary = "uniform over the observed or a given range; independent; continuous"
    conditions_on = "nothing"
    cost = "rows, once"

    def __post_init__(self) -> None:
        for name, (low, high) in self.ranges.items():
            if not low < high:
                raise InputError(f"ranges.{name} must be [low, high] with low below high; got [{low:g}, {high:g}].")

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Also ranges of features that are not hidden."""
        super().report_problems(table, hidden, problems)
        names = [column.name for column in hidden]
        for name in self.ranges:
            if name not in names:
                problems.add(f"`prior.ranges` names {name!r}, which is not hidden: {did_you_mean(name, names)}")

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Minimum and maximum of the reference rows where no range is given."""
        ranges = [
            self.ranges.get(column.name, (values.min(), values.max()))
            for column, values in zip(reference.hidden_columns, reference.hidden.T, strict=True)
        ]
        stated = tuple(place for place, it in enumerate(reference.hidden_columns) if it.name in self.ranges)
        return independent(reference, tuple(UniformMarginal(_law(low, high)) for low, high in ranges), stated=stated)

    def explain(self) -> str:
        """In words."""
        where = "its observed range" if not self.ranges else "the range given, else its observed range"
        return f"each uniform over {where}, independently of everything"


def _law(low: float, high: float) -> UniformLaw:
    return UniformLaw(np.float64(low), np.float64(high))
