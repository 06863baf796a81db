"""The label along one hidden feature as a step function, found by evaluating and bisecting; for any ground truth.

The label is asked at values spread like the prior's; where two neighbours differ, the change between them is halved
down to floating point. What is missed are changes between neighbours that have the same label, and more than two
between others, so that an average of steps is no more than near; the random points of `Differences` say how near.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..priors import FittedPrior, Row
from ..randomness import sobol_words, to_uniform
from .exact.base import integrates_nodes, mean_over_theta
from .integrand import LabelLaw, point_dims, predictive_draw
from .tiles import Rows

_HALVINGS = 50


class Steps(NamedTuple):
    """A step function of one feature for each row.

    Attributes:
        values: (rows, values) where the label was asked, sorted.
        codes: (rows, values) the labels there.
        first: (rows, values - 1) up to where, between neighbours, the left label holds.
        second: (rows, values - 1) from where on the right one does.
        middle: (rows, values - 1) the label in between.
        probabilities: (rows, classes) exact under the prior.
    """

    values: Any
    codes: Any
    first: Any
    second: Any
    middle: Any
    probabilities: Any


def why_no_bisection(law: LabelLaw, prior: FittedPrior, rows: Rows) -> str | None:
    """In words, why the label cannot be bisected; None where it can."""
    if rows.given.known is not None:
        return "the table misses values, so that each row has its own hidden features"
    if len(law.hidden) != 1:
        return f"{len(law.hidden)} features are hidden, not one"
    if law.levels[0]:
        return "the hidden feature has levels, not numbers"
    if not prior.has_cdf:
        return "the prior has no cdf"
    return integrates_nodes(law)


def steps_of(law: LabelLaw, prior: FittedPrior, given: Row, cells: int) -> Steps:
    """The step function of rows, from `cells` values, a power of two, and two in the tails; exact in what it sees.

    On the host where the law runs there.
    """
    dims = point_dims(prior)
    within = sobol_words(dims, cells.bit_length() - 1)
    ends = np.array([[0], [2**32 - 1]], dtype=np.uint32).repeat(dims, 1)  # far into both tails
    words = np.concatenate([ends[:1], within, ends[1:]])
    if law.runs_in_jax:
        return _in_one_program()(law, prior, given, words)
    return _on_host(law, prior, given, np.asarray(_spread_values()(prior, given, words)))


@functools.cache
def _spread_values() -> Callable:
    def values(prior: FittedPrior, given: Row, words: Any) -> Any:
        of_row = jax.vmap(functools.partial(predictive_draw, prior), (0, None))
        return jnp.sort(jax.vmap(of_row, (None, 0))(to_uniform(jnp.asarray(words)), given)[..., 0], -1)

    return jax.jit(values)


@functools.cache
def _in_one_program() -> Callable:
    def steps(law: LabelLaw, prior: FittedPrior, given: Row, words: Any) -> Steps:
        values = _spread_values()(prior, given, words)
        codes, rows = law.codes(given.observed, values[..., None]), jnp.arange(len(values))

        def bisect(place: Any, found: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            values_there, codes_there = ((it[rows, place], it[rows, place + 1]) for it in (values, codes))
            own = _bisected(law, given.observed, values_there, codes_there)
            return tuple(every.at[rows, place].set(it) for every, it in zip(found, own, strict=True))

        start = (values[:, :-1], values[:, :-1], codes[:, 1:])
        found = _over_changes(codes, bisect, start)
        return _averaged(prior, given, len(law.function.classes), (values, codes, *found))

    return jax.jit(steps)


def _over_changes(codes: Any, body: Callable[[Any, Any], Any], start: Any) -> Any:
    """`body(places, state)` with the first places (rows,) where labels (rows, values) change, then the second ones, ...

    Rows that have no more of them get places where nothing changes.
    """
    changes = codes[:, :-1] != codes[:, 1:]
    order = jnp.argsort(~changes, axis=-1, stable=True)
    return jax.lax.fori_loop(0, changes.sum(1).max(), lambda number, state: body(order[:, number], state), start)


def _averaged(prior: FittedPrior, given: Row, classes: int, steps: tuple) -> Steps:
    """The step functions with their averages: sums by parts of the cdf at the ends of steps."""
    values, codes, first, second, middle = steps
    rows = jnp.arange(len(codes))
    hot = functools.partial(jax.nn.one_hot, num_classes=classes)

    def add(place: Any, total: Any) -> Any:
        left, between, right = (hot(it) for it in (codes[rows, place], middle[rows, place], codes[rows, place + 1]))
        below = [_cdf(prior, ends[rows, place], given)[:, None] for ends in (first, second)]
        more = below[0] * (left - between) + below[1] * (between - right)
        return total + jnp.where((codes[rows, place] != codes[rows, place + 1])[:, None], more, 0.0)

    average = jnp.clip(_over_changes(codes, add, hot(codes[:, -1])), 0.0, 1.0)
    return Steps(values, codes, first, second, middle, average)


@functools.cache
def _compiled_averages(classes: int) -> Callable:
    return jax.jit(lambda prior, given, steps: _averaged(prior, given, classes, steps))


def _bisected(law: LabelLaw, observed: Any, values: tuple, codes: tuple) -> tuple[Any, Any, Any]:
    """Up to where the left label holds, from where on the right one, the label between; of one bracket a row."""

    def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        return _halved(law, observed, ends, codes, jnp)

    start = tuple(jnp.stack([it, it], -1) for it in values)
    lower, upper = jax.lax.fori_loop(0, _HALVINGS, halve, start)
    middle = law.codes(observed, upper[:, :1, None])[:, 0]
    return lower[:, 0], jnp.maximum(lower[:, 0], lower[:, 1]), middle


def _halved(law: LabelLaw, observed: Any, ends: tuple[Any, Any], around: tuple, array: Any) -> tuple[Any, Any]:
    """Brackets (rows, 2) at half their size: of the end of the left label, and of the start of the right one."""
    lower, upper = ends
    center = 0.5 * lower + 0.5 * upper
    codes = law.codes(observed, center[..., None])
    is_before = array.stack([codes[:, 0] == around[0], codes[:, 1] != around[1]], -1)
    return array.where(is_before, center, lower), array.where(is_before, upper, center)


def _cdf(prior: FittedPrior, values: Any, given: Row) -> Any:
    """P(feature <= value), (rows,)."""

    def of_row(value: Any, row: Row) -> Any:
        return mean_over_theta(prior, lambda theta: prior.cdf(theta, value, row))

    return jax.vmap(of_row)(values, given)


def _on_host(law: LabelLaw, prior: FittedPrior, given: Row, values: np.ndarray) -> Steps:
    """All changes of all rows are halved together, a batch of labels each time."""
    observed = np.asarray(given.observed)
    codes = np.asarray(law.codes(observed, values[..., None]))
    rows, places = np.nonzero(codes[:, :-1] != codes[:, 1:])
    around = (codes[rows, places], codes[rows, places + 1])
    ends = (values[rows, places][:, None].repeat(2, 1), values[rows, places + 1][:, None].repeat(2, 1))
    for _ in range(_HALVINGS if len(rows) else 0):
        ends = _halved(law, observed[rows], ends, around, np)
    first, second, middle = values[:, :-1].copy(), values[:, :-1].copy(), codes[:, 1:].copy()
    first[rows, places], second[rows, places] = ends[0][:, 0], np.maximum(ends[0][:, 0], ends[0][:, 1])
    if len(rows):
        middle[rows, places] = np.asarray(law.codes(observed[rows], ends[1][:, :1, None]))[:, 0]
    return _compiled_averages(len(law.function.classes))(prior, given, (values, codes, first, second, middle))


def labels_by_steps(steps: Steps, points: Any) -> Any:
    """The labels (rows, points) of step functions at points (rows, points)."""

    def of_row(steps: Steps, points: Any) -> Any:
        right = jnp.searchsorted(steps.values, points)
        place = jnp.clip(right - 1, 0, len(steps.values) - 2)
        later = jnp.where(points <= steps.second[place], steps.middle[place], steps.codes[place + 1])
        inside = jnp.where(points <= steps.first[place], steps.codes[place], later)
        is_same = (right == 0) | (steps.codes[place] == steps.codes[place + 1])
        return jnp.where(is_same, steps.codes[place], inside)

    return jax.vmap(of_row)(steps, points)
