"""Thresholds of trees as those of the features themselves, on the last double that goes left."""

from __future__ import annotations

import numpy as np

from .columns import Source

_SIGN = np.uint64(1 << 63)


def last_to_the_left(source: Source, thresholds: np.ndarray, *, single: bool) -> np.ndarray:
    """The largest double x of a feature with column(x) <= threshold, by bisection over all doubles; exact.

    Casts, scalers and rounding never decrease, so that every x up to there goes left and every one above it right.

    Args:
        source: the column, increasing in its feature.
        thresholds: (nodes,) of the column.
        single: whether the estimator casts the column to single precision first.
    """
    low, high = (np.full(thresholds.shape, _key(np.array(edge))) for edge in (-np.inf, np.inf))
    with np.errstate(over="ignore", invalid="ignore"):
        while (low < high).any():
            middle = low + (high - low + np.uint64(1)) // np.uint64(2)
            left = goes_left(source, _number(middle), thresholds, single=single)
            low, high = np.where(left, middle, low), np.where(left, high, middle - np.uint64(1))
    return _number(low)


def goes_left(source: Source, values: np.ndarray, thresholds: np.ndarray, *, single: bool) -> np.ndarray:
    """Whether the estimator sends rows with these values of the feature to the left."""
    columns = source.encoded(values)
    return (columns.astype(np.float32) if single else columns) <= thresholds


def _key(numbers: np.ndarray) -> np.ndarray:
    """Doubles as whole numbers of the same order."""
    bits = numbers.astype(np.float64).view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _number(keys: np.ndarray) -> np.ndarray:
    """The doubles of such whole numbers."""
    return np.where(keys & _SIGN, keys & ~_SIGN, ~keys).view(np.float64)
