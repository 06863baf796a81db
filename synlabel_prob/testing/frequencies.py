"""Exact tests of draws against the law that they should follow."""

from __future__ import annotations

from typing import Any

import numpy as np


def assert_frequencies(counts: Any, probabilities: Any, *, false_alarm: float = 1e-6) -> None:
    """Counts of independent draws agree with their probabilities: an exact two-sided binomial test of every cell.

    The tests are corrected for their number (Bonferroni), so correct code fails with probability `false_alarm` at
    most. With it at 1e-6 and three cells, 30,000 draws see a probability that is off by 0.02 in 86 of 100 runs and
    300,000 draws one that is off by 0.01 in nearly all.

    Args:
        counts: (..., cells) integers; each last axis adds up to its number of draws.
        probabilities: (..., cells), of the shape of the counts or one that broadcasts to it.
        false_alarm: the largest probability that correct code fails.
    """
    from scipy import stats

    counts = np.asarray(counts)
    probabilities = np.broadcast_to(np.clip(np.asarray(probabilities, dtype=np.float64), 0.0, 1.0), counts.shape)
    draws = counts.sum(-1, keepdims=True)
    below = stats.binom.cdf(counts, draws, probabilities)
    above = stats.binom.sf(counts - 1, draws, probabilities)
    tails = np.minimum(below, above)
    _judge(2.0 * tails, false_alarm, lambda cell: f"{counts[cell]} of {draws[cell[:-1]][0]} draws in cell {cell}, "
           f"where {probabilities[cell]:.6g} was expected of each")  # fmt: skip


def assert_uniform(values: Any, *, false_alarm: float = 1e-6) -> None:
    """Every column of independent rows is uniform on [0, 1]: an exact Kolmogorov-Smirnov test, Bonferroni-corrected.

    With one column and `false_alarm` at 1e-6 it rejects when the empirical cdf is off by 2.7 / sqrt(rows) anywhere, so
    10,000 rows see a cdf that is off by 0.04 in more than 99 of 100 runs.

    Args:
        values: (rows, columns) or (rows,).
        false_alarm: the largest probability that correct code fails.
    """
    from scipy import stats

    values = np.asarray(values, dtype=np.float64)
    columns = values.reshape(len(values), -1).T
    found = [stats.kstest(column, "uniform") for column in columns]
    p_values = np.array([test.pvalue for test in found])
    _judge(p_values, false_alarm, lambda cell: f"the cdf of column {cell[0]} is off by {found[cell[0]].statistic:.3g}")


def _judge(p_values: np.ndarray, false_alarm: float, describe: Any) -> None:
    smallest = np.min(p_values) * p_values.size
    if not smallest > false_alarm:  # NaN fails, too
        cell = tuple(int(place) for place in np.unravel_index(np.argmin(p_values), p_values.shape))
        raise AssertionError(f"the draws disagree with the stated law (p = {smallest:.1e}): {describe(cell)}")
