"""Where scores of two classes cross along one feature: roots of their differences, which are at most quadratic."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .outcome import module_of


def crossings_of_lines(values: Any, slopes: Any, start: Any) -> Any:
    """Where two of the lines values + slopes (x - start) meet; infinity where they don't.

    Args:
        values: (..., classes) at `start`.
        slopes: (classes,) or (..., classes).
        start: a number.

    Returns:
        (..., classes (classes - 1) / 2).
    """
    first, second = _pairs(values.shape[-1])
    with np.errstate(invalid="ignore", over="ignore"):  # of classes that are never predicted, at minus infinity
        gaps = values[..., first] - values[..., second]
        return start + _ratio(gaps, slopes[..., second] - slopes[..., first])


def crossings_of_parabolas(values: Any, slopes: Any, curvatures: Any, start: Any) -> Any:
    """Where two of the parabolas values + slopes t + curvatures t^2, t = x - start, meet; infinity where they don't.

    Args:
        values: (..., classes) at `start`.
        slopes: (..., classes).
        curvatures: (classes,).
        start: a number.

    Returns:
        (..., classes (classes - 1)).
    """
    array, (first, second) = module_of(values), _pairs(values.shape[-1])
    c, b, a = (it[..., first] - it[..., second] for it in (values, slopes, curvatures))
    with np.errstate(over="ignore", invalid="ignore"):
        discriminant = b**2 - 4 * a * c
        root = array.sqrt(array.where(discriminant < 0, 0.0, discriminant))
        # Of the two textbook formulas each root has the one without cancellation.
        half = -0.5 * (b + array.where(b < 0, -root, root))
        both = array.concatenate([_ratio(half, a), _ratio(c, half)], -1)
    real = discriminant >= 0
    return start + array.where(array.concatenate([real, real], -1), both, np.inf)


def _pairs(num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array(list(itertools.combinations(range(num_classes), 2)), dtype=int).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _ratio(numerator: Any, denominator: Any) -> Any:
    """Infinity where it is not a number."""
    array = module_of(numerator)
    ratio = numerator / array.where(denominator == 0, np.nan, denominator)
    return array.where(array.isfinite(ratio), ratio, np.inf)
