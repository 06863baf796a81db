"""A pandas frame becomes typed columns, declared classes and arrays; everything behind it sees only those."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .columns import KINDS, Column, Label
from .errors import InputError, Problems, did_you_mean
from .frames import read_parts

__all__ = ["KINDS", "Column", "Label", "Table"]


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """A table with typed columns and declared classes; made by `Table.from_frame`, its arrays are read-only.

    Attributes:
        columns: the features, in the order of the user's columns.
        features: (rows, features) float64; levels as codes, missing values as NaN.
        classes: plain values, in the order of the codes; empty when neither declared nor read from a target.
        target: (rows,) int64 codes into `classes`, or None when there is no target column.
        row_ids: (rows,) integers or text, all different.
        row_id_name: the user's column, or a name that no column has.
        target_name: the user's column, or None.
    """

    columns: tuple[Column, ...]
    features: np.ndarray
    classes: tuple[Label, ...]
    target: np.ndarray | None
    row_ids: np.ndarray
    row_id_name: str
    target_name: str | None

    def __post_init__(self) -> None:
        """Make the arrays read-only, through views, so that a caller's own arrays stay as they are."""
        for name in ("features", "target", "row_ids"):
            if (array := getattr(self, name)) is not None:
                view = array.view()
                view.flags.writeable = False
                object.__setattr__(self, name, view)

    def __repr__(self) -> str:
        """Size and names on one line."""
        target = "no target" if self.target_name is None else f"target {self.target_name!r}"
        counts = f"{self.num_rows} rows, {len(self.columns)} features, {self.num_classes} classes"
        return f"<Table: {counts}, {target}>"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self.features)

    @property
    def num_classes(self) -> int:
        """How many classes are declared, whether or not they occur."""
        return len(self.classes)

    def column(self, name: str) -> Column:
        """The feature of that name; an `InputError` suggests the nearest one when there is none."""
        return self.columns[self.index([name])[0]]

    def index(self, names: Iterable[str]) -> np.ndarray:
        """Positions of features, (names,) integers; an `InputError` lists every name that is unknown."""
        positions = {name: position for position, name in enumerate(self.feature_names)}
        names = [names] if isinstance(names, str) else list(names)
        problems = Problems()
        for name in names:
            if name not in positions:
                problems.add(f"{name!r} is not a feature of the table: {did_you_mean(name, positions)}")
        problems.raise_if_any()
        return np.array([positions[name] for name in names], dtype=np.intp)

    def take(self, rows: Any) -> Table:
        """The table of these rows (positions or a mask); columns and classes stay as declared.

        Raises:
            InputError: a row is taken twice: its id would no longer tell rows apart.
        """
        rows = np.asarray(rows)
        rows = rows if rows.size else rows.astype(np.intp)
        places = np.arange(self.num_rows)[rows]
        if len(np.unique(places)) < len(places):
            raise InputError("`rows` must name each row once, because row ids tell rows apart; some come twice.")
        target = None if self.target is None else self.target[rows]
        return dataclasses.replace(self, features=self.features[rows], target=target, row_ids=self.row_ids[rows])

    def select(self, names: Iterable[str]) -> Table:
        """The table of these features, in this order; rows, target and classes stay as they are."""
        places = self.index(names)
        columns = tuple(self.columns[place] for place in places)
        return dataclasses.replace(self, columns=columns, features=self.features[:, places])

    def completed(self, features: np.ndarray) -> Table:
        """The table of the same rows with features (rows, features) that miss no value."""
        missing = self.missing()
        columns = tuple(column.as_drawn() if column.name in missing else column for column in self.columns)
        return dataclasses.replace(self, columns=columns, features=features)

    def missing(self) -> tuple[str, ...]:
        """Names of the features that have missing values."""
        found = np.isnan(self.features).any(axis=0)
        return tuple(np.array(self.feature_names, dtype=object)[found])

    def constant(self) -> tuple[str, ...]:
        """Names of the features in which no two values differ (missing ones aside)."""
        low = np.fmin.reduce(self.features, axis=0, initial=np.inf)
        high = np.fmax.reduce(self.features, axis=0, initial=-np.inf)
        return tuple(np.array(self.feature_names, dtype=object)[low >= high])

    def to_frame(self, features: np.ndarray | None = None) -> pd.DataFrame:
        """The features as a frame with the user's names and values, for a model that was written for those.

        Args:
            features: (any number of rows, features) such as draws; the table's own when left out.

        Returns:
            The table's own features in their original dtypes, as a copy. Given features: levels in their
            original dtypes, continuous columns as given, because draws of a whole-numbered column need not be
            whole; when every column is continuous the frame is a view of the array.

        Raises:
            InputError: the array has another number of columns.
        """
        values = self.features if features is None else np.asarray(features)
        if values.ndim != 2 or values.shape[1] != len(self.columns):
            raise InputError(f"`features` must have shape (rows, {len(self.columns)}); got {values.shape}.")
        names = list(self.feature_names)
        if features is not None and all(column.kind == "continuous" for column in self.columns):
            return pd.DataFrame(values, columns=names, copy=False)
        series = {
            column.name: column.decode(numbers, as_read=features is None)
            for column, numbers in zip(self.columns, values.T, strict=True)
        }
        return pd.DataFrame(series, columns=names)

    def sha256(self) -> str:
        """Hash of names, kinds, levels, classes, features, target and row ids, as 64 hexadecimal digits.

        Equal content gives equal hashes on every machine; dtypes that hold the same values do not matter.
        """
        header = {
            "columns": [(column.name, column.kind, column.levels) for column in self.columns],
            "classes": self.classes,
            "names": (self.row_id_name, self.target_name),
            "rows": self.num_rows,
            "row_ids": [str(row_id) for row_id in self.row_ids.tolist()],
            "whole_row_ids": self.row_ids.dtype.kind in "iu",
        }
        digest = hashlib.sha256(json.dumps(header).encode())
        # One NaN and one zero: other bit patterns of them are the same content.
        features = np.where(np.isnan(self.features), np.nan, self.features) + 0.0
        digest.update(features.astype("<f8").tobytes())
        digest.update(b"" if self.target is None else self.target.astype("<i8").tobytes())
        return digest.hexdigest()

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        target: str | None = None,
        row_id: str | None = None,
        classes: Sequence[Label] | None = None,
        kinds: Mapping[str, str] | None = None,
        levels: Mapping[str, Sequence[Label]] | None = None,
        drop: Iterable[str] = (),
    ) -> Table:
        """Read a frame: type every column, read or take the classes, check everything.

        Numbers become continuous, truth values, text and pandas categoricals categorical, ordered pandas
        categoricals ordinal. Values that are whole become `int` in levels and classes (3.0 is 3).

        Args:
            frame: one row per object.
            target: the column of labels; without one the table has no target.
            row_id: the column that names the rows (integers or text); without one they are numbered from 0.
            classes: all classes in order; else those of the target, sorted (or a pandas categorical's own).
            kinds: by column, where it differs from the inferred: "continuous", "ordinal" or "categorical".
            levels: by column, levels in order; else the sorted values (or a pandas categorical's own).
            drop: columns to leave out.

        Raises:
            InputError: lists all that is wrong with the frame and the arguments, a sentence each.
        """
        return cls(*read_parts(frame, target, row_id, classes, kinds, levels, drop))
