"""How far labels are from a bisected step function, at random points: what is added to its exact average."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..priors import FittedPrior, Row
from .averages import Average, Sums, Totals, hidden_at_points
from .bisected import Steps, labels_by_steps, steps_of
from .estimates import difference_standard_error
from .evaluators import Sampler
from .integrand import LabelLaw, count_by_class, point_dims
from .tiles import Rows


class Differences(Average):
    """The exact average of the step function, plus the mean difference of the labels at points from its own there.

    Unbiased whatever the step function misses, and without an error where it misses nothing.
    """

    dtype = np.float64

    def __init__(self, law: LabelLaw, prior: FittedPrior, cells: int) -> None:
        """And how many values the step function starts from, a power of two."""
        super().__init__(law, prior)
        self.cells = cells

    @property
    def dims(self) -> int:
        """Those of a draw."""
        return point_dims(self.prior)

    @property
    def numbers(self) -> int:
        """All features, the uniforms, and where a point lies among the steps."""
        return len(self.law.hidden) + len(self.law.observed) + 2 * self.dims + 8

    @property
    def row_numbers(self) -> int:
        """All features at the values where the label is asked first."""
        return max(self.prior.row_numbers, self.cells * (len(self.law.hidden) + len(self.law.observed) + 8))

    def least_points(self, groups: int) -> int:
        """So many that a tile is worth its call."""
        return 256

    def totals(self, evaluator: Sampler, block: tuple[int, int], key: Any, rows: Rows, kept: int) -> Totals:
        """The step function of the tile's rows, then labels at its points."""
        steps = steps_of(self.law, self.prior, rows.given, self.cells)
        hidden = hidden_at_points(evaluator, self.dims, block)(self.prior, key, rows.hashes, rows.given)
        if self.law.runs_in_jax:
            sums, squares = _compared()(self.law, steps, rows.given, hidden)
        else:
            codes = self.law.codes(rows.observed, np.asarray(hidden))
            sums, squares = _counted(len(self.law.function.classes))(steps, hidden, codes)
        nothing = np.zeros((*sums.shape[:2], 0, sums.shape[2] + 1))
        return sums, squares, nothing, nothing

    def error(self, sums: Sums) -> np.ndarray:
        """From the spread of replicates, and from how few points disagree."""
        return difference_standard_error(sums.counts, sums.squares, sums.points)

    def words(self, evaluator: Sampler, sums: Sums) -> str:
        """Also how many points disagreed."""
        points = int(sums.points.sum()) * sums.counts.shape[1]
        return f"{evaluator.explain()}; {round(float(sums.squares.sum()) / 2):,} of {points:,} points disagreed"

    def record(self, sums: Sums) -> dict[str, Any]:
        """How many points disagreed about each class."""
        return {"disagreements": sums.squares.sum(1)}


@functools.cache
def _compared() -> Callable:
    def compared(law: LabelLaw, steps: Steps, given: Row, hidden: Any) -> tuple[Any, Any]:
        return _differences(steps, hidden, law.codes(given.observed, hidden), len(law.function.classes))

    return jax.jit(compared)


@functools.cache
def _counted(classes: int) -> Callable:
    return jax.jit(lambda steps, hidden, codes: _differences(steps, hidden, codes, classes))


def _differences(steps: Steps, hidden: Any, codes: Any, classes: int) -> tuple[Any, Any]:
    """Sums (rows, groups, classes) of what is averaged, and counts of points that disagree about each class."""
    points = hidden[..., 0]
    near = labels_by_steps(steps, points.reshape(len(points), -1)).reshape(points.shape)
    exact = points.shape[-1] * steps.probabilities[:, None]
    sums = exact + (count_by_class(codes, classes) - count_by_class(near, classes))
    differ = codes != near
    apart = [count_by_class(jnp.where(differ, it, -1), classes) for it in (codes, near)]
    return sums, (apart[0] + apart[1]).astype(sums.dtype)
