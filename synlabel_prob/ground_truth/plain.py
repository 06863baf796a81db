"""Arrays as plain lists and back, for functions that are saved without pickle."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_numbers(array: Any) -> list:
    """Nested lists of numbers, of which infinite ones are texts: JSON has none."""
    array = np.asarray(array, dtype=np.float64)
    if np.isfinite(array).all():
        return array.tolist()
    return [plain_numbers(item) if np.ndim(item) else _plain(float(item)) for item in array]


def _plain(number: float) -> float | str:
    return number if np.isfinite(number) else str(number)


def from_plain_numbers(values: list) -> np.ndarray:
    """The array that `plain_numbers` wrote."""
    return np.array(values).astype(np.float64)
