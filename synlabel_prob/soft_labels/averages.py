"""What is averaged over the points of a row: labels, or class probabilities with one direction integrated exactly."""

from __future__ import annotations

import abc
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..priors import FittedPrior, Row
from .estimates import smooth_standard_error, standard_error
from .evaluators import Sampler
from .integrand import LabelLaw, compiled_draws, point_dims
from .preintegrated import Preintegrand
from .tiles import Rows, on_device

Totals = tuple[Any, Any, Any, Any]
"""Sums over points and sums of squares (rows, groups, classes), and both of `LabelLaw.stages`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Sums:
    """Running totals of every row, as `Totals`, and the points of a group (rows,)."""

    counts: np.ndarray
    squares: np.ndarray
    stages: np.ndarray
    stage_squares: np.ndarray
    points: np.ndarray


class Average(abc.ABC):
    """What is averaged, for one law of the label and one prior."""

    dtype: type = np.int64

    def __init__(self, law: LabelLaw, prior: FittedPrior) -> None:
        """Both where compiled programs want them."""
        self.law, self.prior = law.placed, on_device(prior)

    @property
    @abc.abstractmethod
    def dims(self) -> int:
        """Uniforms of a point."""

    @property
    @abc.abstractmethod
    def numbers(self) -> int:
        """How many numbers are held at once for a point."""

    @abc.abstractmethod
    def least_points(self, groups: int) -> int:
        """The fewest points of a tile."""

    @abc.abstractmethod
    def totals(self, evaluator: Sampler, block: tuple[int, int], key: Any, rows: Rows, kept: int) -> Totals:
        """Of a tile of rows, of which at least the first `kept` matter, at a block of points."""

    @abc.abstractmethod
    def error(self, sums: Sums) -> np.ndarray:
        """Standard errors (rows, classes)."""

    @property
    def row_numbers(self) -> int:
        """How many numbers are held for a row besides its points."""
        return self.prior.row_numbers

    @property
    def is_counted(self) -> bool:
        """Whether totals are whole numbers alone, which tiles of any size add up to alike."""
        return False

    def words(self, evaluator: Sampler, sums: Sums) -> str:
        """The method, and what it found."""
        return evaluator.explain()

    def record(self, sums: Sums) -> dict[str, Any]:
        """What intervals need besides counts, by the field of `SoftLabels`."""
        return {}

    def zeros(self, rows: int, groups: int) -> Sums:
        """Totals of no points."""
        classes = len(self.law.function.classes)
        stages = (rows, groups, len(self.law.nodes), classes + 1)
        counts = np.zeros((rows, groups, classes), self.dtype)
        return Sums(counts, counts.copy(), np.zeros(stages), np.zeros(stages), np.zeros(rows, np.int64))


class Labels(Average):
    """Labels at draws of the hidden features, and noise that depends on these."""

    @property
    def is_counted(self) -> bool:
        """Laws after nodes are no whole numbers."""
        return not self.law.nodes

    @property
    def dims(self) -> int:
        """Those of a draw."""
        return point_dims(self.prior)

    @property
    def numbers(self) -> int:
        """All features, the uniforms, and the transitions of nodes."""
        law = self.law
        return len(law.hidden) + len(law.observed) + 2 * self.dims + len(law.nodes) * len(law.function.classes) ** 2

    def least_points(self, groups: int) -> int:
        """So many that a tile is worth its call."""
        return 256

    def totals(self, evaluator: Sampler, block: tuple[int, int], key: Any, rows: Rows, kept: int) -> Totals:
        """In one program, or on the host after the draws."""
        arguments = (self.prior, key, rows.hashes, rows.given)
        if self.law.runs_in_jax:
            counts, *stages = _fused(evaluator, self.dims, block)(self.law, *arguments)
        else:
            hidden = np.asarray(hidden_at_points(evaluator, self.dims, block)(*arguments))
            # A function on the host labels row by row, so what fills the tile up need not pass through it; the
            # arithmetic of noise that is integrated with the label keeps the tile's shape.
            kept = kept if not self.law.nodes else len(rows)
            counts, *stages = self.law.sums(rows.observed[:kept], hidden[:kept])
        return counts, counts, *stages  # labels are their own squares

    def error(self, sums: Sums) -> np.ndarray:
        """From counts."""
        return standard_error(sums.counts, sums.points)


class Probabilities(Average):
    """Class probabilities at points that leave one direction open, by a way of preintegration."""

    dtype = np.float64

    def __init__(self, law: LabelLaw, prior: FittedPrior, way: Preintegrand) -> None:
        """And the way."""
        super().__init__(law, prior)
        self.way = on_device(way)

    @property
    def dims(self) -> int:
        """The way's."""
        return self.way.dims(self.prior)

    @property
    def numbers(self) -> int:
        """The way's, and the uniforms."""
        return self.way.numbers(self.law, self.prior) + 2 * self.dims

    def least_points(self, groups: int) -> int:
        """One of each group, because one point may hold many numbers."""
        return 2 ** math.ceil(math.log2(groups))

    def totals(self, evaluator: Sampler, block: tuple[int, int], key: Any, rows: Rows, kept: int) -> Totals:
        """In one program."""
        program = _smooth(evaluator, self.dims, block)
        sums, squares = program(self.way, self.law, self.prior, key, rows.hashes, rows.given)
        nothing = np.zeros((*sums.shape[:2], 0, sums.shape[2] + 1))
        return sums, squares, nothing, nothing

    def error(self, sums: Sums) -> np.ndarray:
        """From the spread of replicates, and from how few points carry the mean."""
        return smooth_standard_error(sums.counts, sums.squares, sums.points)

    def words(self, evaluator: Sampler, sums: Sums) -> str:
        """Also along what is integrated exactly."""
        return f"{evaluator.explain()}, {self.way.words}"

    def record(self, sums: Sums) -> dict[str, Any]:
        """Sums of squares."""
        return {"squares": sums.squares.sum(1)}


@functools.lru_cache(maxsize=64)
def hidden_at_points(evaluator: Sampler, dims: int, block: tuple[int, int]) -> Callable:
    """The compiled program of hidden features (rows, groups, points, hidden) of an evaluator's points."""

    def draw(prior: Any, key: Any, hashes: Any, given: Row) -> Any:
        uniforms = evaluator.uniforms(key, hashes, dims, *block)
        return compiled_draws()(prior, uniforms, given)

    return jax.jit(draw)


@functools.lru_cache(maxsize=64)
def _fused(evaluator: Sampler, dims: int, block: tuple[int, int]) -> Callable:
    hidden = hidden_at_points(evaluator, dims, block)

    def total(law: LabelLaw, prior: Any, key: Any, hashes: Any, given: Row) -> tuple:
        return law.sums(given.observed, hidden(prior, key, hashes, given))

    return jax.jit(total)


@functools.lru_cache(maxsize=64)
def _smooth(evaluator: Sampler, dims: int, block: tuple[int, int]) -> Callable:
    def total(way: Preintegrand, law: LabelLaw, prior: Any, key: Any, hashes: Any, given: Row) -> tuple[Any, Any]:
        uniforms = evaluator.uniforms(key, hashes, dims, *block)
        found = way.probabilities(law, prior, uniforms, given)
        return found.sum(2), jnp.square(found).sum(2)

    return jax.jit(total)
