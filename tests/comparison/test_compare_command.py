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


LAW = """
seed = 1
hidden = ["x2"]

[data]
law = { kind = "correlated_gaussian", features = 2 }
rows = 60

[ground_truth]
kind = "rules"
when = { yes = "x1 + x2 > 0" }
otherwise = "no"

[prior]
kind = "gaussian"

[soft_labels]
draws = 32
"""


@pytest.mark.slow
def test_data_drawn_from_a_law_are_compared_with_the_exact_soft_labels(folder):
    (folder / "law.toml").write_text(LAW)
    arguments = ("--prior", "gaussian", "--prior", "gaussian_regression", "--folds", "2")
    code, printed, said = run("compare", "law.toml", *arguments, "--out", "result")
    assert (code, said) == (0, "")
    assert "to exact" in printed
    errors = pd.read_parquet("result/comparison.parquet")["truth_error"]
    assert errors["gaussian_regression"] < errors["gaussian"]


@pytest.mark.slow
def test_where_the_law_does_not_know_what_is_hidden_this_is_said(folder):
    law = 'kind = "parabola", features = 2'
    (folder / "law.toml").write_text(LAW.replace('kind = "correlated_gaussian", features = 2', law))
    arguments = ("--prior", "gaussian", "--prior", "gaussian_regression", "--folds", "2", "--set", 'hidden=["x1"]')
    changed = ("--set", "ground_truth.when.yes=x1 + h > 0")
    code, printed, said = run("compare", "law.toml", *arguments, *changed, "--out", "result")
    assert (code, said) == (0, "")
    assert "The exact soft labels are not known" in printed
    assert "truth_error" not in pd.read_parquet("result/comparison.parquet")


def test_force_replaces_a_comparison_and_nothing_else(folder):
    arguments = ("--prior", "gaussian", "--prior", "uniform", "--folds", "2", "--set", "soft_labels.draws=16")
    again = ("compare", "first.toml", *arguments, "--out", "result")
    assert run(*again)[0] == 0
    first = contents(folder / "result")
    assert run(*again)[::2] == (
        2,
        "error: The output directory 'result' exists already: name another, or replace it with --force.\n",
    )
    assert contents(folder / "result") == first
    assert run(*again, "--force", "--seed", "9")[0] == 0
    assert contents(folder / "result") != first
    (folder / "result" / "notes.txt").write_text("mine")
    code, _, said = run(*again, "--force")
    assert (code, "'notes.txt', which is no part of a result" in said) == (2, True)
    assert (folder / "result" / "notes.txt").read_text() == "mine"


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
        (("first.toml", "data.toml"), "must agree in `data.drop`; first has nothing and data has ['c']"),
        (("first.toml", "gone.toml"), "There is no spec file 'gone.toml'"),
        (("first.toml", "--prior", "uniform", "--prior", "uniform"), "--prior uniform is given twice"),
        (("first.toml", "--prior", "uniform", "--prior", "categorical"), "categorical: the prior 'categorical' takes"),
        (("first.toml", "second.toml", "--set", 'hidden=["d"]'), "'d' is not a feature of the table"),
        (("first.toml", "second.toml", "--out", "table.csv"), "must be a directory; 'table.csv' is a file"),
        (("first.toml", "second.toml", "--out", "."), "exists already: name another, or replace it with --force"),
        (("first.toml", "second.toml", "--out", ".", "--force"), "which is no part of a result, so it is not replaced"),
    ],
)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(arguments, said, folder):
    (folder / "other.toml").write_text(SPEC.replace('hidden = ["b"]', 'hidden = ["c"]'))
    (folder / "weights.toml").write_text(SPEC.replace("a = 1.0", "a = 2.0"))
    (folder / "data.toml").write_text(SPEC.replace('row_id = "id"', 'row_id = "id"\ndrop = ["c"]'))
    before = contents(folder)
    out = () if "--out" in arguments else ("--out", "result")
    code, printed, told = run("compare", *arguments, *out)
    assert (code, printed) == (2, "")
    assert said in told
    assert "Traceback" not in told
    assert contents(folder) == before
