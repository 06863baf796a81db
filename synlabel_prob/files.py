"""CSV and Parquet files become frames; what cannot be read is refused in one sentence."""

from __future__ import annotations

import csv
import gzip
import io
import os
import stat
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from .errors import InputError, did_you_mean

CSV_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
PARQUET_SUFFIXES = (".parquet", ".pq")
_SEPARATORS = {",": "','", ";": "';'", "\t": "'\\t'", "|": "'|'", " ": "' '"}
_FIRST_BYTES = {
    b"\x1f\x8b": "is compressed with gzip: name it .csv.gz",
    b"PK\x03\x04": "is a spreadsheet or a zip archive: save the table as CSV",
    b"PAR1": "is a Parquet file: name it .parquet",
}


def file_inside(given: str, base_directory: str | Path, *, allow_outside: bool, key: str) -> Path:
    """The whole path of a file that a spec names.

    Args:
        given: what the spec says.
        base_directory: the folder that it is relative to, and must not leave.
        allow_outside: the path comes from the user and not from a spec: it may be absolute or climb out.
        key: where the spec says it, for the message.

    Raises:
        InputError: it leaves the folder.
    """
    base = Path(base_directory).resolve()
    path = Path(given).expanduser() if allow_outside else Path(given)
    resolved = Path(os.path.realpath(base / path))  # `resolve` raises on a loop of links before Python 3.13
    if not allow_outside and (path.is_absolute() or not resolved.is_relative_to(base)):
        raise InputError(
            f"`path` in a spec must stay inside the spec's folder, so that a spec from elsewhere cannot read "
            f"your files; got {given!r}: give it with --set {key}={given}"
        )
    return resolved


def check_file(path: Path, given: str, suffixes: tuple[str, ...] = CSV_SUFFIXES + PARQUET_SUFFIXES) -> None:
    """See that a regular file is there; messages call it as the user has `given` it, and know files by suffixes."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        names = [str(Path(given).with_name(file.name)) for file in _beside(path, suffixes)]
        kinds = "CSV or Parquet" if ".csv" in suffixes else " or ".join(suffixes)
        said = (
            did_you_mean(given, names)
            if names
            else f"there is no {kinds} file in its folder; give the path to it from here."
        )
        raise InputError(f"There is no file {given!r}: {said}") from None
    except OSError as error:
        raise InputError(f"The file {given!r} cannot be read: {error.strerror}.") from None
    if stat.S_ISDIR(mode):
        raise InputError(f"`path` must be a file; {given!r} is a folder: name a table in it.")
    if not stat.S_ISREG(mode):
        raise InputError(f"`path` must be a regular file; {given!r} is a device, a pipe or a socket.")


def _beside(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    try:
        files = sorted(path.parent.iterdir())
    except OSError:
        return []
    return [file for file in files if file.name.lower().endswith(suffixes)]


def read_bytes(path: Path, given: str, suffixes: tuple[str, ...] = CSV_SUFFIXES + PARQUET_SUFFIXES) -> bytes:
    """The content of a regular file; arguments as for `check_file`."""
    check_file(path, given, suffixes)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The file {given!r} cannot be read: {error.strerror}.") from None


def read_parquet(path: Path, given: str) -> pd.DataFrame:
    """The frame in a Parquet file; a named index becomes a column."""
    import pyarrow
    import pyarrow.parquet

    content = read_bytes(path, given)
    if not content:
        raise InputError(f"The file {given!r} must hold a table; it is empty.")
    try:
        return with_named_index(pyarrow.parquet.ParquetFile(io.BytesIO(content)).read().to_pandas())
    except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
        raise incomplete_parquet(given, error) from None


def with_named_index(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame that pandas wrote may carry its row ids in a named index."""
    return frame.reset_index(level=[name for name in frame.index.names if name is not None])


def incomplete_parquet(given: str, error: Exception) -> InputError:
    """What is said of a Parquet file that reading it fails on."""
    reason = str(error).splitlines()[0].rstrip(".")
    return InputError(f"The file {given!r} must be a complete Parquet file; reading says {reason}: write it again.")


def _text_bytes(path: Path, given: str) -> bytes:
    """The content of a CSV file, unpacked, which is UTF-8 text."""
    content = read_bytes(path, given)
    if content and path.name.lower().endswith(".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                f"The file {given!r} must be a complete gzip file; unpacking says {error}: write it again."
            ) from None
    if not content.strip():
        raise InputError(f"The file {given!r} must hold a table; it is empty.")
    for first, advice in _FIRST_BYTES.items():
        if content.startswith(first):
            raise InputError(f"The file {given!r} must be CSV text; it {advice}.")
    if b"\0" in content:
        raise InputError(f"The file {given!r} must be text in UTF-8; it is binary or UTF-16: save it so.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The file {given!r} must be text in UTF-8; line {line} is in another encoding: save it so."
        ) from None
    return content


def read_csv(path: Path, given: str, *, separator: str, header: bool, id_columns: Collection[str]) -> pd.DataFrame:
    """The frame in a CSV file.

    Args:
        path: the file, of text in UTF-8, perhaps packed with gzip.
        given: what messages call it.
        separator: one character; a .tsv file has tabs where this is a comma.
        header: whether the first line has the names.
        id_columns: columns that name the rows; ids such as 007 keep their zeros.

    Raises:
        InputError: the file is no table of equally long rows, in a sentence that says where.
    """
    is_tabs = path.name.lower().endswith((".tsv", ".tsv.gz")) and separator == ","
    separator = "\t" if is_tabs else separator
    content = _text_bytes(path, given)
    names = _column_names(_checked_first_row(content, separator, given), header, given)
    ids = [name for name in names if name in id_columns]
    try:
        frame = pd.read_csv(
            io.BytesIO(content),
            sep=separator,
            header=0 if header else None,
            names=names,
            dtype=dict.fromkeys(ids, "str"),
            low_memory=False,
        )
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        raise InputError(f"The file {given!r} cannot be read as CSV: {str(error).strip()}") from None
    for name in ids:
        # Ids that are written the way whole numbers are written can be numbers; 007 cannot.
        if frame[name].str.fullmatch("0|-?[1-9][0-9]{0,17}").fillna(False).all() and len(frame):
            frame[name] = frame[name].astype(np.int64)
    return frame


def _checked_first_row(content: bytes, separator: str, given: str) -> list[str]:
    """The first row, once every row is seen to have as many fields; pandas would fill up short ones."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, delimiter=separator, strict=True)
    first: list[str] = []
    wrong: tuple[int, int] | None = None
    others = 0
    try:
        for row in reader:
            if not "".join(row).strip() and len(row) < 2:
                continue
            first = first or row
            if len(row) != len(first):
                wrong, others = wrong or (reader.line_num, len(row)), others + (wrong is not None)
    except csv.Error as error:
        raise InputError(f"The file {given!r} is no CSV at line {reader.line_num}, {error}: close quotes.") from None
    if wrong is None and len(first) != 1:
        return first
    advice = _separator_advice(content, separator)
    if wrong is not None:
        more = f", and so in {others} more" if others else ""
        raise InputError(
            f"Every line of {given!r} must have {len(first)} fields like the first; line {wrong[0]} has "
            f"{wrong[1]}{more}: {advice or 'correct the file.'}"
        )
    if advice:
        raise InputError(f"Separator {separator!r} finds only one column in {given!r}: {advice}")
    return first


def _separator_advice(content: bytes, separator: str) -> str:
    text = content[:100_000].decode("utf-8-sig", "ignore")
    lines = [line for line in text.splitlines() if line.strip()][:20]
    for candidate, shown in _SEPARATORS.items():
        counts = {len(row) for row in csv.reader(lines, delimiter=candidate)}
        if candidate != separator and len(counts) == 1 and min(counts) > 1:
            return f"set `separator` to {shown}, which finds {min(counts)}."
    return ""


def _column_names(first: Sequence[str], header: bool, given: str) -> list[str]:
    if not header:
        return [f"column_{position}" for position in range(len(first))]
    repeated = [name for name, count in Counter(first).items() if count > 1]
    numbers = [number for field in first if (number := finite_number(field)) is not None]
    # Whole numbers that differ can be names: pandas writes 0, 1, 2, ... for columns without one.
    if len(numbers) == len(first) and (repeated or not all(map(float.is_integer, numbers))):
        raise InputError(f"The first line of {given!r} must be names; it has numbers: set `header` to false.")
    names = [name or f"column_{position}" for position, name in enumerate(first)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        shown = ", ".join(map(repr, repeated))
        raise InputError(f"Column names must differ; {given!r} has {shown} more than once: rename them.")
    return names


def finite_number(text: str) -> float | None:
    """The number that a text is; None where it is none, or an infinite one or NaN."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
