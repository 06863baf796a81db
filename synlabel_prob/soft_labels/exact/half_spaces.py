"""Linear scores of normal or Student-t features: scores are again normal or t, and the largest one is the label."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..._lazy import jax, jnp
from ...priors import FittedPrior, Row
from ..integrand import LabelLaw
from .base import Route, fact_shapes, integrates_nodes, mean_over_theta
from .bivariate import NODES, bivariate_cdf, univariate_cdf


class HalfSpaces(Route):
    """Two classes by the cdf of one score difference, three by that of two; any number of hidden features."""

    name = "differences of linear scores"

    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """A function without linear scores, more than three classes, a prior that is not normal or t."""
        features = jnp.zeros(len(law.hidden) + len(law.observed))
        if any(law.levels) or jax.eval_shape(lambda it: law.function.lines(it, law.hidden), features) is None:
            return "the ground truth is not the largest of scores that are linear in the hidden features"
        if len(law.function.classes) > 3:
            return f"there are {len(law.function.classes)} classes, not two or three"
        if fact_shapes(prior.elliptical, prior, row) is None:
            return "the prior is no mixture of normal or Student-t laws"
        return integrates_nodes(law)

    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """The score differences of each component: one, or three with the nodes of an integral each."""
        shapes = fact_shapes(prior.elliptical, prior, row)
        components = 1 if shapes is None else shapes[0].shape[0]
        return components * (1 if len(law.function.classes) == 2 else 3 * NODES)

    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """What is evaluated, and the law of each component."""
        return self.evaluations(law, prior, row) * (1 + len(law.hidden) ** 2) + max(4, prior.row_numbers)

    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Exact."""
        probabilities = _answer()(law, prior, given)
        return probabilities, jnp.zeros((len(probabilities), 0, probabilities.shape[-1] + 1))


@functools.cache
def _answer() -> Callable:
    return jax.jit(lambda law, prior, given: jax.vmap(lambda row: _of_row(law, prior, row))(given))


def _of_row(law: LabelLaw, prior: FittedPrior, row: Row) -> Any:
    features = law.features(jnp.asarray(row.observed)[None], jnp.zeros((1, len(law.hidden))))[0]
    lines = law.function.lines(features, law.hidden)
    assert lines is not None
    return mean_over_theta(prior, lambda theta: _of_theta(prior, theta, row, *lines))


def _of_theta(prior: FittedPrior, theta: Any, row: Row, fixed: Any, slopes: Any) -> Any:
    law = prior.elliptical(theta, row)
    assert law is not None
    largest = functools.partial(_largest, fixed, slopes, law.degrees_of_freedom)
    return law.weights @ jax.vmap(largest)(law.locations, law.roots)


def _largest(fixed: Any, slopes: Any, degrees_of_freedom: Any, location: Any, root: Any) -> Any:
    """The probability of each class that its score is the largest, (classes,)."""
    means, directions = fixed + slopes @ location, slopes @ root
    if len(means) == 2:
        lead = _bound(means, directions, 1, 0)
        second = univariate_cdf(lead, degrees_of_freedom)
        return jnp.stack([univariate_cdf(-lead, degrees_of_freedom), second])
    found = [_of_three(means, directions, code, degrees_of_freedom) for code in range(3)]
    return jnp.stack(found)


def _of_three(means: Any, directions: Any, code: int, degrees_of_freedom: Any) -> Any:
    first, second = (other for other in range(3) if other != code)
    angle = _angle(directions[code] - directions[first], directions[code] - directions[second])
    bounds = (_bound(means, directions, code, first), _bound(means, directions, code, second))
    return bivariate_cdf(*bounds, angle, degrees_of_freedom)


def _bound(means: Any, directions: Any, code: int, other: int) -> Any:
    """The lead of one score over another in its deviations; infinite where it is certain, ties to the first."""
    lead, deviation = means[code] - means[other], jnp.linalg.norm(directions[code] - directions[other])
    wins = lead >= 0 if code < other else lead > 0
    sure = jnp.where(wins, jnp.inf, -jnp.inf)
    return jnp.where(deviation > 0, lead / jnp.where(deviation > 0, deviation, 1.0), sure)


def _angle(first: Any, second: Any) -> Any:
    """Between two vectors, accurate also where they are nearly parallel (Kahan, 2006); 0 for a zero vector."""
    lengths = (jnp.linalg.norm(first), jnp.linalg.norm(second))
    one, other = first * lengths[1], second * lengths[0]
    return 2 * jnp.arctan2(jnp.linalg.norm(one - other), jnp.linalg.norm(one + other))
