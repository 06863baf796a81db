"""The command `infer`, end to end."""

from __future__ import annotations

import dataclasses
import errno
import json
import os

import jax
import numpy as np
import pandas as pd
import pytest
import runs
from inversion_cases import dominant, hard, voted
from test_cli import contents, run

from synlabel_prob import inferring, store
from synlabel_prob.feature_noise import Gaussian
from synlabel_prob.inspection import read_datatree
from synlabel_prob.inversion.reading import Source
from synlabel_prob.process import generate
from synlabel_prob.report import report
from synlabel_prob.soft_labels import QuasiMonteCarlo

FILES = ["posterior.nc", "rows.parquet", "summary.json", "transition.png"]
SHORT = ("--draws", "400")


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A folder with tables of every kind, as the working directory."""
    case = hard(200, 2, seed=3)
    law, said = case.observed.soft_labels, np.array(["no", "yes"])[case.observed.hard_labels]
    soft = pd.DataFrame({"id": [f"r{row}" for row in range(200)], "p[no]": law[:, 0], "p[yes]": law[:, 1], "y": said})
    soft.to_csv(tmp_path / "soft.csv", index=False)
    other = hard(200, 2, given="features", seed=3)
    features = pd.DataFrame(other.observed.features, columns=["u", "v"]).assign(y=said)
    features.to_csv(tmp_path / "features.csv", index=False)
    random = np.random.default_rng(0)
    row, who, code = voted(150, np.stack([dominant(random, 2) for _ in range(3)])).observed.votes
    votes = pd.DataFrame(
        {"task": row, "worker": np.array(["ann", "bob", "cy"])[who], "label": np.array(["n", "y"])[code]}
    )
    votes.to_csv(tmp_path / "votes.csv", index=False)
    votes[votes.worker != "cy"].to_csv(tmp_path / "two.csv", index=False)
    soft[["y"]].to_csv(tmp_path / "labels.csv", index=False)
    features.assign(u=features.u.where(features.index != 4)).to_csv(tmp_path / "holes.csv", index=False)
    features.assign(y=features.y.where(features.index != 4)).to_csv(tmp_path / "unlabelled.csv", index=False)
    features.assign(y="no").to_csv(tmp_path / "one.csv", index=False)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_known_soft_labels_end_to_end(tables):
    arguments = ("infer", "soft.csv", "--target", "y", "--soft-labels", "p[{class}]", "--row-id", "id", *SHORT)
    code, printed, said = run(*arguments, "--out", "result")
    assert (code, said) == (0, "")
    assert printed.startswith("The noise is ")
    for words in ("mean and 90% interval", "expected noise rate", "likeliest to be wrong", "of the labels are wrong"):
        assert words in printed
    assert sorted(path.name for path in (tables / "result").iterdir()) == FILES
    rows = pd.read_parquet("result/rows.parquet")
    assert list(rows) == [
        "row_id",
        "observed_label",
        "probability[no]",
        "probability[yes]",
        "wrong_probability",
        "rank",
    ]
    assert rows["row_id"].iloc[7] == "r7" and len(rows) == 200
    posterior = read_datatree("result/posterior.nc")["posterior"]
    assert posterior["transition"].dims == ("chain", "draw", "true_class", "observed_class")
    assert posterior["observed_class"].to_numpy().tolist() == ["no", "yes"]
    summary = json.loads((tables / "result" / "summary.json").read_text())
    assert summary["seed"] == 0 and summary["identifiability"]["level"] in ("identified", "weak")
    assert (tables / "result" / "transition.png").read_bytes().startswith(b"\x89PNG")
    before = contents(tables / "result")
    assert "exists already" in run(*arguments, "--out", "result")[2]
    assert contents(tables / "result") == before
    assert run(*arguments, "--out", "result", "--force")[0] == 0
    assert contents(tables / "result") == before  # equal seeds give equal bytes
    (tables / "result" / "notes.txt").write_text("mine")
    assert "'notes.txt', which is no part of a result" in run(*arguments, "--out", "result", "--force")[2]


@pytest.mark.slow
def test_votes_beside_features_end_to_end(tables):
    votes = pd.read_csv("votes.csv")
    random, tasks = np.random.default_rng(0), votes.task.unique()
    pd.DataFrame({"task": tasks[::-1], "x": random.normal(size=len(tasks))}).to_csv("tasks.csv", index=False)
    asked = ("--votes", "task,worker,label", "--rows", "tasks.csv", "--out", "beside", *SHORT)
    code, printed, said = run("infer", "votes.csv", *asked)
    assert code == 0, said
    rows = pd.read_parquet("beside/rows.parquet")
    assert len(rows) == len(tasks) and "of the votes are wrong" in printed


@pytest.mark.slow
def test_votes_end_to_end(tables):
    code, printed, said = run("infer", "votes.csv", "--votes", "task,worker,label", "--out", "result", *SHORT)
    assert (code, said) == (0, "")
    assert "how often each annotator names the true class" in printed and "of the votes are wrong" in printed
    posterior = read_datatree(tables / "result" / "posterior.nc")["posterior"]
    assert posterior["transition"].dims == ("chain", "draw", "annotator", "true_class", "observed_class")
    assert sorted(posterior["annotator"].to_numpy().tolist()) == ["ann", "bob", "cy"]


@pytest.mark.slow
def test_features_and_observed_soft_labels_end_to_end(tables):
    assert run("infer", "features.csv", "--target", "y", "--out", "first", *SHORT)[0] == 0
    pd.read_csv("soft.csv").assign(u=pd.read_csv("features.csv").u).to_csv("panel.csv", index=False)
    arguments = ("--observed-soft-labels", "p[{class}]", "--panel-size", "5", "--features", "u", "--row-id", "id")
    code, printed, said = run("infer", "panel.csv", *arguments, "--out", "second", *SHORT)
    assert (code, said) == (0, "")
    assert "softmax of linear" in " ".join(printed.split())


@pytest.mark.slow
def test_a_result_of_generate_says_how_far_off_the_inference_is(folder):
    assert run("generate", "spec.toml", "--out", "made")[0] == 0
    code, printed, said = run("infer", "made", "--out", "inferred", "--soft-labels", "soft_label[{class}]", *SHORT)
    assert (code, said) == (0, "")
    assert "The truth is known" in printed and "inside their 90% interval" in printed
    assert 0 <= json.loads((folder / "inferred" / "summary.json").read_text())["truth"]["wrong_share"] <= 1


def test_of_a_result_the_features_are_read_as_they_are_recorded(tmp_path):
    fitted, _ = runs.run("plain")
    noisy = dataclasses.replace(fitted.process, feature_noise=(Gaussian(0.3, features=("sepal width (cm)",)),))
    fitted = dataclasses.replace(fitted, process=noisy)
    made = generate(fitted, jax.random.key(0), QuasiMonteCarlo(draws=64))
    files = store.result_files(fitted, made, report(fitted, made), spec="seed = 1\n", netcdf=b"a tree")
    store.write_result(tmp_path / "result", files)
    read = inferring._from_result(tmp_path / "result", Source()).observed
    assert read.feature_names == made.observed_hard.view.feature_names
    np.testing.assert_array_equal(read.features, made.observed_hard.view.features)
    assert (read.features[:, 1] != made.partial.view.features[:, 1]).all()


WRONG = {
    "labels alone": (("labels.csv", "--target", "y"), "The noise is not identified. Nothing was written."),
    "labels alone, why": (("labels.csv", "--target", "y"), "  From one label a row alone nothing can be said"),
    "two annotators": (("two.csv", "--votes", "task,worker,label"), "There are only 2 annotators"),
    "one class": (("one.csv", "--target", "y"), "at least two classes"),
    "one class of two": (("one.csv", "--target", "y", "--classes", "no,yes"), "All observed labels are the same"),
    "no such column": (("features.csv", "--target", "yy"), "There is no column 'yy': did you mean 'y'"),
    "no such file": (("feature.csv", "--target", "y"), "There is no file 'feature.csv': did you mean 'features.csv'"),
    "unreadable": (("broken.parquet", "--target", "y"), "must be a complete Parquet file"),
    "a missing label": (("unlabelled.csv", "--target", "y"), "1 of 200 has none, the first in data row 5"),
    "a missing value": (("holes.csv", "--target", "y"), "must not miss values here; 'u'"),
    "no target": (("features.csv",), "--target NAME, or --votes"),
    "target and votes": (("votes.csv", "--votes", "task,worker,label", "--target", "label"), "--target is for a table"),
    "votes and features": (
        ("votes.csv", "--votes", "task,worker,label", "--features", "a"),
        "name that table by --rows",
    ),
    "rows without votes": (("features.csv", "--target", "y", "--rows", "features.csv"), "give --votes too"),
    "two columns of votes": (("votes.csv", "--votes", "task,worker"), "three columns"),
    "an empty name": (("votes.csv", "--votes", "task,,label"), "different names between commas"),
    "no pattern": (("soft.csv", "--target", "y", "--soft-labels", "p[no]"), "with {class} in the place"),
    "a text of draws": (("features.csv", "--target", "y", "--draws", "many"), "`draws` must be a whole number"),
    "few draws": (("features.csv", "--target", "y", "--draws", "3"), "from 100 to 1,000,000; got 3"),
    "no chain": (("features.csv", "--target", "y", "--chains", "0"), "`chains` must be a whole number from 1"),
    "panel": (("soft.csv", "--observed-soft-labels", "p[{class}]", "--panel-size", "-1"), "--panel-size must be"),
    "a folder": ((".", "--target", "y"), "must be the directory of a result"),
    "votes of a folder": ((".", "--votes", "task,worker,label"), "is a folder: name a file"),
    "no class of a label": (("features.csv", "--target", "y", "--classes", "no,maybe"), "got 'yes'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(name, tables):
    arguments, expected = WRONG[name]
    before = contents(tables)
    code, printed, said = run("infer", *arguments, "--out", "result")
    assert (code, printed) == (2, "")
    assert expected in said and "Traceback" not in said
    assert contents(tables) == before


def test_a_full_disk_leaves_nothing(tables, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = contents(tables)
    arguments = ("soft.csv", "--target", "y", "--soft-labels", "p[{class}]", "--row-id", "id", *SHORT)
    code, printed, said = run("infer", *arguments, "--out", "deep/result")
    assert (code, printed) == (2, "") and "the disk is full" in said
    assert contents(tables) == before
