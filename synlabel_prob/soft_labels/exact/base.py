"""What a route to exact soft labels answers, and averages that several of them take."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, ClassVar

from ..._lazy import jax, jnp
from ...priors import FittedPrior, Row
from ..integrand import LabelLaw


class Route(abc.ABC):
    """One way to integrate a label over the hidden features of a row without a Monte Carlo error.

    Routes have no state. `row` is one row, whose values decide nothing.
    """

    name: ClassVar[str]
    asks_for_labels: ClassVar[bool] = False
    """Whether it takes a label at each place, so that rows whose label nothing can change had better be left out."""

    @abc.abstractmethod
    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """In words, why it cannot answer; None where it can."""

    @abc.abstractmethod
    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """How many places of a row are looked at, where it can answer."""

    @abc.abstractmethod
    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """How many numbers are held at once for a row, at most: it bounds the rows that are done together."""

    def facts(self, law: LabelLaw) -> Any:
        """Arrays that the ground truth states, worked out once for all rows."""
        return ()

    @abc.abstractmethod
    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Soft labels (rows, classes) of rows, and after each node laws and changes (rows, nodes, classes + 1)."""


def mean_over_theta(prior: FittedPrior, value: Callable[[Any], Any]) -> Any:
    """The mean of `value(theta)` over the kept draws, one after another."""
    first = value(prior.theta_at(0))
    if prior.num_theta == 1:
        return first
    total = jax.lax.fori_loop(1, prior.num_theta, lambda draw, total: total + value(prior.theta_at(draw)), first)
    return total / prior.num_theta


def integrates_nodes(law: LabelLaw) -> str | None:
    """Why noise that depends on hidden features rules a route out."""
    if not law.nodes:
        return None
    return "noise depends on the hidden features"


def by_class(codes: Any, weights: Any, classes: int) -> Any:
    """Weights (..., points) added up by the class of each point, (..., classes)."""
    return jnp.stack([jnp.where(codes == code, weights, 0.0).sum(-1) for code in range(classes)], -1)
