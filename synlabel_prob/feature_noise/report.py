"""What noise did to the features of a run, in numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..table import Column, Table
from .numbers import spread


class FeatureReport(NamedTuple):
    """One noisy feature in numbers; shares are of the cells that had a value.

    Attributes:
        feature: its name.
        changed: share of cells whose value is another one, or lost.
        lost: share of cells that miss their value.
        relative_error: standard deviation of recorded minus true, over the cells that have both, in standard deviations
            of the feature; None of levels, and where the feature is constant or nothing is left.
    """

    feature: str
    changed: float
    lost: float
    relative_error: float | None


def feature_report(before: Table, after: Table, names: tuple[str, ...]) -> tuple[FeatureReport, ...]:
    """Of each of the features, from the tables before and after noise; exact functions of both."""
    places = before.index(names)
    pairs = zip(before.features[:, places].T, after.features[:, places].T, strict=True)
    return tuple(_of_one(before.columns[place], *pair) for place, pair in zip(places, pairs, strict=True))


def _of_one(column: Column, before: np.ndarray, after: np.ndarray) -> FeatureReport:
    there = ~np.isnan(before)
    true, recorded = before[there], after[there]
    lost = np.isnan(recorded)
    error = _relative_error(true, recorded, lost) if column.kind == "continuous" else None
    return FeatureReport(column.name, float((recorded != true).mean()), float(lost.mean()), error)


def _relative_error(true: np.ndarray, recorded: np.ndarray, lost: np.ndarray) -> float | None:
    scale = spread(true)
    if scale == 0 or lost.all():
        return None
    half = recorded[~lost] / 2 - true[~lost] / 2  # the difference of two numbers may be too large for a computer
    return 2 * (spread(half) / scale)
