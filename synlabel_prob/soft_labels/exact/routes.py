"""The routes in the order in which they are tried, the choice between them, and the run of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._lazy import jax, jnp
from ...priors import FittedPrior, Row
from ..estimates import SoftLabels
from ..integrand import LabelLaw
from ..tiles import TILE_NUMBERS, Rows, check_budget, in_tiles, on_device, workers
from .base import Route
from .boxes import BoxSums
from .enumeration import Enumeration
from .half_spaces import HalfSpaces
from .intervals import Intervals
from .polygons import Polygons

ROUTES: tuple[Route, ...] = (Enumeration(), HalfSpaces(), Intervals(), Polygons(), BoxSums())


def chosen(law: LabelLaw, prior: FittedPrior, rows: Rows, largest: int) -> tuple[Route | None, tuple[str, ...]]:
    """The first route that answers with at most `largest` evaluations of a row; and why those before it do not."""
    if rows.given.known is not None:
        return None, ("the table misses values, so that each row has its own hidden features",)
    row = jax.tree_util.tree_map(lambda values: values[0], rows.given)
    reasons = []
    for route in ROUTES:
        reason = _why_not(route, law, prior, row, largest)
        if reason is None:
            return route, tuple(reasons)
        reasons.append(f"{route.name}: {reason}")
    return None, tuple(reasons)


def _why_not(route: Route, law: LabelLaw, prior: FittedPrior, row: Row, largest: int) -> str | None:
    reason = route.why_not(law, prior, row)
    if reason is not None:
        return reason
    number = route.evaluations(law, prior, row)
    return f"it takes {number:,} evaluations a row, above `largest_exact` = {largest:,}" if number > largest else None


def exact_soft_labels(
    route: Route,
    law: LabelLaw,
    prior: FittedPrior,
    rows: Rows,
    memory_budget: int,
    progress: Callable[[int, int], None] | None,
) -> SoftLabels:
    """The soft labels by a route that fits; exact.

    Raises:
        InputError: one row takes more than the memory.
    """
    row = jax.tree_util.tree_map(lambda values: np.zeros(values.shape[1:], values.dtype), rows.given)
    numbers = max(1, route.numbers(law, prior, row))
    check_budget(numbers, memory_budget)
    size = 2 ** int(np.log2(max(1, min(TILE_NUMBERS // 4 // numbers, 4096))))
    classes, facts = len(law.function.classes), jax.tree_util.tree_map(jnp.asarray, route.facts(law))
    evaluations = route.evaluations(law, prior, row)
    law, prior = law.placed, on_device(prior)
    laws, stages = np.zeros((len(rows), classes)), np.zeros((len(rows), len(law.nodes), classes + 1))

    def work(piece: np.ndarray) -> tuple[Any, Any]:
        with jax.enable_x64(True):  # the setting belongs to the thread
            own, changes = route.answer(law, prior, rows.filled(piece, size).given, facts)
            return np.asarray(own)[: len(piece)], np.asarray(changes)[: len(piece)]

    done, every = 0, np.arange(len(rows))
    for piece, found in in_tiles(work, every, size, workers(numbers * size, memory_budget)):
        laws[piece], stages[piece] = found
        done += len(piece)
        if progress is not None:
            progress(done, len(rows))
    return _record(laws, stages, route, evaluations)


def _record(laws: np.ndarray, stages: np.ndarray, route: Route, evaluations: int) -> SoftLabels:
    every = np.ones(len(laws), dtype=bool)
    return SoftLabels(
        probabilities=laws,
        standard_error=np.zeros_like(laws),
        counts=np.zeros((len(laws), 1, laws.shape[1]), dtype=np.int64),
        points=np.full(len(laws), evaluations),
        method=f"exact, by {route.name} ({_times(evaluations)} a row)",
        exact=every,
        stages=stages[..., :-1],
        changes=stages[..., -1],
        stage_standard_error=np.zeros_like(stages[..., :-1]),
        reached=every,
    )


def _times(evaluations: int) -> str:
    return "1 evaluation" if evaluations == 1 else f"{evaluations:,} evaluations"
