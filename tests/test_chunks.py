"""A table in chunks is the table that is read whole; what cannot be read so is refused in a sentence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from synlabel_prob import feature_laws as f
from synlabel_prob.chunks import scan
from synlabel_prob.errors import InputError
from synlabel_prob.pieces import parquet_frames
from synlabel_prob.randomness import row_hashes
from synlabel_prob.sources import Data, read_table

ROWS = 230
KINDS, LEVELS = {"size": "ordinal", "rooms": "ordinal", "old": "categorical"}, {"size": ("S", "M", "L", "XL")}
LABELS = {"heat": {"0": "none", "1": "gas"}}
DATA = Data(path="t.parquet", target="answer", row_id="name", kinds=KINDS, levels=LEVELS, labels=LABELS, drop=("note",))


def frame(rows=ROWS):
    """Columns of every kind; levels that only late rows have."""
    draw = np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "name": [f"r{number:04}" for number in draw.permutation(rows)],
            "income": draw.normal(size=rows),
            "rooms": np.sort(draw.integers(1, 7, rows)),
            "size": np.sort(draw.choice(["L", "M", "S"], rows)),
            "region": pd.Categorical(np.sort(draw.choice(["n", "w", "s"], rows)), categories=["w", "n", "s", "e"]),
            "flat": draw.random(rows) < 0.5,
            "old": draw.integers(0, 2, rows),
            "heat": draw.integers(0, 2, rows),
            "note": [None, "x"] * (rows // 2),
            "answer": np.sort(draw.choice(["no", "perhaps", "yes"], rows)),
        }
    )
    return made.astype({"region": pd.CategoricalDtype(["w", "n", "s", "e"], ordered=True)})


def written(folder, made, name="t.parquet", group=50):
    made.to_parquet(folder / name, row_group_size=group)
    return folder


def refused(folder, data, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        scan(data, folder, reference_rows=50)
    assert "\n" not in str(caught.value)


# --- the same table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 64, 100, 1000])
def test_chunks_together_are_the_table(tmp_path, rows):
    whole = read_table(DATA, written(tmp_path, frame()))
    found = scan(DATA, tmp_path, reference_rows=40)
    tables = list(found.chunks(rows))
    assert [table.num_rows for table in tables] == [min(rows, ROWS - start) for start in range(0, ROWS, rows)]
    assert np.array_equal(np.concatenate([table.features for table in tables]), whole.features)
    assert np.array_equal(np.concatenate([table.target for table in tables]), whole.target)
    assert np.concatenate([table.row_ids for table in tables]).tolist() == whole.row_ids.tolist()
    for table in (found.reference, *tables):
        assert (table.columns, table.classes, table.row_id_name) == (whole.columns, whole.classes, whole.row_id_name)
        assert table.to_frame().dtypes.equals(whole.to_frame().dtypes)


def test_a_table_of_fewer_rows_than_asked_for_is_the_reference(tmp_path):
    whole = read_table(DATA, written(tmp_path, frame()))
    assert scan(DATA, tmp_path, reference_rows=ROWS).reference.sha256() == whole.sha256()


def test_rows_without_ids_are_numbered_through(tmp_path):
    data = dataclasses.replace(DATA, row_id=None, drop=("note", "name"))
    whole = read_table(data, written(tmp_path, frame()))
    found = scan(data, tmp_path, reference_rows=ROWS)
    assert found.reference.sha256() == whole.sha256()
    assert np.concatenate([table.row_ids for table in found.chunks(64)]).tolist() == list(range(ROWS))


def test_chunks_go_on_in_the_middle(tmp_path):
    found = scan(DATA, written(tmp_path, frame()), reference_rows=40)
    every = [table.sha256() for table in found.chunks(64)]
    assert [table.sha256() for table in found.chunks(64, 128)] == every[2:]
    assert list(found.chunks(64, ROWS)) == []


@pytest.mark.parametrize("index", [pd.RangeIndex(100, 100 + ROWS, name="key"), pd.Index(range(ROWS), name="key")])
def test_a_named_index_is_a_column_in_every_piece(tmp_path, index):
    made = frame().set_index(index)
    pieces = list(parquet_frames(written(tmp_path, made) / "t.parquet", "t.parquet", 64))
    assert [start for start, _ in pieces] == [0, 64, 128, 192]
    assert pd.concat([piece["key"] for _, piece in pieces]).tolist() == list(index)
    data = dataclasses.replace(DATA, row_id="key", drop=("note", "name"))
    assert scan(data, tmp_path, reference_rows=ROWS).reference.sha256() == read_table(data, tmp_path).sha256()


# --- reference rows ---------------------------------------------------------------------------------


def test_reference_rows_have_the_smallest_hashes_whatever_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("synlabel_prob.chunks._SCANNED_ROWS", 64)
    made = frame()
    first = scan(DATA, written(tmp_path, made), reference_rows=40).reference
    words = row_hashes(made["name"].to_numpy(dtype=object)).astype(object)
    order = np.argsort([(high << 32) | low for high, low in words])[:40]
    assert first.row_ids.tolist() == made["name"].iloc[np.sort(order)].tolist()
    turned = scan(DATA, written(tmp_path, made.iloc[::-1]), reference_rows=40).reference
    assert turned.row_ids.tolist()[::-1] == first.row_ids.tolist()
    assert np.array_equal(turned.features[::-1], first.features)


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (Data(table="wine"), "the table 'wine' is in memory as a whole: leave `chunk_rows` out"),
        (Data(law=f.Parabola()), "the law 'parabola' is in memory as a whole"),
        (Data(path="t.csv"), "'t.csv' is text: save it as Parquet"),
        (Data(path="other.parquet"), "no file 'other.parquet': did you mean 't.parquet'"),
        (
            dataclasses.replace(DATA, target="answr"),
            "`target` names 'answr', which is no column: did you mean 'answer'",
        ),
        (dataclasses.replace(DATA, row_id="nam"), "`row_id` names 'nam', which is no column"),
        (dataclasses.replace(DATA, drop=()), "'note' must have a value in every row to be read in chunks; 115 of 230"),
        (dataclasses.replace(DATA, levels={}), "'size' is ordinal text of unknown order"),
        (dataclasses.replace(DATA, classes=("no", "yes")), "must hold the declared `classes` only"),
        (dataclasses.replace(DATA, target="income", drop=("note", "answer")), "got numbers that are not whole"),
    ],
)
def test_what_cannot_be_read_in_chunks_is_refused(tmp_path, data, sentence):
    written(tmp_path, frame())
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    refused(tmp_path, data, sentence)


def test_ids_that_repeat_far_apart_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("synlabel_prob.chunks._SCANNED_ROWS", 64)
    made = frame()
    made.loc[200, "name"] = made.loc[7, "name"]
    name = made.loc[7, "name"]
    refused(written(tmp_path, made), DATA, f"'name' must be different in every row; '{name}' is in data rows 8, 201:")


def test_too_many_levels_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("synlabel_prob.chunks._MOST_LEVELS", 100)
    refused(
        written(tmp_path, frame()), dataclasses.replace(DATA, row_id=None), "'name' must have at most 100 different"
    )


def test_a_bad_row_is_named_where_it_is(tmp_path):
    found = scan(DATA, written(tmp_path, frame()), reference_rows=40)
    written(tmp_path, frame().assign(income=np.inf))
    with pytest.raises(InputError, match="In data rows 65 to 128, counted from the first of these: Column 'income'"):
        list(found.chunks(64, 64))


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "it is empty"), (b"PAR1xx", "must be a complete Parquet file")]
)
def test_files_that_are_not_parquet_are_refused(tmp_path, content, sentence):
    (tmp_path / "t.parquet").write_bytes(content)
    refused(tmp_path, DATA, sentence)
