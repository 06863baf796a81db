"""Averages over random points, tile by tile of rows and points, and more points where a target asks for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax
from .averages import Average, Sums
from .estimates import SoftLabels, caution, is_certain, mean_standard_error, over_groups
from .evaluators import Sampler
from .tiles import TILE_NUMBERS, Rows, check_budget, filled_well, in_tiles, joined, workers

_TILE_POINTS = 2**15
_BOUND = 0.75  # with 1, 90% intervals of 8 replicates held up to 95%, without a bound 85-90% (docs/statistics.md)


def sampled(
    average: Average,
    rows: Rows,
    evaluator: Sampler,
    key: Any,
    memory_budget: int,
    progress: Callable[[int, int], None] | None,
) -> SoftLabels:
    """Soft labels of the rows; Monte Carlo or quasi-Monte Carlo."""
    run = _Run(average, evaluator, key, memory_budget)
    sums = average.zeros(len(rows), evaluator.groups)
    everything = np.arange(len(rows))
    for block in evaluator.blocks(run.points_at_once):
        run.add(sums, rows, everything, block, progress)
    reached = np.ones(len(rows), dtype=bool)
    if evaluator.has_target:
        reached = _refine(run, sums, rows, evaluator, progress)
    return _soft_labels(average, sums, evaluator, reached)


def _refine(run: _Run, sums: Sums, rows: Rows, evaluator: Sampler, progress: Any) -> np.ndarray:
    """Double the points of the rows that have not reached the target until all have, or the most draws are used."""
    while True:
        reached = _reached(run.average, sums, evaluator)
        active = np.flatnonzero(~reached)
        if not len(active):
            return reached
        blocks = evaluator.further_blocks(int(sums.points[active].max()), run.points_at_once)
        if not blocks:
            return reached
        for block in blocks:
            run.add(sums, rows, active, block, progress)


def _reached(average: Average, sums: Sums, evaluator: Sampler) -> np.ndarray:
    """Which rows have reached the target, (rows,)."""
    errors = caution(evaluator.groups) * average.error(sums)
    if evaluator.target_plurality is not None:
        means = sums.counts.sum(1) / (sums.points * evaluator.groups)[:, None]
        return is_certain(means, errors, evaluator.target_plurality, evaluator.groups)
    assert evaluator.target_standard_error is not None
    return errors.max(-1) <= evaluator.target_standard_error


def _stated_error(average: Average, sums: Sums, evaluator: Sampler) -> np.ndarray:
    own, target = average.error(sums), evaluator.target_standard_error
    if target is None or evaluator.groups == 1:
        return own
    # Rows that went on stopped because their largest error looked small: all of them are scaled until it is no less.
    went_on = sums.points > evaluator.points_per_group()
    short = _BOUND * target / caution(evaluator.groups) / own.max(1)
    return np.where(went_on, short.clip(1), 1.0)[:, None] * own


def _soft_labels(average: Average, sums: Sums, evaluator: Sampler, reached: np.ndarray) -> SoftLabels:
    number = (sums.points * evaluator.groups)[:, None]
    means = sums.stages.sum(1) / number[..., None]
    return SoftLabels(
        probabilities=_laws(over_groups(sums.counts) / number),
        standard_error=_stated_error(average, sums, evaluator),
        counts=sums.counts,
        points=sums.points,
        method=average.words(evaluator, sums),
        exact=np.zeros(len(reached), dtype=bool),
        stages=means[..., :-1],
        changes=means[..., -1],
        stage_standard_error=mean_standard_error(sums.stages, sums.stage_squares, sums.points)[..., :-1],
        reached=reached,
        **average.record(sums),
    )


def _laws(means: np.ndarray) -> np.ndarray:
    """Means (rows, classes) as probabilities: those of differences may fall below 0."""
    if means.min(initial=0.0) >= 0:
        return means
    positive = means.clip(0)
    return positive / positive.sum(1, keepdims=True)


class _Run:
    """One evaluation: what is the same for all its tiles."""

    def __init__(self, average: Average, evaluator: Sampler, key: Any, memory_budget: int) -> None:
        self.average, self.evaluator, self.key = average, evaluator, key
        width, least = average.numbers, average.least_points(evaluator.groups)
        self.tile_points = min(_TILE_POINTS, 2 ** int(np.log2(max(least, TILE_NUMBERS // width))))
        check_budget(width * min(self.tile_points, evaluator.groups * evaluator.points_per_group()), memory_budget)
        self.points_at_once = max(1, self.tile_points // evaluator.groups)
        self.rows_at_once = max(1, TILE_NUMBERS // max(1, average.row_numbers))
        self.tile_numbers, self.memory_budget = self.tile_points * width, memory_budget

    def add(self, sums: Sums, rows: Rows, places: np.ndarray, block: tuple[int, int], progress: Any) -> None:
        """Add a block of points of the rows at `places` to their totals."""
        if not len(places):
            return
        number = block[1]
        size = max(1, min(self.rows_at_once, self.tile_points // (self.evaluator.groups * number)))
        if self.average.is_counted and len(places) == len(rows):
            size = filled_well(size, len(places))
        times = joined(self.tile_numbers, -(-len(places) // size), self.memory_budget)
        size = min(self.rows_at_once, times * size)
        at_once = workers(times * self.tile_numbers, self.memory_budget)
        work = functools.partial(self._tile, rows, size, block)
        totals = (sums.counts, sums.squares, sums.stages, sums.stage_squares)
        done = 0
        for piece, found in in_tiles(work, places, size, at_once):
            for total, own in zip(totals, found, strict=True):
                total[piece] += own
            sums.points[piece] += number
            done += len(piece)
            if progress is not None:
                progress(done, len(places))

    def _tile(self, rows: Rows, size: int, block: tuple[int, int], piece: np.ndarray) -> tuple[np.ndarray, ...]:
        """Totals of one tile; short ones are filled up with their first row, so that all have one shape."""
        with jax.enable_x64(True):  # the setting belongs to the thread
            totals = self.average.totals(self.evaluator, block, self.key, rows.filled(piece, size), len(piece))
            return tuple(np.asarray(total)[: len(piece)] for total in totals)
