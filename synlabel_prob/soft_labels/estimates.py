"""Soft labels with their standard errors, from what was counted."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..arrays import Codes, Counts, NodeLaws, NodeValues, RowFlags, SoftLabelArray

FEW = 3.0
_LOOKS = 20
FEW_CARRIERS = 4.0
_SKEWED = 5.0
_SPREAD, _SHORT = 1.15, 20.0
_LEAST = 0.02


@dataclasses.dataclass(frozen=True, eq=False)
class SoftLabels:
    """Posterior predictive laws of the label, a row each, and after each node that is integrated with it.

    Attributes:
        probabilities: (rows, classes).
        standard_error: (rows, classes); never 0 unless `exact`.
        counts: (rows, groups, classes) labels at the points of each group (replicate).
        points: (rows,) points of a group; `counts.shape[1] * points` evaluations in all.
        method: how they were computed, in words.
        exact: (rows,) where there is no Monte Carlo error.
        stages: (rows, nodes, classes) laws after each integrated node.
        changes: (rows, nodes) probabilities that the node changes the label.
        stage_standard_error: (rows, nodes, classes).
        reached: (rows,) whether the target standard error was reached; all true without one.
        squares: (rows, classes) sums of squares of what was averaged, where that are no labels but probabilities, whose
            sums are the `counts` then; None where labels were counted.
        disagreements: (rows, classes) points whose label, one of two that differ, was not that of a step function whose
            average is exact and part of the `counts`; None without one.
    """

    probabilities: SoftLabelArray
    standard_error: SoftLabelArray
    counts: Counts
    points: Codes
    method: str
    exact: RowFlags
    stages: NodeLaws
    changes: NodeValues
    stage_standard_error: NodeLaws
    reached: RowFlags
    squares: SoftLabelArray | None = None
    disagreements: SoftLabelArray | None = None

    @property
    def evaluations(self) -> Codes:
        """(rows,) evaluations of the ground truth."""
        return self.points * self.counts.shape[1]

    def take(self, places: Codes) -> SoftLabels:
        """Those of the rows at these places."""
        arrays = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "method"}
        taken = {name: None if values is None else values[places] for name, values in arrays.items()}
        return dataclasses.replace(self, **taken)


def standard_error(counts: Counts, points: Codes) -> SoftLabelArray:
    """Standard errors (rows, classes) from counts (rows, groups, classes) and points of a group (rows,).

    One group: the posterior standard deviation under Jeffreys' Dirichlet(1/2) prior, so draws that all agree do not
    give 0. Several: from the spread of the replicates and the resolution of their sums, but for classes whose expected
    count is below 3 at least that of plain draws.
    """
    groups, totals = counts.shape[1], over_groups(counts)
    independent = _dirichlet_deviation(totals, points * groups)
    if groups == 1:
        return independent
    squares = np.einsum("rgc,rgc->rc", counts, counts)  # whole numbers below 2^60, so that their difference is exact
    variance = (groups * squares - totals**2) / (groups * (groups - 1))
    replicates = np.sqrt((variance + _rounding(groups)) / groups) / points[:, None]
    return np.where(is_few(totals, points * groups), np.maximum(replicates, independent), replicates)


def over_groups(counts: np.ndarray) -> np.ndarray:
    """Sums (rows, classes) of counts (rows, groups, classes); NumPy's own take six times as long along that axis."""
    return np.einsum("rgc->rc", counts)


def smooth_standard_error(sums: Counts, squares: Counts, points: Codes) -> SoftLabelArray:
    """Standard errors (rows, classes) of means of probabilities, from sums and sums of squares (rows, groups, classes).

    From the spread of the replicates, times sqrt(1.15 + 20 / N + 5 / m) of N points of which m carry the mean: a steep
    function is off by about as much in all replicates but a few, and these may be missing; means that few points carry
    are skewed. It is never 0: at least 0.02 / N sqrt(n), n points a replicate, and for classes that fewer than 4 points
    carry, at least that of independent points.
    """
    evaluations, totals, own = (points * sums.shape[1])[:, None], sums.sum(1), squares.sum(1)
    carriers = carriers_of(totals, own, evaluations)
    spread = np.sqrt(sums.var(1, ddof=1) / sums.shape[1]) / points[:, None]
    mean = (totals + 0.5) / (evaluations + 1)
    independent = np.sqrt(((own + 0.5) / (evaluations + 1) - mean**2).clip(0) / (evaluations + 2))
    factor = _SPREAD + _SHORT / evaluations + _SKEWED / carriers.clip(FEW_CARRIERS)
    least = _LEAST / evaluations / np.sqrt(points[:, None])
    return np.maximum(spread * np.sqrt(factor), np.where(carriers < FEW_CARRIERS, independent, least))


def difference_standard_error(sums: Counts, disagreements: Counts, points: Codes) -> SoftLabelArray:
    """Standard errors (rows, classes) of an exact average plus mean differences from it.

    From the spread of the replicates and the resolution of their sums. For classes that fewer than 3 points disagree
    about, at least that of independent points, of which half a one more disagrees.
    """
    groups, evaluations = sums.shape[1], (points * sums.shape[1])[:, None]
    spread = np.sqrt((sums.var(1, ddof=1) + _rounding(groups)) / groups) / points[:, None]
    apart = disagreements.sum(1)
    independent = np.sqrt((apart + 0.5) / (evaluations + 1) / (evaluations + 2))
    return np.where(apart < FEW, np.maximum(spread, independent), spread)


def caution(groups: int) -> float:
    """By how much a standard error from so few replicates may be too small, in three runs of four.

    Where a row gets more points until its standard error is below a target, it stops early when the error is
    underestimated. So the error times this must be below the target, and is not stated as less than the target by this.
    """
    from scipy import stats

    return 1.0 if groups == 1 else float(np.sqrt((groups - 1) / stats.chi2.ppf(0.25, groups - 1)))


def is_certain(means: SoftLabelArray, errors: SoftLabelArray, level: float, groups: int) -> RowFlags:
    """Whether the likeliest class of each row is so at a level, (rows,): the lead over the second against its error.

    That of a difference of two estimates is at most the sum of theirs. A row is looked at again after each doubling of
    its points, at most about 20 times, so each look takes a twentieth of the chance to be wrong.
    """
    from scipy import stats

    if means.shape[1] == 1:
        return np.ones(len(means), dtype=bool)
    second, first = np.argsort(means, 1)[:, -2:].T
    every = np.arange(len(means))
    lead, error = means[every, first] - means[every, second], errors[every, first] + errors[every, second]
    chance = 1.0 - (1.0 - level) / _LOOKS
    quantile = stats.norm.ppf(chance) if groups == 1 else stats.t.ppf(chance, groups - 1)
    return lead > quantile * error


def _rounding(replicates: int) -> float:
    """What is added to the variance of replicates, whose sums are whole numbers and may all agree by chance.

    At most half the variance of rounding, and less the more replicates there are to see the rest. With it 90% t
    intervals of 4 to 32 replicates cover 90-92% whether one boundary or many lie between two points; without it 60-85%
    for one (docs/statistics.md).
    """
    return min(1 / 24, 1 / (3 * replicates))


def is_few(totals: np.ndarray, evaluations: np.ndarray) -> np.ndarray:
    """Which expected counts, or those of all others, are too small for the spread of replicates, (rows, classes)."""
    every = evaluations[:, None]
    return totals * (every - totals) < FEW * every


def carriers_of(totals: np.ndarray, squares: np.ndarray, evaluations: np.ndarray) -> np.ndarray:
    """How many of N points carry the mean m of probabilities p: N (m (1 - m))^2 over their variance.

    Of labels, whose variance is m (1 - m), that is N m (1 - m); of probabilities that are all alike, infinitely many.
    """
    mean = totals / evaluations
    both = (mean * (1 - mean)).clip(0)
    variance = (squares / evaluations - mean**2).clip(0)
    many = np.divide(evaluations * both**2, variance, where=variance > 0, out=np.full(both.shape, np.inf))
    return np.where(both == 0, 0.0, many)


def _dirichlet_deviation(totals: np.ndarray, evaluations: np.ndarray) -> np.ndarray:
    """Posterior standard deviations of probabilities under Dirichlet(1/2), (rows, classes)."""
    concentration = evaluations[:, None] + totals.shape[-1] / 2
    mean = (totals + 0.5) / concentration
    return np.sqrt(mean * (1 - mean) / (concentration + 1))


def mean_standard_error(sums: np.ndarray, squares: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Standard errors of means from sums and sums of squares (rows, groups, ...) of values in [0, 1].

    One group: the sample deviation with half an observation at each end added, so that equal values do not give 0.
    Several: from the spread of the replicates.
    """
    groups = sums.shape[1]
    shape = (-1, *(1,) * (sums.ndim - 2))
    number = points.reshape(shape) * groups
    total, square = sums.sum(1), squares.sum(1)
    mean = (total + 0.5) / (number + 1)
    independent = np.sqrt(((square + 0.5) / (number + 1) - mean**2).clip(0) / (number + 2))
    if groups == 1:
        return independent
    spread = np.sqrt(sums.var(1, ddof=1) / groups) / points.reshape(shape)
    return np.maximum(spread, independent / np.sqrt(points).reshape(shape))
