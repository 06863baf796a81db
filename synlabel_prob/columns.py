"""One column of a table: its kind, its levels in the order of their codes, and its values as numbers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from .errors import InputError

KINDS = ("continuous", "ordinal", "categorical")
Label = str | int | float | bool

_EXACT_BELOW = 2**53


@dataclasses.dataclass(frozen=True)
class Column:
    """One feature: its name, its kind and, unless continuous, its levels in the order of their codes."""

    name: str
    kind: str
    levels: tuple[Label, ...] = ()
    _dtype: Any = dataclasses.field(default=None, repr=False, compare=False)

    def decode(self, values: np.ndarray, *, as_read: bool = False) -> Any:
        """Values of the feature as those of the user's column.

        Args:
            values: (rows,) numbers or codes, missing ones as NaN.
            as_read: they are the table's own: numbers get the dtype of the user's column back.

        Returns:
            (rows,) levels in the dtype of the user's column; numbers as given, unless `as_read`.
        """
        if self.kind != "continuous":
            return self._levels_of(values)
        return pd.Series(values).astype(self._dtype) if as_read and self._dtype is not None else values

    def as_drawn(self) -> Column:
        """The column for values that are draws: of whole numbers they need not be whole."""
        return dataclasses.replace(self, _dtype=None) if self.kind == "continuous" else self

    def _levels_of(self, values: np.ndarray) -> Any:
        codes = np.where(np.isnan(values), -1, values).astype(np.intp)
        if isinstance(self._dtype, pd.CategoricalDtype):
            return pd.Categorical.from_codes(codes, dtype=self._dtype)
        levels = pd.Series(list(self.levels), dtype=self._dtype)
        known = levels.to_numpy() if isinstance(levels.dtype, np.dtype) else levels.array
        decoded = pd.api.extensions.take(known, codes, allow_fill=True)
        return pd.Series(decoded, dtype=decoded.dtype)


def read_column(
    name: str, column: pd.Series, kind: str | None, levels: Sequence[Label] | None
) -> tuple[Column, np.ndarray]:
    """Type a column of a frame.

    Args:
        name: what it is called.
        column: its values.
        kind: as the user says; inferred when left out.
        levels: in order, as the user says; else the sorted values or those of a pandas categorical.

    Returns:
        The column, and (rows,) float64 numbers or codes with missing values as NaN.

    Raises:
        InputError: the values do not fit the kind or the levels.
    """
    if column.isna().all():
        raise InputError(f"Column {name!r} must have a value somewhere; all are missing: drop it.")
    value_type = value_type_of(name, column)
    is_categorical = isinstance(column.dtype, pd.CategoricalDtype)
    if kind is None and is_categorical:
        kind = "ordinal" if column.cat.ordered else "categorical"
    kind = kind or ("continuous" if value_type == "numbers" else "categorical")
    if kind == "continuous":
        if levels is not None:
            raise InputError(f"`levels` has {name!r}, which is continuous: make its kind one of {KINDS[1:]}.")
        if is_categorical or value_type == "text":
            came = "categories" if is_categorical else "text"
            raise InputError(f"Column {name!r} must be numbers to be continuous; got {came}: convert it.")
        return Column(name, kind, (), column.dtype), _read_numbers(name, column)
    return _read_levels(name, column, kind, levels, value_type)


def _read_numbers(name: str, column: pd.Series) -> np.ndarray:
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if (infinite := np.isinf(numbers)).any():
        raise InputError(
            f"Column {name!r} must hold finite numbers; {counted(infinite)} an infinite one, "
            f"{first_row(infinite)}: correct it or leave it empty."
        )
    if types.is_integer_dtype(column.dtype) and np.nanmax(np.abs(numbers)) >= _EXACT_BELOW:
        raise InputError(
            f"Column {name!r} must stay below 2**53 to be exact as a number; it does not: "
            "drop it, make it `row_id`, or set its kind to 'categorical'."
        )
    return numbers


def _read_levels(
    name: str, column: pd.Series, kind: str, levels: Sequence[Label] | None, value_type: str
) -> tuple[Column, np.ndarray]:
    dtype = column.dtype
    declared = None if levels is None else declared_labels(levels, f"`levels` of {name!r}")
    if isinstance(dtype, pd.CategoricalDtype):
        if declared is None:
            declared = tuple(plain(value) for value in dtype.categories)
        else:
            dtype = pd.CategoricalDtype(list(declared), dtype.ordered)
    if declared is None and kind == "ordinal" and value_type == "text":
        raise InputError(f"Column {name!r} is ordinal text of unknown order: give its `levels` in order.")
    codes, found = encode(column, declared, f"Column {name!r}", "levels")
    return Column(name, kind, found, dtype), np.where(codes < 0, np.nan, codes)


def value_type_of(name: str, column: pd.Series) -> str:
    """What a column (or its categories) holds: numbers, truth values or text; `InputError` for the rest."""
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if types.is_bool_dtype(values.dtype):
        return "truth values"
    if types.is_numeric_dtype(values.dtype) and not types.is_complex_dtype(values.dtype):
        return "numbers"
    inferred = types.infer_dtype(values, skipna=True)
    known = {"string": "text", "boolean": "truth values"}
    known |= dict.fromkeys(("integer", "floating", "mixed-integer-float"), "numbers")
    if inferred in known:
        return known[inferred]
    came = "numbers and text mixed" if inferred == "mixed-integer" else f"values of type {inferred}"
    raise InputError(f"Column {name!r} must be numbers, truth values or text; got {came}: convert it.")


def encode(
    column: pd.Series, declared: tuple[Label, ...] | None, owner: str, argument: str
) -> tuple[np.ndarray, tuple[Label, ...]]:
    """Codes (-1 where missing) and the labels they count, sorted unless declared."""
    codes, values = pd.factorize(column)
    values = [plain(value) for value in values]
    labels = tuple(sorted(values)) if declared is None else declared
    positions = {label: position for position, label in enumerate(labels)}
    unknown = [code for code, value in enumerate(values) if value not in positions]
    if unknown:
        shown = ", ".join(repr(values[code]) for code in unknown[:5]) + (", ..." if len(unknown) > 5 else "")
        raise InputError(
            f"{owner} must hold the declared `{argument}` only ({listed(labels)}); got {shown}, "
            f"{first_row(codes == unknown[0])}: declare it or correct it."
        )
    lookup = np.array([*(positions[value] for value in values), -1], dtype=np.int64)
    return lookup[codes], labels


def plain(value: Any) -> Label:
    """A label as a plain Python value; 3.0 is 3."""
    value = value.item() if isinstance(value, np.generic) else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def declared_labels(values: Iterable[Any], argument: str) -> tuple[Label, ...]:
    """Declared labels as plain values, all different."""
    if isinstance(values, str):
        raise InputError(f"{argument} must be a list of labels; got the text {values!r}.")
    labels = tuple(plain(value) for value in values)
    wrong = [label for label in labels if not isinstance(label, Label) or label != label]
    if wrong:
        raise InputError(f"{argument} must be text, numbers or truth values; got {wrong[0]!r}.")
    if repeated := [label for label, count in Counter(labels).items() if count > 1]:
        raise InputError(f"{argument} must all be different; {repeated[0]!r} occurs more than once.")
    return labels


def counted(found: Any) -> str:
    """How many of the rows, for a message that goes on with what they have."""
    count = int(np.count_nonzero(found))
    return f"{count} of {len(found)} {'has' if count == 1 else 'have'}"


def first_row(found: Any) -> str:
    """The first of the rows, counted from 1, for a message."""
    return f"the first in data row {int(np.argmax(np.asarray(found))) + 1}"


def listed(values: Sequence[Any]) -> str:
    """The first few values, for a message."""
    return ", ".join(repr(value) for value in values[:8]) + (", ..." if len(values) > 8 else "")
