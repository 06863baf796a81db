"""Where a table comes from: a file, a table that an installed package ships, or a law; no code is run."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from .columns import Label
from .descriptions import description, one_of, to_plain
from .errors import InputError, Problems, did_you_mean
from .feature_laws import LAWS, FeatureLaw
from .files import (
    CSV_SUFFIXES,
    PARQUET_SUFFIXES,
    check_file,
    file_inside,
    finite_number,
    read_csv,
    read_parquet,
)
from .shipped import SHIPPED, shipped_frame, shipped_path, shipped_tables
from .table import Table

if TYPE_CHECKING:
    AnyLaw = FeatureLaw
else:
    AnyLaw = one_of(FeatureLaw, LAWS)

__all__ = ["Data", "data_path", "file_sha256", "prepared", "read_frame", "read_table", "shipped_tables"]


@description
class Data:
    """Where a table comes from and what its columns are; exactly one of `table`, `path` and `law`.

    Every field after `header` uses the names that `rename` gives. In a CSV file the texts that pandas takes
    for missing (an empty field, NA, NaN, None, null and a few more) are missing values. A law draws features alone:
    beside it stand only `rows` and `seed`.

    Attributes:
        table: a table that is shipped with an installed package, see `shipped_tables`.
        path: a CSV (.csv, .tsv, .txt, also .gz) or Parquet file, relative to the spec's folder.
        law: the law of whole rows that the table is drawn from, so that exact soft labels are known.
        rows: how many rows are drawn from the law.
        seed: which table is drawn from the law; the seed of the run has no part in it.
        separator: what divides the fields of a CSV file, one character; a .tsv file has tabs.
        header: whether the first line of a CSV file has the names; if not they are column_0, column_1, ...
        target: the column of labels; a shipped table has its own.
        row_id: the column that names the rows; in a CSV file an id such as 007 keeps its zeros.
        classes: all classes in order, where those of the target are not all or not in order.
        kinds: by column, where it differs from the inferred: continuous, ordinal or categorical.
        levels: by column, levels in order.
        drop: columns to leave out.
        rename: by name in the file, the name to use.
        labels: by column, texts for its codes; their order is the order of the levels or classes.
    """

    table: str | None = None
    path: str | None = None
    law: AnyLaw | None = None
    rows: Annotated[int, Field(ge=1, le=10_000_000)] = 500
    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    separator: str = ","
    header: bool = True
    target: str | None = None
    row_id: str | None = None
    classes: tuple[Label, ...] | None = None
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)
    levels: dict[str, tuple[Label, ...]] = dataclasses.field(default_factory=dict)
    drop: tuple[str, ...] = ()
    rename: dict[str, str] = dataclasses.field(default_factory=dict)
    labels: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be said without reading anything."""
        problems = Problems()
        _check_one_source(self, problems)
        if self.table is not None and self.table not in SHIPPED:
            hint = did_you_mean(self.table, SHIPPED)
            problems.add(f"`table` is {self.table!r}, which is not shipped: {hint}")
        if self.table is not None and (self.separator != "," or not self.header):
            problems.add("`separator` and `header` are for a CSV file, and `table` is none: remove them.")
        if self.path is not None and "\0" in self.path:
            problems.add(f"`path` must be a file name; got {self.path!r}.")
        if len(self.separator) != 1 or self.separator in '"\r\n\0':
            problems.add(f"`separator` must be one character, such as ';'; got {self.separator!r}.")
        problems.raise_if_any()


def _check_one_source(data: Data, problems: Problems) -> None:
    """Exactly one source, and no field that belongs to another kind of source."""
    given = [name for name in ("table", "path", "law") if getattr(data, name) is not None]
    if len(given) != 1:
        came = " and ".join(f"`{name}`" for name in given) or "none"
        problems.add(f"Data must have exactly one of `table`, `path` and `law`; got {came}.")
    changed = to_plain(data)
    drawn = [f"`{name}`" for name in ("rows", "seed") if name in changed]
    if drawn and data.law is None:
        problems.add(
            f"{' and '.join(drawn)} {'is' if len(drawn) == 1 else 'are'} for a table that `law` draws: remove."
        )
    others = [f"`{name}`" for name in changed if name not in ("law", "rows", "seed", "table", "path")]
    if others and data.law is not None:
        problems.add(
            f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} for a table that is read, and `law` draws one "
            "of features alone: remove."
        )


def read_table(data: Data, base_directory: str | Path = ".", *, allow_outside: bool = False) -> Table:
    """The table that `data` describes; arguments and errors as for `read_frame` and `Table.from_frame`."""
    frame = read_frame(data, base_directory, allow_outside=allow_outside)
    target = data.target
    if target is None and data.table is not None:
        own = SHIPPED[data.table].target
        own = data.rename.get(own, own)
        target = None if own in data.drop or own == data.row_id else own
    return Table.from_frame(
        frame,
        target=target,
        row_id=data.row_id,
        classes=data.classes,
        kinds=data.kinds,
        levels=data.levels,
        drop=data.drop,
    )


def read_frame(data: Data, base_directory: str | Path = ".", *, allow_outside: bool = False) -> pd.DataFrame:
    """The whole frame, renamed and with texts for codes; drawn where there is a law.

    Args:
        data: what to read.
        base_directory: the folder that `data.path` is relative to, and must not leave.
        allow_outside: the path comes from the user and not from a spec: it may be absolute or climb out.

    Raises:
        InputError: the file cannot be read or is not what `data` says, in a sentence each.
    """
    if data.law is not None:
        return data.law.seeded_frame(data.rows, data.seed)
    if data.table is not None:
        return prepared(shipped_frame(data.table), data)
    path = data_path(data, base_directory, allow_outside=allow_outside)
    return prepared(_file_frame(path, data), data, is_text=not _is_parquet(path))


def prepared(frame: pd.DataFrame, data: Data, *, is_text: bool = False) -> pd.DataFrame:
    """A frame as it was read, or some of its rows, renamed and with texts for codes.

    Raises:
        InputError: it is not what `data` says, in a sentence each; `is_text` looks for numbers that text spoils.
    """
    problems = Problems()
    frame = _renamed(frame, data.rename, problems)
    if is_text:
        _check_nearly_numbers(frame, data, problems)
    for name, texts in data.labels.items():
        _label(frame, name, texts, data.kinds.get(name) == "ordinal", problems)
    problems.raise_if_any()
    return frame


def data_path(data: Data, base_directory: str | Path = ".", *, allow_outside: bool = False) -> Path:
    """The file behind `data`, seen to be there; arguments and errors as for `read_frame`."""
    if data.law is not None:
        raise InputError(f"`law` is {data.law.kind!r}, which is drawn and has no file: leave the path out.")
    if data.table is not None:
        return shipped_path(data.table)
    given = str(data.path)
    resolved = file_inside(given, base_directory, allow_outside=allow_outside, key="data.path")
    check_file(resolved, given)
    if not resolved.name.lower().endswith(CSV_SUFFIXES + PARQUET_SUFFIXES):
        known = ", ".join(CSV_SUFFIXES + PARQUET_SUFFIXES)
        raise InputError(f"`path` must end in one of {known}; got {given!r}: save the table as one of these.")
    return resolved


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits; an `InputError` when it cannot be read."""
    check_file(Path(path), str(path))
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"The file {str(path)!r} cannot be read: {error.strerror}.") from None


def _is_parquet(path: Path) -> bool:
    return path.name.lower().endswith(PARQUET_SUFFIXES)


def _file_frame(path: Path, data: Data) -> pd.DataFrame:
    given = str(data.path)
    if _is_parquet(path):
        return read_parquet(path, given)
    ids = {name for name, new in data.rename.items() if new == data.row_id}
    if data.row_id is not None and data.row_id not in data.rename:
        ids.add(data.row_id)
    return read_csv(path, given, separator=data.separator, header=data.header, id_columns=ids)


def _renamed(frame: pd.DataFrame, rename: Mapping[str, str], problems: Problems) -> pd.DataFrame:
    for name in rename:
        if name not in frame:
            problems.add(f"`rename` names {name!r}, which is no column: {did_you_mean(name, frame.columns)}")
    frame = frame.rename(columns=dict(rename))
    for name, count in Counter(frame.columns).items():
        if count > 1 and name in rename.values():
            raise InputError(f"`rename` must keep names different; {count} columns are now {name!r}: use another.")
    return frame


def _label(frame: pd.DataFrame, name: str, texts: Mapping[str, str], ordered: bool, problems: Problems) -> None:
    """Put the texts of a column's codes into the frame, as a categorical in the order of the texts."""
    if list(frame.columns).count(name) != 1:
        problems.add(f"`labels` names {name!r}, which is no column: {did_you_mean(name, frame.columns)}")
        return
    codes, values = pd.factorize(frame[name])
    categories = list(dict.fromkeys(texts.values()))
    positions = {_code(code): categories.index(text) for code, text in texts.items()}
    unknown = [value for value in values if _code(value) not in positions]
    if unknown:
        shown = ", ".join(_code(value) for value in unknown[:5]) + (", ..." if len(unknown) > 5 else "")
        problems.add(f"`labels` of {name!r} must have a text for every code; it lacks {shown}: add it.")
        return
    lookup = np.array([*(positions[_code(value)] for value in values), -1], dtype=np.intp)
    frame[name] = pd.Categorical.from_codes(lookup[codes], categories, ordered=ordered)


def _code(value: Any) -> str:
    """A code as text, the same for 1, 1.0 and "01", because files and TOML keys write it differently."""
    number = finite_number(str(value))
    return str(int(number)) if number is not None and number.is_integer() else str(value)


def _check_nearly_numbers(frame: pd.DataFrame, data: Data, problems: Problems) -> None:
    """A stray "?" or a decimal comma makes text of numbers, and nobody means a level per number."""
    settled = {data.target, data.row_id, *data.drop, *data.kinds, *data.levels, *data.labels}
    for name in (name for name in frame.columns if name not in settled):
        values = frame[name].dropna().drop_duplicates()
        if not len(values) or not all(isinstance(value, str) for value in values):
            continue
        is_text = np.array([finite_number(value) is None for value in values])
        with_point = np.array([finite_number(value.replace(",", ".")) is not None for value in values])
        is_comma = with_point & is_text
        if is_text.mean() < 0.5:
            row = int(np.argmax(is_text))
            problems.add(
                f"Column {name!r} must be numbers or text; it is numbers but {values.iloc[row]!r} in data "
                f"row {values.index[row] + 1}: leave that empty, or set its kind to 'categorical'."
            )
        elif is_comma.mean() > 0.5:
            problems.add(
                f"Column {name!r} must have decimal points; it has commas, as in "
                f"{values.iloc[int(np.argmax(is_comma))]!r}: write points, or set its kind to 'categorical'."
            )
