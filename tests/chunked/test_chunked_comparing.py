"""A result that was made in chunks is computed again and compared, row by row."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chunked_cases import ROWS, SPECS, write_table

from synlabel_prob import pictures, run, store
from synlabel_prob.chunked import comparing
from synlabel_prob.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = write_table(tmp_path_factory.mktemp("comparing"))
    run.generate(SPECS["network"], made / "out", base_directory=made, chunk_rows=1000, reference_rows=400)
    return made


@pytest.fixture
def out(folder, tmp_path):
    """A copy of the result that a test may change."""
    files = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    store.write_result(tmp_path / "out", files)
    return tmp_path / "out"


def forged(out, table):
    """Another dataset in its place, with its hash recorded."""
    pq.write_table(table, out / "dataset.parquet")
    summary = json.loads((out / "summary.json").read_bytes())
    summary["hashes"] = store.file_hashes(out)
    (out / "summary.json").write_text(json.dumps(summary))


def differences(folder, out):
    return run.verify(out, data_path=folder / "big.parquet")


def test_a_result_is_the_same_when_it_is_computed_again(folder, out, monkeypatch):
    monkeypatch.setattr(comparing, "DEFAULT_CHUNK_ROWS", 700)
    assert differences(folder, out) == []


def test_changed_values_are_found(folder, out, monkeypatch):
    monkeypatch.setattr(comparing, "DEFAULT_CHUNK_ROWS", 700)
    table = pq.read_table(out / "dataset.parquet")
    place = table.schema.get_field_index("soft_label[B]")
    values = table.column(place).to_numpy().copy()
    values[[1500, 2000]] += 1e-15
    forged(out, table.set_column(place, "soft_label[B]", pa.array(values)))
    sentence = "dataset.parquet: column 'soft_label[B]' differs in 2 rows, the first in data row 1501."
    assert differences(folder, out) == [sentence]


def test_rows_and_columns_that_are_gone_are_found(folder, out):
    table = pq.read_table(out / "dataset.parquet")
    for changed in (table.slice(0, ROWS - 1), table.drop_columns(["drawn_label"]), pa.concat_tables([table, table])):
        forged(out, changed)
        assert differences(folder, out) == ["dataset.parquet: it has other columns or another number of rows."]


def test_another_function_is_found(folder, out):
    path = out / "ground_truth.json"
    saved = json.loads(path.read_bytes())
    saved["intercepts"][0][0] += 1.0
    path.write_text(json.dumps(saved))
    forged(out, pq.read_table(out / "dataset.parquet"))
    assert differences(folder, out) == ["ground_truth.json: the function has other values."]


def test_a_changed_file_is_named_and_nothing_computed(folder, out):
    (out / "spec.toml").write_bytes((out / "spec.toml").read_bytes() + b"\n")
    assert differences(folder, out) == ["spec.toml is not the file that the run wrote: its SHA-256 differs."]


def test_pictures_of_such_a_result_are_refused(folder, out):
    with pytest.raises(InputError, match="was generated in chunks, and pictures are of a process"):
        pictures.inspect(out, data_path=folder / "big.parquet")
