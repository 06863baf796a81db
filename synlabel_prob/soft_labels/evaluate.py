"""The loop: tiles of rows and points, of one shape each, whatever the memory or the number of workers."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..arrays import Observed, RowHashes
from ..priors import FittedPrior, Row
from .estimates import SoftLabels, caution, mean_standard_error, standard_error
from .evaluators import Evaluator
from .integrand import LabelLaw, compiled_draws, point_dims

_TILE_POINTS = 2**16
_TILE_NUMBERS = 2**23
_COPIES = 6


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """The rows to label: what a prior knows of them (a `Row` of arrays), and hashes of their ids (rows, 2)."""

    given: Row
    hashes: RowHashes

    @property
    def observed(self) -> Observed:
        """(rows, observed features)."""
        return self.given.observed

    def __len__(self) -> int:
        """How many."""
        return len(self.hashes)

    def take(self, places: np.ndarray) -> Rows:
        """Some of them."""
        given = jax.tree_util.tree_map(lambda values: values[places], self.given)
        return Rows(given, self.hashes[places])


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

    Monte Carlo or quasi-Monte Carlo, with its standard errors. `memory_budget` in bytes decides how many tiles are
    worked on at once and changes no bit of the result. `progress(done, total)` is told of evaluations of rows.
    """
    with jax.enable_x64(True):
        prior, law = _on_device(prior), _on_device(law)
        run = _Run(law, prior, evaluator, key, memory_budget)
        sums = _zeros(len(rows), evaluator.groups, len(law.nodes), len(law.function.classes))
        everything = np.arange(len(rows))
        for block in evaluator.blocks(run.points_at_once):
            run.add(sums, rows, everything, block, progress)
        reached = np.ones(len(rows), dtype=bool)
        if evaluator.target_standard_error is not None:
            reached = _refine(run, sums, rows, evaluator, progress)
    return _soft_labels(sums, evaluator, reached)


def _refine(run: _Run, sums: _Sums, rows: Rows, evaluator: Evaluator, progress: Any) -> np.ndarray:
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


def _stated_error(sums: _Sums, evaluator: Evaluator) -> np.ndarray:
    own, target = standard_error(sums.counts, sums.points), evaluator.target_standard_error
    if target is None or evaluator.groups == 1:
        return own
    # Of rows that went on: those that stopped did so because their error looked small.
    went_on = sums.points > evaluator.points_per_group()
    return np.where(went_on[:, None], np.maximum(own, target / caution(evaluator.groups)), own)


def _soft_labels(sums: _Sums, evaluator: Evaluator, reached: np.ndarray) -> SoftLabels:
    number = (sums.points * evaluator.groups)[:, None]
    means = sums.stages.sum(1) / number[..., None]
    return SoftLabels(
        probabilities=sums.counts.sum(1) / number,
        standard_error=_stated_error(sums, evaluator),
        counts=sums.counts,
        points=sums.points,
        method=evaluator.explain(),
        exact=False,
        stages=means[..., :-1],
        changes=means[..., -1],
        stage_standard_error=mean_standard_error(sums.stages, sums.squares, sums.points)[..., :-1],
        reached=reached,
    )


class _Run:
    """One evaluation: what is the same for all its tiles."""

    def __init__(self, law: LabelLaw, prior: Any, evaluator: Evaluator, key: Any, memory_budget: int) -> None:
        self.law, self.prior, self.evaluator, self.key = law, prior, evaluator, key
        self.dims = point_dims(prior)
        width = len(law.hidden) + len(law.observed) + 2 * self.dims + len(law.nodes) * len(law.function.classes) ** 2
        self.tile_points = min(_TILE_POINTS, 2 ** int(np.log2(max(256, _TILE_NUMBERS // width))))
        self.points_at_once = max(1, self.tile_points // evaluator.groups)
        self.rows_at_once = max(1, _TILE_NUMBERS // max(1, prior.row_numbers))
        tile_bytes = self.tile_points * width * 8 * _COPIES
        self.workers = max(1, min(os.cpu_count() or 1, memory_budget // tile_bytes))

    def add(self, sums: _Sums, rows: Rows, places: np.ndarray, block: tuple[int, int], progress: Any) -> None:
        """Add a block of points of the rows at `places` to their totals."""
        number = block[1]
        size = max(1, min(self.rows_at_once, self.tile_points // (self.evaluator.groups * number)))
        pieces = np.array_split(places, -(-len(places) // size))  # alike, so that workers end together
        done = 0
        for piece, (counts, stages, squares) in zip(pieces, self._tiles(rows, pieces, size, block), strict=True):
            sums.counts[piece] += counts
            sums.stages[piece] += stages
            sums.squares[piece] += squares
            sums.points[piece] += number
            done += len(piece)
            if progress is not None:
                progress(done, len(places))

    def _tiles(self, rows: Rows, pieces: list, size: int, block: tuple[int, int]) -> Iterator[tuple]:
        work = functools.partial(self._tile, rows, size, block)
        if self.workers == 1 or len(pieces) == 1:
            yield from map(work, pieces)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            waiting = []
            for piece in pieces:
                waiting.append(pool.submit(work, piece))
                if len(waiting) > self.workers:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def _tile(self, rows: Rows, size: int, block: tuple[int, int], piece: np.ndarray) -> tuple:
        """Totals of one tile; short ones are filled up with their first row, so that all have one shape."""
        padded = rows.take(np.concatenate([piece, np.repeat(piece[:1], size - len(piece))]))
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
def _hidden(evaluator: Evaluator, dims: int, block: tuple[int, int]) -> Callable:
    def draw(prior: Any, key: Any, hashes: Any, given: Row) -> Any:
        uniforms = evaluator.uniforms(key, hashes, dims, *block)
        return compiled_draws()(prior, uniforms, given)

    return jax.jit(draw)


@functools.lru_cache(maxsize=64)
def _fused(evaluator: Evaluator, dims: int, block: tuple[int, int]) -> Callable:
    hidden = _hidden(evaluator, dims, block)

    def total(law: LabelLaw, prior: Any, key: Any, hashes: Any, given: Row) -> tuple:
        return law.sums(given.observed, hidden(prior, key, hashes, given))

    return jax.jit(total)


def _on_device(part: Any) -> Any:
    return jax.tree_util.tree_map(jnp.asarray, part)


def _zeros(rows: int, groups: int, nodes: int, classes: int) -> _Sums:
    stages = (rows, groups, nodes, classes + 1)
    return _Sums(
        np.zeros((rows, groups, classes), dtype=np.int64), np.zeros(stages), np.zeros(stages), np.zeros(rows, np.int64)
    )
