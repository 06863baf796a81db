"""croissant.json says what the columns of a result are, and Parquet columns have types that every reader knows."""

from __future__ import annotations

import hashlib
import json

import pyarrow.parquet
import pytest
import runs

from synlabel_prob import store
from synlabel_prob.report import report


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    fitted, generated = runs.run("votes")
    folder = tmp_path_factory.mktemp("result") / "votes"
    made = report(fitted, generated, title="Five people")
    store.write_result(folder, store.result_files(fitted, generated, made, spec="seed = 1\n", netcdf=b"a tree"))
    return folder


def test_every_column_of_every_table_is_described(written):
    about = json.loads((written / "croissant.json").read_text())
    assert about["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert about["name"] == "Five people"
    files = {it["@id"]: it for it in about["distribution"]}
    assert set(files) == {"dataset.parquet", "votes.parquet"}
    for name, described in files.items():
        content = (written / name).read_bytes()
        assert described["sha256"] == hashlib.sha256(content).hexdigest()
        assert described["contentSize"] == f"{len(content)} B"
    for records in about["recordSet"]:
        sources = {field["source"]["fileObject"]["@id"] for field in records["field"]}
        (file,) = sources
        columns = [field["source"]["extract"]["column"] for field in records["field"]]
        assert columns == pyarrow.parquet.read_schema(written / file).names
        assert len({field["@id"] for field in records["field"]}) == len(columns)
        assert all(field["description"] for field in records["field"])
    kinds = {field["name"]: field["dataType"] for records in about["recordSet"] for field in records["field"]}
    assert kinds["ground_truth_label"] == "sc:Text" and kinds["soft_label[setosa]"] == "sc:Float"


def test_no_column_is_of_a_type_that_some_readers_refuse(written):
    for name in ("dataset.parquet", "votes.parquet"):
        for column in pyarrow.parquet.read_schema(written / name):
            assert not pyarrow.types.is_dictionary(column.type), column.name


def test_noisy_features_are_described(tmp_path):
    fitted, generated = runs.run("noisy_features")
    made = report(fitted, generated)
    store.write_result(tmp_path / "n", store.result_files(fitted, generated, made, spec="seed = 1\n", netcdf=b"a tree"))
    about = json.loads((tmp_path / "n" / "croissant.json").read_text())
    fields = {field["name"]: field for records in about["recordSet"] for field in records["field"]}
    assert fields["noisy_feature[age]"]["dataType"] == "sc:Float"
    assert fields["noisy_feature[size]"]["description"] == "the feature as it is recorded, with noise on features"
    assert fields["age"]["description"] == "a column of the user's table"


def test_observed_sets_are_described(tmp_path):
    fitted, generated = runs.run("candidates")
    made = report(fitted, generated)
    store.write_result(tmp_path / "s", store.result_files(fitted, generated, made, spec="seed = 1\n", netcdf=b"a tree"))
    about = json.loads((tmp_path / "s" / "croissant.json").read_text())
    fields = {field["name"]: field for records in about["recordSet"] for field in records["field"]}
    assert fields["candidate[setosa]"]["dataType"] == "sc:Boolean"
    assert fields["observed_label"]["dataType"] == "sc:Text"
    for name in ("candidate[setosa]", "observed_label"):
        assert fields[name]["description"] != "a column of the user's table"
