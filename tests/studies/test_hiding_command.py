"""The command `study hiding`, end to end."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bad_inputs import SPEC, frame
from test_cli import contents, run

from synlabel_prob.errors import InputError
from synlabel_prob.studying import read_steps

WEIGHTS = "weights = { no = {}, yes = { a = 1.0, b = 1.0 } }"


def test_curves_are_written_and_printed_and_can_be_replaced(folder):
    arguments = ("study", "hiding", "spec.toml", "--out", "result", "--repeats", "2", "--steps", "1-2")
    code, printed, said = run(*arguments)
    assert (code, said) == (0, "")
    assert sorted(path.name for path in (folder / "result").iterdir()) == ["curves.parquet", "curves.png"]
    made = pd.read_parquet("result/curves.parquet")
    assert set(made["prior"]) == {"gaussian_regression"}
    assert made["hidden"].tolist() == [1, 1, 2, 2]
    title = "table.csv, the first features hidden; ground truth: linear"
    for words in (title, "2 repeats", "mean entropy, nats", "gaussian_regression", "written to result"):
        assert words in printed
    first = contents(folder / "result")
    assert run(*arguments, "--force")[0] == 0
    assert contents(folder / "result") == first
    assert run(*arguments, "--force", "--seed", "8")[0] == 0
    assert contents(folder / "result") == first  # they are exact
    drawn = ("--set", "soft_labels.kind=monte_carlo")
    assert run(*arguments, *drawn, "--force", "--seed", "8")[0] == 0
    assert contents(folder / "result") != first


def test_kinds_of_prior_take_the_place_of_the_specs(folder):
    arguments = ("--prior", "gaussian", "--prior", "similar_rows", "--repeats", "1", "--set", "soft_labels.draws=16")
    code, printed, said = run("study", "hiding", "spec.toml", *arguments, "--out", "result")
    assert (code, said) == (0, "")
    assert "1 repeat;" in printed
    assert set(pd.read_parquet("result/curves.parquet")["prior"]) == {"gaussian", "similar_rows"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--prior", "gausian"), "did you mean 'gaussian'"),
        (("--prior", "categorical"), "takes categorical and ordinal features"),
        (("--steps", "one"), "--steps must be whole numbers such as 1,5,9 or 1-4,9; got 'one'"),
        (("--steps", "1-999999"), "that can be hidden, 3; got 4"),
        (("--repeats", "many"), "`repeats` must be a whole number"),
        (("--seed", "three"), "seed"),
        (("--repeats", "0"), "`repeats` must be a whole number of at least 1; got 0"),
        (("--set", "data.path=nowhere.csv"), "nowhere.csv"),
    ],
)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(arguments, said, folder):
    before = contents(folder)
    code, printed, told = run("study", "hiding", "spec.toml", *arguments, "--out", "result")
    assert (code, printed) == (2, "")
    assert said in told
    assert "Traceback" not in told
    assert contents(folder) == before


def refused(folder, *arguments: str) -> str:
    """What the command says, in sentences alone, where it leaves everything as it was."""
    before = contents(folder)
    code, printed, told = run("study", "hiding", "spec.toml", "--out", "result", "--repeats", "1", *arguments)
    assert (code, printed) == (2, "")
    assert "Traceback" not in told
    assert contents(folder) == before
    return told


def test_a_table_of_texts_is_refused_by_priors_of_numbers(folder):
    texts = frame().assign(**{name: np.tile(["left", "right", "up"], 10) for name in "abc"})
    texts.to_csv(folder / "table.csv", index=False)
    (folder / "spec.toml").write_text(
        SPEC.replace('"linear"', '"learned"').replace(WEIGHTS, 'estimator = "DecisionTreeClassifier"')
    )
    assert "takes continuous features" in refused(folder)
    code, _, said = run("study", "hiding", "spec.toml", "--out", "result", "--repeats", "1", "--prior", "categorical")
    assert (code, said) == (0, "")


def test_a_table_of_constants_has_nothing_to_hide(folder):
    frame().assign(a=1.0, b=1.0, c=1.0).to_csv(folder / "table.csv", index=False)
    assert "the table has 0 of them: use a table with two or more" in refused(folder)
    frame().assign(b=1.0, c=1.0).to_csv(folder / "table.csv", index=False)
    assert "the table has 1 of them" in refused(folder)


def test_missing_values_are_refused_by_name(folder):
    table = frame()
    table.loc[[3, 4], "c"] = np.nan
    table.to_csv(folder / "table.csv", index=False)
    assert "features have missing values (c) and the prior 'gaussian_regression' does not" in refused(folder)


def test_a_study_that_is_there_is_replaced_only_when_asked(folder):
    arguments = ("study", "hiding", "spec.toml", "--out", "result", "--repeats", "1", "--steps", "1")
    assert run(*arguments)[0] == 0
    assert "--force" in refused(folder, "--steps", "1")


def test_something_else_is_never_replaced(folder):
    (folder / "result").mkdir()
    (folder / "result" / "thesis.tex").write_text("mine")
    before = contents(folder)
    code, _, said = run("study", "hiding", "spec.toml", "--out", "result", "--force")
    assert (code, "thesis.tex" in said) == (2, True)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("text", "steps"), [(None, None), ("3", (3,)), ("1,5,9", (1, 5, 9)), (" 1-4, 9", (1, 2, 3, 4, 9))]
)
def test_steps_are_numbers_and_ranges(text, steps):
    assert read_steps(text) == steps


@pytest.mark.parametrize("text", ["", "1,,2", "4-1", "-3", "1-", "1.5", "1-9999999"])
def test_other_texts_are_no_steps(text):
    with pytest.raises(InputError, match="--steps must be"):
        read_steps(text)


def test_the_spec_in_the_document_reads_a_file_of_the_users(folder):
    document = Path(__file__).resolve().parents[2] / "docs" / "feature_hiding.md"
    (text,) = re.findall(r"```toml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "vehicle.toml").write_text(text)
    random = np.random.default_rng(0)
    values = np.column_stack([random.normal(size=(60, 18)), random.integers(0, 4, size=60)])
    np.savetxt(folder / "mine.csv", values, delimiter=";")
    options = ("--set", "data.path=mine.csv", "--set", "ground_truth.parameters.n_estimators=3", "--steps", "1")
    code, printed, said = run("study", "hiding", "vehicle.toml", *options, "--repeats", "1", "--out", "result")
    assert (code, said) == (0, "")
    assert "chained" in printed
