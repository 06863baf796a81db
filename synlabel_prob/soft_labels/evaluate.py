"""Soft labels at random points, tile by tile of rows and points, or by an exact route where there is one."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax
from ..errors import InputError
from ..priors import FittedPrior, Row
from .estimates import SoftLabels, caution, mean_standard_error, standard_error
from .evaluators import Automatic, Evaluator, Exact, Sampler
from .exact import chosen, exact_soft_labels
from .integrand import LabelLaw, compiled_draws, point_dims
from .settled import settled_codes, with_settled
from .tiles import TILE_NUMBERS, Rows, check_budget, in_tiles, on_device, workers

_TILE_POINTS = 2**16


@dataclasses.dataclass(frozen=True, eq=False)
class _Sums:
    """Running totals of every row; see `LabelLaw.sums`."""

    counts: np.ndarray
    stages: np.ndarray
    squares: np.ndarray
    points: np.ndarray


def evaluate(
    law: LabelLaw,
    prior: FittedPrior,
    rows: Rows,
    evaluator: Evaluator,
    key: Any,
    *,
    memory_budget: int = 2**30,
    progress: Callable[[int, int], None] | None = None,
) -> SoftLabels:
    """Soft labels (rows, classes): the law of the label averaged over the hidden features and theta.

    Exact, or Monte Carlo or quasi-Monte Carlo with standard errors, as the evaluator says. `memory_budget` in bytes
    decides how many tiles are worked on at once and changes no bit of the result. `progress(done, total)` is told of
    evaluations of rows.

    Raises:
        InputError: the evaluator is `Exact` and no exact route fits, or one row takes more than `memory_budget`.
    """
    with jax.enable_x64(True):
        law = law.prepared()
        if isinstance(evaluator, Sampler):
            return _sampled(law, prior, rows, evaluator, key, memory_budget, progress)
        route, reasons = chosen(law, prior, rows, _largest(evaluator))
        if route is not None:
            return exact_soft_labels(route, law, prior, rows, memory_budget, progress)
        sampler = _sampler(evaluator, reasons)
        codes = settled_codes(law, rows, memory_budget)
        left = rows.take(np.flatnonzero(codes < 0))
        return with_settled(_sampled(law, prior, left, sampler, key, memory_budget, progress), codes)


def _sampled(
    law: LabelLaw, prior: FittedPrior, rows: Rows, evaluator: Sampler, key: Any, memory_budget: int, progress: Any
) -> SoftLabels:
    """At random points."""
    run = _Run(law.placed(), on_device(prior), evaluator, key, memory_budget)
    sums = _zeros(len(rows), evaluator.groups, len(law.nodes), len(law.function.classes))
    everything = np.arange(len(rows))
    for block in evaluator.blocks(run.points_at_once):
        run.add(sums, rows, everything, block, progress)
    reached = np.ones(len(rows), dtype=bool)
    if evaluator.target_standard_error is not None:
        reached = _refine(run, sums, rows, evaluator, progress)
    return _soft_labels(sums, evaluator, reached)


def _largest(evaluator: Evaluator) -> int:
    assert isinstance(evaluator, Exact | Automatic)
    return evaluator.largest_exact


def _sampler(evaluator: Evaluator, reasons: tuple[str, ...]) -> Sampler:
    """What is used in place of an exact route."""
    if isinstance(evaluator, Automatic):
        return evaluator.sampler
    raise InputError(
        "`soft_labels` must be exact and no exact route fits; "
        + "; ".join(reasons)
        + ': use `kind = "automatic"`, or change the prior or the ground truth.'
    )


def _refine(run: _Run, sums: _Sums, rows: Rows, evaluator: Sampler, progress: Any) -> np.ndarray:
    """Double the points of the rows above the target until none is, or the most draws are used."""
    while True:
        errors = caution(evaluator.groups) * standard_error(sums.counts, sums.points).max(-1)
        active = np.flatnonzero(errors > evaluator.target_standard_error)
        if not len(active):
            return np.ones(len(rows), dtype=bool)
        blocks = evaluator.further_blocks(int(sums.points[active].max()), run.points_at_once)
        if not blocks:
            return errors <= evaluator.target_standard_error
        for block in blocks:
            run.add(sums, rows, active, block, progress)


def _stated_error(sums: _Sums, evaluator: Sampler) -> np.ndarray:
    own, target = standard_error(sums.counts, sums.points), evaluator.target_standard_error
    if target is None or evaluator.groups == 1:
        return own
    # Of rows that went on: those that stopped did so because their error looked small.
    went_on = sums.points > evaluator.points_per_group()
    return np.where(went_on[:, None], np.maximum(own, target / caution(evaluator.groups)), own)


def _soft_labels(sums: _Sums, evaluator: Sampler, reached: np.ndarray) -> SoftLabels:
    number = (sums.points * evaluator.groups)[:, None]
    means = sums.stages.sum(1) / number[..., None]
    return SoftLabels(
        probabilities=sums.counts.sum(1) / number,
        standard_error=_stated_error(sums, evaluator),
        counts=sums.counts,
        points=sums.points,
        method=evaluator.explain(),
        exact=np.zeros(len(reached), dtype=bool),
        stages=means[..., :-1],
        changes=means[..., -1],
        stage_standard_error=mean_standard_error(sums.stages, sums.squares, sums.points)[..., :-1],
        reached=reached,
    )


class _Run:
    """One evaluation: what is the same for all its tiles."""

    def __init__(self, law: LabelLaw, prior: Any, evaluator: Sampler, key: Any, memory_budget: int) -> None:
        self.law, self.prior, self.evaluator, self.key = law, prior, evaluator, key
        self.dims = point_dims(prior)
        width = len(law.hidden) + len(law.observed) + 2 * self.dims + len(law.nodes) * len(law.function.classes) ** 2
        self.tile_points = min(_TILE_POINTS, 2 ** int(np.log2(max(256, TILE_NUMBERS // width))))
        check_budget(width * min(self.tile_points, evaluator.groups * evaluator.points_per_group()), memory_budget)
        self.points_at_once = max(1, self.tile_points // evaluator.groups)
        self.rows_at_once = max(1, TILE_NUMBERS // max(1, prior.row_numbers))
        self.workers = workers(self.tile_points * width, memory_budget)

    def add(self, sums: _Sums, rows: Rows, places: np.ndarray, block: tuple[int, int], progress: Any) -> None:
        """Add a block of points of the rows at `places` to their totals."""
        if not len(places):
            return
        number = block[1]
        size = max(1, min(self.rows_at_once, self.tile_points // (self.evaluator.groups * number)))
        work = functools.partial(self._tile, rows, size, block)
        done = 0
        for piece, (counts, stages, squares) in in_tiles(work, places, size, self.workers):
            sums.counts[piece] += counts
            sums.stages[piece] += stages
            sums.squares[piece] += squares
            sums.points[piece] += number
            done += len(piece)
            if progress is not None:
                progress(done, len(places))

    def _tile(self, rows: Rows, size: int, block: tuple[int, int], piece: np.ndarray) -> tuple:
        """Totals of one tile; short ones are filled up with their first row, so that all have one shape."""
        padded = rows.filled(piece, size)
        with jax.enable_x64(True):  # the setting belongs to the thread
            arguments = (self.prior, self.key, padded.hashes, padded.given)
            if self.law.runs_in_jax:
                totals = _fused(self.evaluator, self.dims, block)(self.law, *arguments)
            else:
                hidden = np.asarray(_hidden(self.evaluator, self.dims, block)(*arguments))
                # A function on the host labels row by row, so what fills the tile up need not pass through it; the
                # arithmetic of noise that is integrated with the label keeps the tile's shape.
                kept = len(piece) if not self.law.nodes else size
                totals = self.law.sums(padded.observed[:kept], hidden[:kept])
            return tuple(np.asarray(total)[: len(piece)] for total in totals)


@functools.lru_cache(maxsize=64)
def _hidden(evaluator: Sampler, dims: int, block: tuple[int, int]) -> Callable:
    def draw(prior: Any, key: Any, hashes: Any, given: Row) -> Any:
        uniforms = evaluator.uniforms(key, hashes, dims, *block)
        return compiled_draws()(prior, uniforms, given)

    return jax.jit(draw)


@functools.lru_cache(maxsize=64)
def _fused(evaluator: Sampler, dims: int, block: tuple[int, int]) -> Callable:
    hidden = _hidden(evaluator, dims, block)

    def total(law: LabelLaw, prior: Any, key: Any, hashes: Any, given: Row) -> tuple:
        return law.sums(given.observed, hidden(prior, key, hashes, given))

    return jax.jit(total)


def _zeros(rows: int, groups: int, nodes: int, classes: int) -> _Sums:
    stages = (rows, groups, nodes, classes + 1)
    return _Sums(
        np.zeros((rows, groups, classes), dtype=np.int64), np.zeros(stages), np.zeros(stages), np.zeros(rows, np.int64)
    )
