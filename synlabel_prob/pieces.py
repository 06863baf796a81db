"""A Parquet file in pieces of rows, so that it need not fit into the memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import InputError
from .files import check_file, incomplete_parquet, with_named_index

_BUFFER, _BATCH_ROWS = 2**20, 2**16


def parquet_frames(path: Path, given: str, rows: int, first: int = 0) -> Iterator[tuple[int, pd.DataFrame]]:
    """The frame in a Parquet file in pieces of `rows` rows, the last with what is left, as `read_parquet` reads it.

    Args:
        path: the file.
        given: what messages call it.
        rows: how many rows a piece has.
        first: the row at which the first piece starts.

    Yields:
        The place of the piece's first row, and the piece.

    Raises:
        InputError: it is no complete Parquet file.
    """
    import pyarrow
    import pyarrow.parquet

    check_file(path, given)
    if not path.stat().st_size:
        raise InputError(f"The file {given!r} must hold a table; it is empty.")
    start = first
    try:
        with pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
            index = _range_index(file.schema_arrow.pandas_metadata)
            for piece in in_pieces(_batches(file, first, min(rows, _BATCH_ROWS)), rows):
                frame = with_named_index(piece.unify_dictionaries().to_pandas())
                if index is not None and index[0] not in frame:
                    name, origin, step = index
                    frame.insert(0, name, origin + step * np.arange(start, start + len(frame)))
                yield start, frame
                start += len(frame)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise incomplete_parquet(given, error) from None


def _batches(file: Any, first: int, size: int) -> Iterator[Any]:
    """The rows of an open Parquet file from row `first` on, in batches of at most `size`."""
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    ends = np.cumsum(sizes)
    group = int(np.searchsorted(ends, first, side="right"))
    left = first - (int(ends[group - 1]) if group else 0)
    for batch in file.iter_batches(batch_size=size, row_groups=range(group, len(sizes))):
        yield batch.slice(left)
        left = max(0, left - batch.num_rows)


def in_pieces(batches: Iterable[Any], rows: int) -> Iterator[Any]:
    """Arrow tables of exactly `rows` rows, the last with what is left, from record batches of any sizes."""
    import pyarrow

    waiting: list[Any] = []
    held = 0
    for batch in batches:
        while held + batch.num_rows >= rows:
            cut = rows - held
            yield pyarrow.Table.from_batches([*waiting, batch.slice(0, cut)])
            batch, waiting, held = batch.slice(cut), [], 0
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if held:
        yield pyarrow.Table.from_batches(waiting)


def _range_index(metadata: Mapping[str, Any] | None) -> tuple[str, int, int] | None:
    """Name, start and step of an index that pandas wrote as a range and not as a column; None where none is named."""
    for index in (metadata or {}).get("index_columns", ()):
        if isinstance(index, dict) and index.get("name") is not None:
            return str(index["name"]), int(index["start"]), int(index["step"])
    return None
