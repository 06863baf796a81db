"""A result that was made in chunks is computed again, chunk by chunk, and compared."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .. import store
from ..chunks import DEFAULT_CHUNK_ROWS
from .running import ChunkedRun


def differences(run: ChunkedRun, directory: Path, progress: Any) -> list[str]:
    """Where the rows and the function of a result and those that `run` makes differ, a sentence each."""
    saved, path = run.fitted.ground_truth.saved(), directory / "ground_truth.json"
    found = _Compared()
    progress.stage("soft labels")
    for chunk, stored in itertools.zip_longest(
        run.chunks(DEFAULT_CHUNK_ROWS, progress=progress),
        store.stored_rows(directory / "dataset.parquet", DEFAULT_CHUNK_ROWS),
    ):
        found.add(None if chunk is None else chunk.rows.to_pandas(), None if stored is None else stored.to_pandas())
    sentences = found.sentences()
    if saved is not None and not (path.is_file() and json.loads(path.read_bytes()) == json.loads(json.dumps(saved))):
        sentences.append("ground_truth.json: the function has other values.")
    return sentences


class _Compared:
    """Rows that differ, by column: how many, and the first."""

    def __init__(self) -> None:
        self.rows, self.shapes = 0, ""
        self.found: dict[str, tuple[int, int]] = {}

    def add(self, now: pd.DataFrame | None, before: pd.DataFrame | None) -> None:
        """The next rows of both."""
        if self.shapes or now is None or before is None or len(now) != len(before) or list(now) != list(before):
            self.shapes = "dataset.parquet: it has other columns or another number of rows."
            return
        for name in (name for name in now if not now[name].equals(before[name])):
            same = (now[name] == before[name]) | (now[name].isna() & before[name].isna())
            rows = np.flatnonzero(~same.to_numpy(dtype=bool)) + self.rows
            if len(rows):
                count, first = self.found.get(str(name), (0, int(rows[0]) + 1))
                self.found[str(name)] = (count + len(rows), first)
        self.rows += len(now)

    def sentences(self) -> list[str]:
        """What was found."""
        if self.shapes:
            return [self.shapes]
        return [
            f"dataset.parquet: column {name!r} differs in {count} rows, the first in data row {first}."
            for name, (count, first) in self.found.items()
        ]
