"""Parts of a result: complete or not there, this run's or refused, and joined into one file whatever their size."""

from __future__ import annotations

import errno
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.store import Parts, parts, stored_rows

MANIFEST = {"the spec": "a" * 64, "chunk_rows": 40, "the version of jax": "0.12"}


def table(start, stop):
    """Rows with metadata, as a result's have."""
    texts = [f"t{number % 7}" for number in range(start, stop)]
    made = pa.Table.from_pandas(pd.DataFrame({"x": np.arange(start, stop) / 3, "t": texts}), preserve_index=False)
    return made.replace_schema_metadata({**made.schema.metadata, b"synlabel_prob": b"{}"})


def filled(target, rows, total=100, **options):
    """All parts of a table of `total` rows, as an open folder leaves them."""
    number = -(-total // rows)
    with Parts.opened(target, number, MANIFEST, **options) as made:
        for place in range(made.done, number):
            made.add(place, table(place * rows, min(total, (place + 1) * rows)), {"place": place})
    return made


@pytest.mark.parametrize("group", [32, 2**16])
def test_the_joined_file_does_not_depend_on_the_size_of_the_parts(tmp_path, monkeypatch, group):
    monkeypatch.setattr(parts, "_GROUP_ROWS", group)
    contents = set()
    for rows in (7, 32, 100):
        made = filled(tmp_path / f"out{rows}", rows)
        made.join(tmp_path / "all.parquet")
        contents.add((tmp_path / "all.parquet").read_bytes())
    assert len(contents) == 1
    found = pq.ParquetFile(tmp_path / "all.parquet")
    assert found.num_row_groups == -(-100 // group)
    assert found.read().equals(table(0, 100)) and found.schema_arrow.metadata == table(0, 1).schema.metadata
    pieces = list(stored_rows(tmp_path / "all.parquet", 30))
    assert [piece.num_rows for piece in pieces] == [30, 30, 30, 10]
    assert pa.concat_tables(pieces).equals(table(0, 100))


def test_a_run_goes_on_after_the_parts_that_are_complete(tmp_path):
    target = tmp_path / "results" / "big"
    with Parts.opened(target, 3, MANIFEST) as made:
        assert made.folder == tmp_path / "results" / ".big.partial" and made.done == 0
        made.add(0, table(0, 40), {"place": 0})
        (made.folder / "part-000001.parquet.unfinished").write_bytes(b"killed here")
    with Parts.opened(target, 3, MANIFEST) as made:
        assert made.done == 1
        made.add(1, table(40, 80), {"place": 1})
        made.add(2, table(80, 100), {"place": 2})
        assert made.done == 3 and made.about() == [{"place": place} for place in range(3)]
        made.remove()
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"the spec": "b" * 64}, "it differs in the spec:"),
        ({"chunk_rows": 50}, r"it differs in chunk_rows \(40, now 50\):"),
        (
            {"chunk_rows": 50, "the version of jax": "0.13"},
            r"chunk_rows \(40, now 50\); the version of jax \(0.12, now",
        ),
    ],
)
def test_parts_of_another_run_are_refused_or_removed(tmp_path, changed, words):
    target, other = tmp_path / "big", {**MANIFEST, **changed}
    filled(target, 40)
    with pytest.raises(InputError, match=words), Parts.opened(target, 3, other):
        pass
    with Parts.opened(target, 3, MANIFEST) as made:
        assert made.done == 3
    with Parts.opened(target, 3, other, anew=True) as made:
        assert made.done == 0 and [path.name for path in made.folder.iterdir()] == ["manifest.json"]


def test_the_same_run_goes_on_when_forced_too(tmp_path):
    filled(tmp_path / "big", 40)
    with Parts.opened(tmp_path / "big", 3, MANIFEST, anew=True) as made:
        assert made.done == 3


def test_a_manifest_that_is_damaged_is_another_run(tmp_path):
    made = filled(tmp_path / "big", 40)
    (made.folder / "manifest.json").write_bytes(b"{")
    with pytest.raises(InputError, match="its manifest is damaged"), Parts.opened(tmp_path / "big", 3, MANIFEST):
        pass
    with Parts.opened(tmp_path / "big", 3, MANIFEST, anew=True) as made:
        assert made.done == 0


def test_two_runs_at_once_are_refused(tmp_path):
    with (
        Parts.opened(tmp_path / "big", 3, MANIFEST),
        pytest.raises(InputError, match="Another run is writing chunks into"),
        Parts.opened(tmp_path / "big", 3, MANIFEST),
    ):
        pass


def test_a_full_disk_leaves_the_parts_that_are_there(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with Parts.opened(tmp_path / "big", 2, MANIFEST) as made:
        made.add(0, table(0, 40), {})
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="the disk is full; those that are there stay"):
            made.add(1, table(40, 80), {})
        assert made.done == 1


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / ".big.partial").write_bytes(b"a file")
    with pytest.raises(InputError, match="cannot be written"), Parts.opened(tmp_path / "big", 2, MANIFEST):
        pass
