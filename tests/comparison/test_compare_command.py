"""The command `compare`, end to end."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from bad_inputs import SPEC, frame
from test_cli import contents, run

FILES = ["comparison.json", "comparison.parquet", "comparison.png", "rows.parquet"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "first.toml").write_text(SPEC)
    (tmp_path / "second.toml").write_text(SPEC.replace('kind = "gaussian_regression"', 'kind = "gaussian"'))
    frame(60).to_csv(tmp_path / "table.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_two_specs_are_compared_and_the_files_written(folder):
    code, printed, said = run("compare", "first.toml", "second.toml", "--out", "result", "--folds", "2", "--seed", "9")
    assert (code, said) == (0, "")
    assert sorted(path.name for path in (folder / "result").iterdir()) == FILES
    for words in ("first", "second", "elpd", "By elpd", "written to result"):
        assert words in printed
    assert set(pd.read_parquet("result/comparison.parquet").index) == {"first", "second"}
    assert json.loads((folder / "result" / "comparison.json").read_text())["seed"] == 9


def test_kinds_of_prior_take_the_place_of_the_specs(folder):
    arguments = ("--prior", "gaussian", "--prior", "similar_rows", "--folds", "2", "--set", "soft_labels.draws=16")
    code, _, said = run("compare", "first.toml", *arguments, "--out", "result")
    assert (code, said) == (0, "")
    assert set(pd.read_parquet("result/rows.parquet")["prior"]) == {"gaussian", "similar_rows"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("first.toml",), "at least two to compare; got 1"),
        (("first.toml", "first.toml"), "'first.toml' is given twice"),
        (("first.toml", "other.toml"), "must agree in `hidden`; first has ['b'] and other has ['c']"),
        (("first.toml", "weights.toml"), "must agree in `ground_truth.weights.yes.a`; first has 1.0"),
        (("first.toml", "--prior", "gausian"), "did you mean 'gaussian'"),
        (("first.toml", "--prior", "product"), "has fields without a default"),
        (("first.toml", "second.toml", "--prior", "uniform"), "--prior takes the place"),
        (("first.toml", "second.toml", "--folds", "many"), "`folds` must be a whole number"),
        (("first.toml", "second.toml", "--folds", "99"), "half the number of rows, 30; got 99"),
        (("first.toml", "second.toml", "--seed", "three"), "seed"),
    ],
)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(arguments, said, folder):
    (folder / "other.toml").write_text(SPEC.replace('hidden = ["b"]', 'hidden = ["c"]'))
    (folder / "weights.toml").write_text(SPEC.replace("a = 1.0", "a = 2.0"))
    before = contents(folder)
    code, printed, told = run("compare", *arguments, "--out", "result")
    assert (code, printed) == (2, "")
    assert said in told
    assert "Traceback" not in told
    assert contents(folder) == before
