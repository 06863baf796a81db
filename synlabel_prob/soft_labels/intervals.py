"""Intervals of soft labels, from what was counted at how many points."""

from __future__ import annotations

import numpy as np

from ..arrays import SoftLabelArray
from .estimates import FEW, FEW_CARRIERS, SoftLabels, carriers_of, is_few, over_groups

_REGULAR = 0.75
_UNSEEN = 0.25


def interval(soft: SoftLabels, level: float = 0.9) -> tuple[SoftLabelArray, SoftLabelArray]:
    """Lower and upper ends (rows, classes) of intervals that hold each probability with about this frequency.

    Jeffreys' binomial interval for independent draws; Student-t over replicates otherwise, but for classes whose
    expected count is below 3, or that fewer than 4 points carry, Jeffreys' with 4/3 times the counts: quasi-random ones
    vary less than binomial ones.
    """
    low, high = _drawn_interval(soft, (1 - level) / 2)
    exact = soft.exact[:, None]
    return np.where(exact, soft.probabilities, low), np.where(exact, soft.probabilities, high)


def _drawn_interval(soft: SoftLabels, tail: float) -> tuple[SoftLabelArray, SoftLabelArray]:
    from scipy import stats

    totals, evaluations, groups = over_groups(soft.counts), soft.evaluations[:, None], soft.counts.shape[1]
    if soft.disagreements is not None:
        return _interval_of_differences(soft, soft.disagreements, tail)
    if groups == 1:
        return _jeffreys(totals, evaluations, tail)
    half = stats.t.ppf(1 - tail, groups - 1) * soft.standard_error
    ends = (soft.probabilities - half).clip(0, 1), (soft.probabilities + half).clip(0, 1)
    if soft.squares is None:
        few, counted = is_few(totals, soft.evaluations), _jeffreys(totals, evaluations, tail, _REGULAR)
    else:
        few = carriers_of(totals, soft.squares, evaluations) < FEW_CARRIERS
        counted = _interval_of_carriers(totals, soft.squares, evaluations, tail)
    return np.where(few, counted[0], ends[0]), np.where(few, counted[1], ends[1])


def _interval_of_carriers(
    totals: np.ndarray, squares: np.ndarray, evaluations: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """Of a mean that few points carry, or all but few: their number is uncertain, and they weigh alike.

    Points that have not been seen may weigh more than those that have, here a quarter at least.
    """
    flipped = totals > evaluations / 2
    small = np.where(flipped, evaluations - totals, totals)
    own = np.where(flipped, evaluations - 2 * totals + squares, squares)
    weight = np.divide(own, small, where=small > 0, out=np.ones(small.shape)).clip(0, 1)
    number = np.divide(small, weight, where=weight > 0, out=np.zeros(small.shape)).clip(0, evaluations)
    low, high = _jeffreys(number, evaluations, tail, _REGULAR)
    low, high = weight * low, np.maximum(weight, _UNSEEN) * high
    return np.where(flipped, 1 - high, low), np.where(flipped, 1 - low, high)


def _jeffreys(
    counts: np.ndarray, evaluations: np.ndarray, tail: float, regular: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of a share's posterior under Beta(1/2, 1/2), with 0 and 1 where nothing, or all, was counted."""
    from scipy import stats

    own, others = counts / regular, np.maximum(evaluations - counts, 0) / regular
    low = np.where(own == 0, 0.0, stats.beta.ppf(tail, own + 0.5, others + 0.5))
    return low, np.where(others == 0, 1.0, stats.beta.ppf(1 - tail, own + 0.5, others + 0.5))


def _interval_of_differences(soft: SoftLabels, apart: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Where few points disagree, as far as the share of those that do may lie above what was seen (Jeffreys')."""
    from scipy import stats

    evaluations = soft.evaluations[:, None]
    unseen = _jeffreys(apart, evaluations, tail, _REGULAR)[1] - apart / evaluations
    half = stats.t.ppf(1 - tail, soft.counts.shape[1] - 1) * soft.standard_error
    half = np.where(apart < FEW, unseen, half)
    return (soft.probabilities - half).clip(0, 1), (soft.probabilities + half).clip(0, 1)
