"""One hidden feature: between the values where the label may change it is constant, and the cdf says how likely."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..._lazy import jax, jnp
from ...priors import FittedPrior, Row
from ..facts import breakpoint_count
from ..integrand import LabelLaw
from .base import Route, by_class, integrates_nodes, mean_over_theta

_FEW = 16


class Intervals(Route):
    """The label in each interval between breakpoints of the ground truth, by differences of the prior's cdf."""

    name = "intervals of the hidden feature"
    asks_for_labels = True

    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """More than one hidden feature, a function without breakpoints, a prior without a cdf."""
        if len(law.hidden) != 1:
            return f"{len(law.hidden)} features are resampled, not one"
        if not prior.has_cdf:
            return "the prior has no cdf"
        if breakpoint_count(law, law.hidden[0]) is None:
            return "the ground truth does not say at which values of the hidden feature its label may change"
        return integrates_nodes(law)

    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """The intervals."""
        return (breakpoint_count(law, law.hidden[0]) or 0) + 1

    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """At each interval all features, and whatever the prior's law of a row holds."""
        width = len(law.hidden) + len(law.observed) + len(law.function.classes) + max(4, prior.row_numbers)
        return self.evaluations(law, prior, row) * width

    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Exact."""
        probabilities = _answer()(law, prior, given)
        return probabilities, jnp.zeros((len(probabilities), 0, probabilities.shape[-1] + 1))


@functools.cache
def _answer() -> Callable:
    def answer(law: LabelLaw, prior: FittedPrior, given: Row) -> Any:
        edges = _edges(law, jnp.asarray(given.observed))
        codes = law.codes(given.observed, points_inside(edges)[..., None])
        parts, few = (edges, codes[:, :-1], codes[:, 1:]), min(edges.shape[1], _FEW)
        changes = parts[1] != parts[2]
        first = jnp.argsort(~changes, axis=1, stable=True)[:, :few]
        # A cdf can cost much more than a label, and most rows change theirs a few times or never.
        return jax.lax.cond(
            (changes.sum(1) > few).any(),
            lambda: _summed(law, prior, given, codes[:, -1], *parts),
            lambda: _summed(law, prior, given, codes[:, -1], *(jnp.take_along_axis(it, first, 1) for it in parts)),
        )

    return jax.jit(answer)


def _summed(law: LabelLaw, prior: FittedPrior, given: Row, last: Any, edges: Any, before: Any, after: Any) -> Any:
    """Soft labels from the labels before and after edges (rows, edges), and after the last one: sums by parts."""
    below = jax.vmap(lambda own, row: _cdf(prior, own, row))(edges, given)
    classes = len(law.function.classes)
    found = by_class(before, below, classes) - by_class(after, below, classes)
    return jnp.clip(found + jax.nn.one_hot(last, classes), 0.0, 1.0)


def _cdf(prior: FittedPrior, edges: Any, row: Row) -> Any:
    """P(feature <= edge) of one row, (edges,)."""

    def below(theta: Any) -> Any:
        found = jax.vmap(lambda edge: prior.cdf(theta, edge, row))(jnp.where(jnp.isinf(edges), 0.0, edges))
        return jnp.where(edges == jnp.inf, 1.0, jnp.where(edges == -jnp.inf, 0.0, found))

    return mean_over_theta(prior, below)


def _edges(law: LabelLaw, observed: Any) -> Any:
    """Where the label of each row may change, sorted, (rows, points)."""
    features = law.features(observed, jnp.zeros((len(observed), 1)))
    found = law.function.breakpoints(features, law.hidden[0])
    assert found is not None
    return jnp.sort(found, -1)


def points_inside(edges: Any) -> Any:
    """A value inside each interval (lower, upper] between sorted edges (..., edges), (..., edges + 1)."""
    ends = jnp.full((*edges.shape[:-1], 1), jnp.inf)
    lower, upper = jnp.concatenate([-ends, edges], -1), jnp.concatenate([edges, ends], -1)
    middle = jnp.where(jnp.isinf(lower), upper - 1.0 - jnp.abs(upper), 0.5 * lower + 0.5 * upper)
    middle = jnp.where(jnp.isinf(upper), lower + 1.0 + jnp.abs(lower), middle)
    middle = jnp.where(jnp.isinf(lower) & jnp.isinf(upper), 0.0, middle)
    return jnp.where(middle > lower, middle, upper)
