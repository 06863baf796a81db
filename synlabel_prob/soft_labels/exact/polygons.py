"""Linear scores of two hidden features: each class has a convex polygon, whose probability is a sum over its edges.

Let the law be the same in all directions around 0. A ray from there leaves the polygon that holds 0 by one edge, or
never; it enters and leaves any other by two edges, stays inside it, or misses it. So with S(r) the probability of a
distance above r,

    P(polygon) = 1[it holds 0] - sum over its edges of s A,    A = (1 / 2 pi) integral of S(h / cos b) over b,

where h is the distance from 0 to the line of the edge, b runs over the directions of the edge around that of the line's
nearest point, and s is 1 where 0 is on the polygon's side of the line and -1 elsewhere. For the normal law A is a
difference of two of Owen's (1956) T functions. An edge divides two classes, so that rows sum to 1.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from ..._lazy import jax, jnp
from .bivariate import NODES, doubly_exponential, tail_of_distance
from .linear_scores import Largest, LinearScores

_LITTLE = 1e-100
_ROUNDING = 256 * float(np.finfo(np.float64).eps)


class Polygons(LinearScores):
    """Any number of classes, two hidden features that are normal or Student-t."""

    name = "polygons of linear scores"

    def wrong_size(self, hidden: int, classes: int) -> str | None:
        """Other than two hidden features."""
        return None if hidden == 2 else f"{hidden} features are resampled, not two"

    def looked_at(self, classes: int) -> int:
        """The nodes of an integral for each pair of classes."""
        return max(1, classes * (classes - 1) // 2) * NODES

    def largest(self) -> Largest:
        """By edges."""
        return polygons


def polygons(means: Any, directions: Any, degrees_of_freedom: Any = None) -> Any:
    """The probability that means + directions @ z is largest for each class, (classes,); ties go to the first.

    Args:
        means: (classes,).
        directions: (classes, 2).
        degrees_of_freedom: of z, Student-t in two dimensions; None where it is standard normal.
    """
    classes = len(means)
    # Where three lines meet at 0 itself, how they pass it decides: ties are broken for the first class.
    means = means - means.max() + _LITTLE * 0.5 ** jnp.arange(classes)
    inside = jax.nn.one_hot(jnp.argmax(means), classes, dtype=means.dtype)
    if classes == 1:
        return inside
    first, second = (np.array(part) for part in zip(*itertools.combinations(range(classes), 2), strict=True))
    crossed = jax.vmap(functools.partial(_beyond_edge, means, directions, degrees_of_freedom))(first, second)
    signed = jnp.where(means[first] >= means[second], crossed, -crossed)
    return jnp.clip(inside.at[first].add(-signed).at[second].add(signed), 0.0, 1.0)


def _beyond_edge(means: Any, directions: Any, degrees_of_freedom: Any, first: Any, second: Any) -> Any:
    """A of the edge between two classes, 0 where they have none."""
    across = directions[first] - directions[second]
    length = jnp.linalg.norm(across)
    normal = across / jnp.where(length > 0, length, 1.0)
    lead = (means[first] - means[second]) / jnp.where(length > 0, length, 1.0)
    start, stop = _edge(means, directions, normal, lead, length, first, second)
    mass = _mass(jnp.abs(lead), start, stop, degrees_of_freedom)
    return jnp.where((length > 0) & (start < stop), mass, 0.0)


def _edge(means: Any, directions: Any, normal: Any, lead: Any, length: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """From where to where on their line no other class is ahead of two; the line's nearest point to 0 is at 0."""
    along = jnp.stack([-normal[1], normal[0]])
    others = directions - directions[first]
    ahead, slope = means - means[first] - lead * (others @ normal), others @ along
    # What is 0 but for rounding is 0: else classes that meet all along a line could each, or none, have an edge there.
    scale = jnp.abs(directions).sum(-1) + jnp.abs(directions[first]).sum()
    parallel = jnp.abs(slope) <= _ROUNDING * scale
    size = jnp.abs(means) + jnp.abs(means[first]) + jnp.abs(lead) * scale
    tied = parallel & (jnp.abs(ahead) <= _ROUNDING * size)
    ahead = jnp.where(tied, _tie(others @ normal, length, first, second), ahead)
    codes = jnp.arange(len(means))
    beside = (codes == first) | (codes == second)
    meets = -ahead / jnp.where(parallel, 1.0, slope)
    start = jnp.where(beside | parallel | (slope > 0), -jnp.inf, meets).max()
    stop = jnp.where(beside | parallel | (slope < 0), jnp.inf, meets).min()
    blocked = (parallel & (ahead > 0) & ~beside).any()
    return start, jnp.where(blocked, -jnp.inf, stop)


def _tie(steepness: Any, length: Any, first: Any, second: Any) -> Any:
    """Who is ahead on a line where scores are equal, as if every class had a little more than those after it."""
    little = 0.5 ** jnp.arange(len(steepness))
    shift = (little[first] - little[second]) / jnp.where(length > 0, length, 1.0)
    return little - little[first] - shift * steepness


def _mass(distance: Any, start: Any, stop: Any, degrees_of_freedom: Any) -> Any:
    """The integral over the directions from `start` to `stop` on a line."""
    position, rest, weight = (jnp.asarray(part) for part in doubly_exponential())
    below, above = jnp.arctan2(distance, -start), jnp.arctan2(distance, stop)  # to the two directions of the line
    width = jnp.maximum(jnp.pi - below - above, 0.0)
    cosine = jnp.sin(jnp.minimum(below + width * position, above + width * rest))
    ratio = jnp.where(distance > 0, distance / jnp.where(cosine > 0, cosine, jnp.inf), 0.0)
    reached = jnp.where((cosine > 0) | (distance == 0), tail_of_distance(ratio**2, degrees_of_freedom), 0.0)
    return width * (weight * reached).sum() / (2 * jnp.pi)
