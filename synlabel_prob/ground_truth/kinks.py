"""Where the label of a network with one layer of rectified units may change along one feature."""

from __future__ import annotations

from typing import Any

import numpy as np

from .crossings import crossings_of_lines
from .outcome import module_of


def crossings_between_kinks(sums: Any, rates: Any, weights: Any, intercepts: Any, start: Any) -> Any:
    """Where two scores max(0, sums + rates (x - start)) @ weights + intercepts meet, and some other values; exact.

    Each unit has one kink; between two kinks of all units scores are lines, which change by one unit from one interval
    to the next.

    Args:
        sums: (..., units) at `start`.
        rates: (units,).
        weights: (units, classes).
        intercepts: (classes,).
        start: a number.

    Returns:
        (..., (units + 1) classes (classes - 1) / 2), padded with infinities.
    """
    array = module_of(sums)
    varies = rates != 0
    kinks = array.where(varies, -sums / array.where(varies, rates, 1.0), np.inf)
    order = array.argsort(kinks, -1)
    # Below every kink the units that fall are at work; above its own a falling unit stops, a rising one begins.
    at_work = array.where(rates < 0, sums, array.where(varies, 0.0, array.maximum(sums, 0.0)))
    values, slopes = at_work @ weights + intercepts, array.minimum(rates, 0.0) @ weights
    more_values = (array.sign(rates) * sums)[..., None] * weights
    more_slopes = array.broadcast_to(abs(rates)[:, None] * weights, more_values.shape)
    values, slopes = _added_up(values, more_values, order), _added_up(slopes, more_slopes, order)
    found = crossings_of_lines(values, slopes, start)
    return found.reshape(*found.shape[:-2], -1)


def _added_up(first: Any, more: Any, order: Any) -> Any:
    """`first` (..., classes), then with one after another of `more` (..., units, classes) in this order."""
    array = module_of(more)
    first = array.broadcast_to(first, (*more.shape[:-2], more.shape[-1]))[..., None, :]
    taken = array.take_along_axis(more, order[..., None], -2)
    return array.concatenate([first, first + array.cumsum(taken, -2)], -2)
