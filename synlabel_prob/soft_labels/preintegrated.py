"""The last hidden feature integrated exactly at each point of the others: class probabilities in place of labels.

Along the last feature a label is constant between breakpoints, so its conditional cdf says how likely each class is
given the other features. That is smooth where scores are, while a label jumps; averages over quasi-random points
converge accordingly faster (Griewank, Kuo, Leovey & Sloan, 2018).
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import Any

from .._lazy import jax, jnp
from ..descriptions import fitted
from ..priors import FittedPrior, Row
from .exact.base import by_class
from .exact.intervals import points_inside
from .facts import breakpoint_count
from .integrand import LabelLaw, point_dims, predictive_draw, theta_and_uniforms

_FEW = 16
_FAR = 1e150


class Preintegrand(abc.ABC):
    """A way to class probabilities at points that leave one direction of the hidden features open."""

    words: str

    @abc.abstractmethod
    def dims(self, prior: FittedPrior) -> int:
        """How many uniforms a point takes."""

    @abc.abstractmethod
    def numbers(self, law: LabelLaw, prior: FittedPrior) -> int:
        """How many numbers are held at once for a point: it bounds the points that are done together."""

    @abc.abstractmethod
    def probabilities(self, law: LabelLaw, prior: FittedPrior, uniforms: Any, given: Row) -> Any:
        """Class probabilities (rows, groups, points, classes) from uniforms (rows, groups, points, dims)."""


@fitted
class LastOfLines(Preintegrand):
    """Scores that are linear in all hidden features: along the last one each class leads between two crossings."""

    words = "exact along the last hidden feature"

    def dims(self, prior: FittedPrior) -> int:
        """Those of a draw."""
        return point_dims(prior)

    def numbers(self, law: LabelLaw, prior: FittedPrior) -> int:
        """Where each pair of classes crosses, and a cdf for each class."""
        classes = len(law.function.classes)
        return 3 * classes**2 + classes * max(4, prior.row_numbers)

    def probabilities(self, law: LabelLaw, prior: FittedPrior, uniforms: Any, given: Row) -> Any:
        """Exact along the last feature."""
        place = prior.last_place

        def of_row(uniforms: Any, row: Row) -> Any:
            fixed, slopes = lines_of(law, row)
            order = jnp.argsort(slopes[:, place])
            fixed, slopes = fixed[order], slopes[order]
            others = slopes.at[:, place].set(0.0)

            def of_point(uniforms: Any) -> Any:
                hidden = predictive_draw(prior, uniforms, row)
                below = functools.partial(_below, prior, uniforms, hidden, row)
                return leading(fixed + others @ hidden, slopes[:, place], order, below)

            return jax.vmap(jax.vmap(of_point))(uniforms)

        return jax.vmap(of_row)(uniforms, given)


@fitted
class LastOfIntervals(Preintegrand):
    """Any ground truth that states its breakpoints: the label inside each interval of the last feature."""

    words = "exact along the last hidden feature"

    def dims(self, prior: FittedPrior) -> int:
        """Those of a draw."""
        return point_dims(prior)

    def numbers(self, law: LabelLaw, prior: FittedPrior) -> int:
        """All features at each interval, and a cdf."""
        width = len(law.hidden) + (0 if law.quicker is not None else len(law.observed))
        intervals = (breakpoint_count(law, law.hidden[prior.last_place]) or 0) + 1
        return intervals * (width + len(law.function.classes) + max(8, prior.row_numbers))

    def probabilities(self, law: LabelLaw, prior: FittedPrior, uniforms: Any, given: Row) -> Any:
        """Exact along the last feature."""
        place, observed = prior.last_place, jnp.asarray(given.observed)
        hidden = _at_points(functools.partial(predictive_draw, prior), given, uniforms)
        found = law.function.breakpoints(law.features(observed, hidden), law.hidden[place])
        assert found is not None
        edges = jnp.sort(found, -1)
        inside = points_inside(edges)
        every = jnp.broadcast_to(hidden[..., None, :], (*inside.shape, hidden.shape[-1])).at[..., place].set(inside)
        codes = law.codes(observed, every)
        parts, classes = (edges, codes[..., :-1], codes[..., 1:]), len(law.function.classes)
        last = jax.nn.one_hot(codes[..., -1], classes)

        def summed(edges: Any, before: Any, after: Any) -> Any:
            def below(uniforms: Any, hidden: Any, values: Any, row: Row) -> Any:
                return _below(prior, uniforms, hidden, row, values)

            own = _at_points(below, given, uniforms, hidden, edges)
            return jnp.clip(by_class(before, own, classes) - by_class(after, own, classes) + last, 0.0, 1.0)

        return _at_changes(summed, *parts)


def lines_of(law: LabelLaw, row: Row) -> tuple[Any, Any]:
    """Scores of one row where hidden features are 0, (classes,), and their slopes (classes, hidden)."""
    features = law.features(jnp.asarray(row.observed)[None], jnp.zeros((1, len(law.hidden))))[0]
    lines = law.function.lines(features, law.hidden)
    assert lines is not None
    return lines


def leading(values: Any, slopes: Any, codes: Any, below: Callable[[Any], Any]) -> Any:
    """The probability of each class code that its line values + slopes t is the largest, by the cdf of t, (classes,).

    Lines (classes,) come in the order of their slopes, with their codes; of equal lines the smaller code leads.
    """
    ends = _ends(values, slopes, codes)
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), below(ends), jnp.ones(1)]))
    is_own = codes == jnp.arange(len(values))[:, None]
    return jnp.where(is_own, jnp.clip(steps, 0.0, 1.0), 0.0).sum(1)


def _ends(values: Any, slopes: Any, codes: Any) -> Any:
    """Up to where a line or one before it is the largest, of all lines but the last, (classes - 1,).

    A later line overtakes all lines up to a given one at the last of its crossings with them; what is looked for is
    where one of the later ones does so first.
    """
    rise = slopes - slopes[:, None]
    crossing = (values[:, None] - values) / jnp.where(rise > 0, rise, 1.0)
    leads = (values > values[:, None]) | ((values == values[:, None]) & (codes < codes[:, None]))
    crossing = jnp.where(rise > 0, crossing, jnp.where(leads, -jnp.inf, jnp.inf))
    ends, overtaken = [], crossing[0]
    for place in range(len(values) - 1):
        overtaken = jnp.maximum(overtaken, crossing[place])
        ends.append(overtaken[place + 1 :].min())
    return jnp.stack(ends)


def saturated(cdf: Callable[[Any], Any], values: Any) -> Any:
    """A cdf of values that may be infinite, or so large that arithmetic with them would be."""
    is_far = jnp.abs(values) > _FAR
    return jnp.where(is_far, jnp.where(values > 0, 1.0, 0.0), cdf(jnp.where(is_far, 0.0, values)))


def _below(prior: FittedPrior, uniforms: Any, hidden: Any, row: Row, values: Any) -> Any:
    """P(last feature <= value) at a point, given the others."""
    theta, _ = theta_and_uniforms(prior, uniforms)
    return saturated(lambda finite: prior.last_cdf(theta, hidden, finite, row), values)


def _at_points(of_point: Callable, given: Row, *arrays: Any) -> Any:
    """`of_point` of each point's part of arrays (rows, groups, points, ...), and of the row."""
    over_points = functools.partial(jax.vmap, in_axes=(*(0,) * len(arrays), None))
    return jax.vmap(over_points(over_points(of_point)))(*arrays, given)


def _at_changes(summed: Callable, edges: Any, before: Any, after: Any) -> Any:
    """`summed` of the edges (..., edges) at which the label changes, and of none but these where they are few."""
    few, changes = min(edges.shape[-1], _FEW), before != after
    if few == edges.shape[-1]:
        return summed(edges, before, after)
    # As in exact intervals: a cdf can cost much more than a label, and most points see few changes.
    first = jnp.argsort(~changes, axis=-1, stable=True)[..., :few]
    return jax.lax.cond(
        (changes.sum(-1) > few).any(),
        lambda: summed(edges, before, after),
        lambda: summed(*(jnp.take_along_axis(it, first, -1) for it in (edges, before, after))),
    )
