"""A Parquet table in chunks of rows, never whole: a first pass settles its columns and picks reference rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .columns import Label, listed, plain, value_type_of
from .errors import InputError, Problems, did_you_mean
from .files import PARQUET_SUFFIXES
from .frames import read_row_ids, read_target
from .pieces import parquet_frames
from .randomness import row_hashes
from .repeats import Repeats
from .sources import Data, data_path, prepared
from .table import Table

DEFAULT_CHUNK_ROWS = 100_000
DEFAULT_REFERENCE_ROWS = 10_000
_SCANNED_ROWS = 2**16
_MOST_LEVELS = 10_000


@dataclasses.dataclass(frozen=True, eq=False)
class ChunkedTable:
    """A table on disk whose columns and classes are settled; made by `scan`.

    Attributes:
        path: the Parquet file.
        data: what it is and what its columns are.
        state: size and time of the last change of the file, as it was when the first pass began.
        num_rows: how many rows it has.
        reference: the rows with the smallest hashes of their ids, in the order of the file.
        settled: arguments of `Table.from_frame` with which any rows get the columns and classes of the whole.
        categories: by column, the dtype that a pandas categorical has in the whole table.
    """

    path: Path
    data: Data
    state: tuple[int, int]
    num_rows: int
    reference: Table
    settled: Mapping[str, Any]
    categories: Mapping[str, pd.CategoricalDtype]

    def check_unchanged(self) -> None:
        """See that the file is the one that was looked through.

        Raises:
            InputError: it has changed meanwhile.
        """
        if _state(self.path) != self.state:
            raise InputError(
                f"The file {str(self.data.path)!r} must stay as it is during a run; it has changed: start anew."
            )

    def chunks(self, rows: int, first: int = 0) -> Iterator[Table]:
        """Tables of `rows` rows each, the last with what is left, from row `first` on.

        Raises:
            InputError: the file is no longer what it was, or a row holds what a table cannot.
        """
        for start, frame in parquet_frames(self.path, str(self.data.path), rows, first):
            yield _table(
                prepared(frame, self.data), self.settled, self.categories, np.arange(start, start + len(frame))
            )


def scan(
    data: Data,
    base_directory: str | Path = ".",
    *,
    allow_outside: bool = False,
    reference_rows: int,
    rows: int = _SCANNED_ROWS,
) -> ChunkedTable:
    """Read a Parquet file once from end to end: its levels, its classes, and `reference_rows` of its rows.

    At most `rows` others are in the memory at once. Which rows are picked does not depend on their order.

    Raises:
        InputError: the table is no Parquet file, misses values, has row ids that repeat, or is no table.
    """
    path = _parquet_path(data, base_directory, allow_outside)
    state = _state(path)
    found = _Scan(data, reference_rows)
    with Repeats() as repeats:
        for start, frame in parquet_frames(path, str(data.path), min(rows, _SCANNED_ROWS)):
            repeats.add(found.add(start, prepared(frame, data)))
        found.check()
        if data.row_id is not None and (hashes := repeats.found()).size:
            _refuse_repeated(path, data, hashes)
    return found.table(path, state)


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _parquet_path(data: Data, base_directory: str | Path, allow_outside: bool) -> Path:
    if data.path is None:
        source = f"the table {data.table!r}" if data.law is None else f"the law {data.law.kind!r}"
        raise InputError(
            f"`chunk_rows` is for a Parquet file, which is read in chunks; {source} is in memory as a whole: leave "
            "`chunk_rows` out, or name a file with --data."
        )
    path = data_path(data, base_directory, allow_outside=allow_outside)
    if not path.name.lower().endswith(PARQUET_SUFFIXES):
        raise InputError(
            f"`chunk_rows` is for a Parquet file, whose columns have one type in all rows; {data.path!r} is text: save "
            "it as Parquet, or leave `chunk_rows` out."
        )
    return path


def _table(
    frame: pd.DataFrame,
    settled: Mapping[str, Any],
    categories: Mapping[str, pd.CategoricalDtype],
    positions: np.ndarray,
) -> Table:
    """The rows at these positions of the file (rows,), as a table."""
    frame = frame.assign(**{name: frame[name].astype(dtype) for name, dtype in categories.items()})
    try:
        table = Table.from_frame(frame, **settled)
    except InputError as error:
        where = f"In data rows {positions[0] + 1:,} to {positions[-1] + 1:,}, counted from the first of these"
        raise InputError("\n".join(f"{where}: {sentence}" for sentence in str(error).splitlines())) from None
    return table if settled["row_id"] is not None else dataclasses.replace(table, row_ids=positions)


class _Scan:
    """What the first pass has seen."""

    def __init__(self, data: Data, reference_rows: int) -> None:
        self.data, self.rows, self.num_rows = data, reference_rows, 0
        self.values: dict[str, dict[Label, None]] = {}
        self.categories: dict[str, pd.CategoricalDtype] = {}
        self.missing: dict[str, int] = {}
        self.names: list[str] = []
        self.kept = pd.DataFrame()
        self.places, self.hashes = np.zeros(0, np.int64), np.zeros(0, np.uint64)

    def add(self, start: int, frame: Any) -> np.ndarray:
        """Look at the rows from `start` on; hashes of their ids, (rows,)."""
        _check_names(self.data, frame)
        self.names, self.num_rows = [str(name) for name in frame.columns], start + len(frame)
        for name in (it for it in frame.columns if it not in {self.data.row_id, *self.data.drop}):
            self._look_at(str(name), frame[name])
        ids = np.arange(start, self.num_rows)
        if self.data.row_id is not None:
            ids = read_row_ids(self.data.row_id, frame[self.data.row_id])
        hashes = _hashes(ids)
        self._keep(frame, np.arange(start, self.num_rows), hashes)
        return hashes

    def _look_at(self, name: str, column: pd.Series) -> None:
        """Count missing values and collect levels or classes."""
        self.missing[name] = self.missing.get(name, 0) + int(column.isna().sum())
        if isinstance(column.dtype, pd.CategoricalDtype):
            known = self.categories.get(name)
            every = [*(() if known is None else known.categories), *column.cat.categories]
            self.categories[name] = pd.CategoricalDtype(list(dict.fromkeys(every)), column.dtype.ordered)
            return
        is_discrete = self.data.kinds.get(name, "continuous") != "continuous"
        if name == self.data.target or is_discrete or value_type_of(name, column) != "numbers":
            own = self.values.setdefault(name, {})
            own.update(dict.fromkeys(plain(value) for value in column.dropna().unique()))
            if len(own) > _MOST_LEVELS:
                raise InputError(
                    f"Column {name!r} must have at most {_MOST_LEVELS:,} different values to be read in chunks; it has "
                    "more: drop it, make it `row_id`, or make it a number."
                )

    def _keep(self, frame: Any, places: np.ndarray, hashes: np.ndarray) -> None:
        """Keep the rows with the smallest hashes; of equal ones the first."""
        if len(self.hashes) >= self.rows:
            near = hashes < self.hashes.max()
            frame, places, hashes = frame[near], places[near], hashes[near]
        every = np.concatenate([self.hashes, hashes])
        best = np.sort(np.lexsort((np.arange(len(every)), every))[: self.rows])
        self.hashes, self.places = every[best], np.concatenate([self.places, places])[best]
        pieces = [piece.astype(self._dtypes(piece)) for piece in (self.kept, frame) if len(piece)]
        if pieces:
            self.kept = pd.concat(pieces, ignore_index=True).iloc[best]

    def _dtypes(self, frame: pd.DataFrame) -> dict[str, pd.CategoricalDtype]:
        return {name: dtype for name, dtype in self.categories.items() if name in frame}

    def check(self) -> None:
        """See that there are rows, and that no feature and no label is missing."""
        if not self.num_rows:
            raise InputError("The table must have at least one row; it has none.")
        problems = Problems()
        for name, count in self.missing.items():
            if count:
                problems.add(
                    f"Column {name!r} must have a value in every row to be read in chunks; {count:,} of "
                    f"{self.num_rows:,} rows have none: fill them in, drop the column, or leave `chunk_rows` out."
                )
        problems.raise_if_any()

    def table(self, path: Path, state: tuple[int, int]) -> ChunkedTable:
        """The table with its columns settled, and its reference rows."""
        data = self.data
        settled = {
            "target": data.target,
            "row_id": data.row_id,
            "classes": self._classes(),
            "kinds": data.kinds,
            "levels": {**self._levels(), **data.levels},
            "drop": data.drop,
        }
        order = np.argsort(self.places)
        frame, places = self.kept.iloc[order].reset_index(drop=True), self.places[order]
        table = Table.from_frame(frame.astype(self._dtypes(frame)), **settled)
        reference = table if data.row_id is not None else dataclasses.replace(table, row_ids=places)
        categories = {name: dtype for name, dtype in self.categories.items() if name in frame}
        return ChunkedTable(path, data, state, self.num_rows, reference, settled, categories)

    def _levels(self) -> dict[str, list[Label]]:
        """Of the columns of values, sorted; text of an order that nobody said is left for the table to refuse."""
        found = {}
        for name, values in self.values.items():
            is_text = any(isinstance(value, str) for value in values)
            if name != self.data.target and not (is_text and self.data.kinds.get(name) == "ordinal"):
                found[name] = sorted(values)
        return found

    def _classes(self) -> tuple[Label, ...] | None:
        data = self.data
        if data.classes is not None or data.target is None:
            return data.classes
        if data.target in self.categories:
            return tuple(plain(value) for value in self.categories[data.target].categories)
        return read_target(data.target, pd.Series(list(self.values[data.target])), None)[1]


def _hashes(ids: np.ndarray) -> np.ndarray:
    """Of row ids, (rows,) uint64."""
    words = row_hashes(ids).astype(np.uint64)
    return (words[:, 0] << np.uint64(32)) | words[:, 1]


def _check_names(data: Data, frame: pd.DataFrame) -> None:
    for argument, name in (("target", data.target), ("row_id", data.row_id)):
        if name is not None and name not in frame:
            raise InputError(f"`{argument}` names {name!r}, which is no column: {did_you_mean(name, frame.columns)}")


def _refuse_repeated(path: Path, data: Data, hashes: np.ndarray) -> None:
    """Say which id repeats, and where."""
    name, rows, found = str(data.row_id), [], None
    for start, frame in parquet_frames(path, str(data.path), _SCANNED_ROWS):
        column: Any = prepared(frame, data)[name]
        ids = read_row_ids(name, column)
        same = np.flatnonzero(_hashes(ids) == hashes[0])
        found = found if not len(same) else plain(ids[same[0]])
        rows += (start + same + 1).tolist()
    more = f", and {len(hashes) - 1} more" if len(hashes) > 1 else ""
    raise InputError(
        f"The row id {name!r} must be different in every row; {found!r} is in data rows {listed(rows)}{more}: make "
        "them differ."
    )
