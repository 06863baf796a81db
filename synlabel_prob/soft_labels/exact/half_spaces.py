"""Linear scores of normal or Student-t features: scores are again normal or t, and the largest one is the label."""

from __future__ import annotations

from typing import Any

from ..._lazy import jnp
from .bivariate import NODES, bivariate_cdf, univariate_cdf
from .linear_scores import Largest, LinearScores


class HalfSpaces(LinearScores):
    """Two classes by the cdf of one score difference, three by that of two; any number of hidden features."""

    name = "differences of linear scores"

    def wrong_size(self, hidden: int, classes: int) -> str | None:
        """More than three classes."""
        return None if classes <= 3 else f"there are {classes} classes, not two or three"

    def looked_at(self, classes: int) -> int:
        """One difference, or three with the nodes of an integral each."""
        return 1 if classes == 2 else 3 * NODES

    def largest(self) -> Largest:
        """By cdfs."""
        return largest_of_few


def largest_of_few(means: Any, directions: Any, degrees_of_freedom: Any = None) -> Any:
    """The probability of each of two or three classes that its score means + directions @ z is the largest; exact.

    Arguments and result are those of `Largest`.
    """
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
