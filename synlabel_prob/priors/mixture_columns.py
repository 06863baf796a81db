"""How the rows of a reference become the numbers and level codes of a joint mixture."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jnp
from ..descriptions import constant, fitted, static
from .base import Reference, Row
from .mixture_law import kinds_of


@fitted
class Columns:
    """How rows become arrays: standardised numbers, observed ones first, and level codes, observed ones first.

    `observed_*` and `hidden_*` are places among the observed and the hidden features. With `num_classes` the label is
    one more observed level.
    """

    means: np.ndarray
    scales: np.ndarray
    observed_numbers: tuple[int, ...] = static()
    observed_levels: tuple[int, ...] = static()
    hidden_numbers: tuple[int, ...] = static()
    hidden_levels: tuple[int, ...] = static()
    num_classes: int = static()

    def observed(self, row: Row) -> tuple[Any, list[Any]]:
        """Standardised observed numbers (numbers,) and level codes of one row."""
        values = jnp.asarray(row.observed)
        size = len(self.observed_numbers)
        numbers = values[np.array(self.observed_numbers, dtype=int)]
        codes = [values[place].astype(int) for place in self.observed_levels]
        label = [jnp.asarray(row.label)] if self.num_classes else []
        return (numbers - constant(self.means)[:size]) / constant(self.scales)[:size], codes + label


def arrays(reference: Reference, conditions_on: str) -> tuple[Columns, np.ndarray, np.ndarray, tuple[int, ...]]:
    """The columns, standardised numbers (rows, numbers), codes (rows, discrete) and how many levels each has.

    Both kinds are float64, NaN where a value is missing; hidden features are all that are resampled.
    """
    own = reference.observed_columns if conditions_on != "nothing" else ()
    resampled, columns_resampled = reference.resampled, reference.resampled_columns
    observed, hidden = kinds_of(own), kinds_of(columns_resampled)
    numbers = np.concatenate([reference.observed[:, list(observed[0])], resampled[:, list(hidden[0])]], 1)
    means, spread = np.nanmean(numbers, 0), np.nanstd(numbers, 0)
    scales = np.where(spread > 0, spread, 1.0)
    classes = len(reference.classes) if conditions_on == "observed_and_label" else 0
    label = reference.labels[:, None] if classes else reference.labels[:, None][:, :0]
    codes = np.concatenate([reference.observed[:, list(observed[1])], label, resampled[:, list(hidden[1])]], 1)
    counts = [len(own[place].levels) for place in observed[1]] + ([classes] if classes else [])
    counts += [len(columns_resampled[place].levels) for place in hidden[1]]
    columns = Columns(means, scales, *observed, *hidden, classes)
    return columns, (numbers - means) / scales, codes, tuple(counts)


def names_of(reference: Reference, columns: Columns) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the numbers and of the discrete columns, in the order of the arrays."""
    observed = [column.name for column in reference.observed_columns]
    hidden = [column.name for column in reference.resampled_columns]
    numbers = [*(observed[p] for p in columns.observed_numbers), *(hidden[p] for p in columns.hidden_numbers)]
    levels = [observed[p] for p in columns.observed_levels] + (["label"] if columns.num_classes else [])
    return tuple(numbers), (*levels, *(hidden[p] for p in columns.hidden_levels))
