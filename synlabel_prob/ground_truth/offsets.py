"""Offsets of scores with which each class gets the number of rows that is asked for."""

from __future__ import annotations

import numpy as np

_ROUNDS = 100
_STARTS = 20
_TIED = 1e-9


def offsets_for(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Numbers to add to scores so that `rows[k]` rows have their largest score in class k.

    Class by class, the offset is moved to the quantile that gives the class its rows while the other offsets stay, in
    the middle of the gap between two rows; this is repeated until all counts are right, which is a coordinate ascent
    of sum_k rows_k o_k - sum_i max_k (s_ik + o_k). It can stop short where two offsets would have to move together, so
    that it is begun again from other offsets, at most 20 times.

    Args:
        scores: (all rows, classes).
        rows: (classes,) whole numbers above 0 that add up to all rows.

    Returns:
        (classes,). Counts are exact where no two rows tie in a difference of scores. Rows that tie, to within 1e-9 of
        the largest difference, get one label, and counts are the nearest that were met.
    """
    generator = np.random.default_rng(0)
    spread = float(np.ptp(scores)) or 1.0
    best, least = -scores.mean(0), np.inf
    for number in range(_STARTS):
        start = -scores.mean(0) + number / _STARTS * generator.normal(0.0, spread, len(rows))
        found = _ascended(scores, rows, start)
        wrong = np.abs(counts_of(scores + found, len(rows)) - rows).sum()
        if wrong < least:
            best, least = found, wrong
        if least == 0:
            break
    return best


def counts_of(scores: np.ndarray, classes: int) -> np.ndarray:
    """How many rows have their largest score in each class, (classes,)."""
    return np.bincount(scores.argmax(1), minlength=classes)


def _ascended(scores: np.ndarray, rows: np.ndarray, start: np.ndarray) -> np.ndarray:
    offsets = start.copy()
    for _ in range(_ROUNDS):
        before = offsets.copy()
        for code, count in enumerate(rows):
            others = scores + offsets
            others[:, code] = -np.inf
            offsets[code] = _cut(np.sort(others.max(1) - scores[:, code]), int(count), offsets[code])
        if (offsets == before).all() or (counts_of(scores + offsets, len(rows)) == rows).all():
            break
    return offsets


def _cut(needed: np.ndarray, count: int, otherwise: float) -> float:
    """The middle of the gap above the `count` smallest of sorted numbers, or of the nearest one that is no tie."""
    gaps = np.flatnonzero(np.diff(needed) > _TIED * np.abs(needed).max()) + 1
    if not len(gaps):
        return otherwise
    place = gaps[np.abs(gaps - count).argmin()]
    return float(needed[place - 1] + needed[place]) / 2
