"""A pandas frame and what a user says about it are read into the parts of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .columns import (
    KINDS,
    Column,
    Label,
    counted,
    declared_labels,
    encode,
    first_row,
    listed,
    plain,
    read_column,
    value_type_of,
)
from .errors import InputError, Problems, did_you_mean


class FrameParts(NamedTuple):
    """The fields of a `Table`, in its order."""

    columns: tuple[Column, ...]
    features: np.ndarray
    classes: tuple[Label, ...]
    target: np.ndarray | None
    row_ids: np.ndarray
    row_id_name: str
    target_name: str | None


def read_parts(
    frame: pd.DataFrame,
    target: str | None,
    row_id: str | None,
    classes: Sequence[Label] | None,
    kinds: Mapping[str, str] | None,
    levels: Mapping[str, Sequence[Label]] | None,
    drop: Iterable[str],
) -> FrameParts:
    """What `Table.from_frame` makes a table of; arguments and errors are its."""
    problems = Problems()
    kinds, levels = dict(kinds or {}), dict(levels or {})
    drop = [drop] if isinstance(drop, str) else list(drop)
    frame = _with_text_names(frame, problems)
    _check_arguments(frame, target, row_id, kinds, levels, drop, problems)
    names = [name for name in frame.columns if name not in {target, row_id, *drop}]
    _check_size(frame, names, problems)
    attempt = _Attempt(problems)
    read = [attempt(read_column, name, frame[name], kinds.get(name), levels.get(name)) for name in names]
    declared = None if classes is None else attempt(_declared_classes, classes)
    codes, found = None, declared or ()
    if target in frame and (classes is None or declared):
        codes, found = attempt(read_target, target, frame[target], declared) or (None, ())
    row_ids = attempt(read_row_ids, row_id, frame[row_id]) if row_id in frame else np.arange(len(frame))
    problems.raise_if_any()
    row_id = row_id or _free_name("row_id", frame.columns)
    features = np.column_stack([values for _, values in read])
    return FrameParts(tuple(column for column, _ in read), features, found, codes, row_ids, row_id, target)


class _Attempt:
    """Calls readers; what they refuse is collected, so that one bad column does not hide the next."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def __call__(self, read: Callable, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except InputError as error:
            self._problems.add(str(error))
            return None


def _with_text_names(frame: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"`frame` must be a pandas DataFrame; got {type(frame).__name__}: convert it first.")
    names = [str(name) for name in frame.columns]
    for name, count in Counter(names).items():
        if count > 1:
            problems.add(f"Column names must differ as text; {name!r} occurs {count} times: rename it.")
    return frame.set_axis(names, axis="columns").loc[:, ~pd.Index(names, dtype=object).duplicated()]


def _check_arguments(
    frame: pd.DataFrame,
    target: str | None,
    row_id: str | None,
    kinds: dict[str, str],
    levels: dict[str, Any],
    drop: list[str],
    problems: Problems,
) -> None:
    given = [("target", target), ("row_id", row_id), *(("drop", name) for name in drop)]
    given += [("kinds", name) for name in kinds] + [("levels", name) for name in levels]
    for argument, name in given:
        if name is not None and name not in frame:
            hint = did_you_mean(name, frame.columns)
            problems.add(f"`{argument}` names {name!r}, which is no column: {hint}")
    for name, count in Counter(name for name in (target, row_id, *set(drop)) if name is not None).items():
        if count > 1:
            problems.add(f"Column {name!r} must be only one of `target`, `row_id` and `drop`; got {count}.")
    for name in (name for name in (target, row_id) if name in kinds or name in levels):
        hint = "declare `classes` instead" if name == target else "leave it out there"
        problems.add(f"`kinds` and `levels` describe features, and {name!r} is not one: {hint}.")
    for name, kind in list(kinds.items()):
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS)
            problems.add(f"`kinds` gives {kind!r} for {name!r}, which is no kind: {hint}")
            del kinds[name]


def _check_size(frame: pd.DataFrame, names: list[str], problems: Problems) -> None:
    if not names:
        problems.add("The table must have a feature; there is only target, row id and dropped columns.")
    if not len(frame):
        problems.add("The table must have at least one row; it has none.")
    if not names or not len(frame):
        problems.raise_if_any()


def _free_name(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name = "_" + name
    return name


def _declared_classes(classes: Sequence[Label]) -> tuple[Label, ...]:
    labels = declared_labels(classes, "`classes`")
    if len(labels) < 2:
        raise InputError(f"`classes` must name at least two classes; got {len(labels)}.")
    return labels


def read_target(
    name: str, column: pd.Series, declared: tuple[Label, ...] | None
) -> tuple[np.ndarray, tuple[Label, ...]]:
    """Codes of the labels (rows,) and the classes, sorted unless declared; errors as for `Table.from_frame`."""
    if (missing := column.isna()).any():
        raise InputError(
            f"The target {name!r} must have a label in every row; {counted(missing)} none, "
            f"{first_row(missing)}: fill it in or leave such rows out."
        )
    value_type_of(name, column)
    if declared is None and isinstance(column.dtype, pd.CategoricalDtype):
        declared = tuple(plain(value) for value in column.cat.categories)
    codes, classes = encode(column, declared, f"The target {name!r}", "classes")
    fractional = [label for label in classes if isinstance(label, float)]
    if declared is None and fractional:
        raise InputError(
            f"The target {name!r} must hold labels; got numbers that are not whole, such as {fractional[0]}: "
            "bin it, or declare `classes` if these are the labels."
        )
    if len(classes) < 2:
        raise InputError(
            f"The target {name!r} must have at least two classes; all rows have {listed(classes)}: "
            "declare `classes` if others can occur."
        )
    return codes, classes


def read_row_ids(name: str, column: pd.Series) -> np.ndarray:
    """Ids (rows,), integers or text, all different; errors as for `Table.from_frame`."""
    if (missing := column.isna()).any():
        raise InputError(
            f"The row id {name!r} must be given in every row; {counted(missing)} none, {first_row(missing)}: "
            "fill it in."
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    value_type = value_type_of(name, column)
    numbers = column.to_numpy(dtype=np.float64) if value_type == "numbers" else np.zeros(0)
    if value_type == "truth values" or (np.isinf(numbers) | (numbers != np.floor(numbers))).any():
        raise InputError(f"The row id {name!r} must be whole numbers or text; got other values: convert it.")
    if (repeated := column.duplicated(keep=False)).any():
        values = list(dict.fromkeys(column[repeated]))
        rows = np.flatnonzero(column == values[0]) + 1
        more = f", and {len(values) - 1} more" if len(values) > 1 else ""
        raise InputError(
            f"The row id {name!r} must be different in every row; {plain(values[0])!r} is in data rows "
            f"{listed(rows.tolist())}{more}: make them differ."
        )
    if value_type == "text":
        return column.to_numpy(dtype=object)
    is_integer = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu"
    return column.to_numpy() if is_integer else column.to_numpy(dtype=np.int64)
