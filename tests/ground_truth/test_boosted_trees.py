"""Saved models as ground truths: classes, features, files, exact soft labels, and paths in spec files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import dump, mixed_table, numbers_table

from synlabel_prob import Process, fit, generate, ground_truth, priors, run, soft_labels
from synlabel_prob.cli.options import read_spec
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import BoostedTrees, Learned, Threshold, located
from synlabel_prob.ground_truth.reading.boosted import columns_in
from synlabel_prob.ground_truth.reading.text import dump_of
from synlabel_prob.noise import Expert
from synlabel_prob.spec import check, from_toml
from synlabel_prob.store import read_result
from synlabel_prob.table import Table


def _problems(description, table) -> list[str]:
    problems = Problems()
    description.report_problems(table, problems)
    return problems.sentences


def test_classes_are_those_given_else_the_table_s_else_codes():
    table = numbers_table()
    three, without = dump("three_classes.txt"), Table.from_frame(numbers_table().to_frame())
    assert BoostedTrees(three, ("x", "y", 7)).fit(table).classes == ("x", "y", 7)
    assert BoostedTrees(three).fit(table).classes == ("no", "maybe", "yes")
    assert BoostedTrees(three).fit(without).classes == (0, 1, 2)
    assert BoostedTrees(dump("two_classes.json")).fit(without).classes == (0, 1)


def test_labels_do_not_depend_on_the_order_of_the_columns():
    table, description = numbers_table(), BoostedTrees(dump("three_classes.json"))
    turned = table.select(("height", "income", "age"))
    np.testing.assert_array_equal(
        description.fit(table).labels(table.features), description.fit(turned).labels(turned.features)
    )
    assert len(np.unique(description.fit(table).labels(table.features))) == 3


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (
            BoostedTrees(dump("two_classes.json")),
            "two_classes.json' tells 2 classes apart, and the table has 3 (no, maybe, yes): name those of",
        ),
        (
            BoostedTrees(dump("three_classes.txt"), ("a", "b")),
            "three_classes.txt' tells 3 classes apart, and `ground_truth.classes` has 2 (a, b): name those",
        ),
        (BoostedTrees(dump("three.txt")), "`ground_truth.path`: There is no file "),
        (BoostedTrees(dump("")), "`ground_truth.path`: `path` must be a file; "),
        (BoostedTrees(__file__), "`ground_truth.path`: The file "),
        (BoostedTrees(dump("levels.txt"), ("a", "b")), "has 2 categorical columns, and of its columns the table has 0"),
        (BoostedTrees(dump("three_classes.txt"), decision=Threshold("x", 0.5)), "`ground_truth.decision.label` is 'x'"),
    ],
)
def test_what_does_not_fit_the_table_is_a_sentence(description, message):
    table = numbers_table()
    if "levels" in description.path:
        size = {"size": mixed_table().features[:, 3], "region": mixed_table().features[:, 4]}
        table = Table.from_frame(table.to_frame().assign(**size))
    found = _problems(description, table)
    assert any(message in sentence for sentence in found), found
    assert all(sentence.endswith((".", "?")) or "there is" in sentence for sentence in found)


def test_features_that_the_table_has_not_and_levels_that_the_model_has_not():
    table = mixed_table()
    found = _problems(BoostedTrees(dump("three_classes.txt")), table.select(("age", "size")))
    assert [re.findall("needs the feature '(.*?)', which the table has not", it) for it in found] == [
        ["income"],
        ["height"],
    ]
    frame = table.to_frame().replace({"region": {"north": "abroad"}})
    other = Table.from_frame(frame, levels={"size": ["S", "M", "L"]}, kinds={"size": "ordinal"})
    (sentence,) = _problems(BoostedTrees(dump("levels.txt")), other)
    assert sentence.endswith("not know the level 'abroad' of 'region': its categories are ['west', 'south', 'north'].")
    texts = Table.from_frame(table.to_frame().assign(age=np.where(table.features[:, 0] > 40, "old", "young")))
    (sentence,) = _problems(BoostedTrees(dump("two_classes.json")), texts)
    assert "has numbers for 'age', which has the levels ['old', 'young'] in the table: train it with" in sentence


def test_a_model_without_names_needs_as_many_features():
    text = Path(dump("three_classes.txt")).read_text(encoding="utf-8")
    table = numbers_table()
    unnamed = dump_of(
        text.replace("feature_names=age income height", "feature_names=Column_0 Column_1 Column_2").encode(), "It"
    )
    columns = columns_in(unnamed, table)
    assert [column.source.place for column in columns] == [0, 1, 2]
    with pytest.raises(InputError, match=r"^It must have as many columns as the table has features, 5 \(age, income,"):
        columns_in(unnamed, mixed_table())


def test_the_exact_soft_label_of_one_hidden_feature_is_that_of_brute_force():
    table = numbers_table()
    process = Process(
        BoostedTrees(dump("two_classes.json"), ("low", "high")), ("age",), priors.Uniform({"age": (0, 100)})
    )
    fitted = fit(process, table)
    made = generate(fitted, jax.random.key(0), soft_labels.Exact())
    assert made.soft.method.startswith("exact, by intervals of the hidden feature") and made.soft.exact.all()
    # The law of the prior, uniform, on a grid: each of the two thresholds can cut one of its steps.
    steps = 20_000
    features = np.repeat(table.features[:, None], steps, 1)
    features[..., 0] = 100 * (np.arange(steps) + 0.5) / steps
    brute = np.asarray(fitted.ground_truth.labels(features)).mean(1)
    found = np.asarray(made.partial.soft_labels)[:, 1]
    np.testing.assert_allclose(found, brute, rtol=0, atol=2.01 / steps)
    assert np.unique(brute.round(3)).tolist() == [0.0, 0.155] and made.soft.exact.all()


SPEC = """
seed = 1
hidden = ["income"]

[data]
path = "table.csv"
target = "answer"
classes = ["no", "maybe", "yes"]

[ground_truth]
kind = "boosted_trees"
path = "models/model.json"

[prior]
kind = "gaussian_regression"
fit_by = "point"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a spec, its table and its model; the working directory is another one."""
    table = numbers_table()
    answer = np.array(table.classes)[table.target]
    inside = tmp_path / "inside"
    (inside / "models").mkdir(parents=True)
    table.to_frame().assign(answer=answer).to_csv(inside / "table.csv", index=False)
    shutil.copy(dump("three_classes.json"), inside / "models" / "model.json")
    (inside / "spec.toml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_path_is_relative_to_the_spec_and_stays_in_its_folder(place):
    made, base, outside = read_spec("inside/spec.toml", [])
    assert check(made, base, allow_outside=outside).sentences == []
    for path in ("../model.json", str(place / "inside" / "models" / "model.json")):
        other = from_toml(SPEC.replace("models/model.json", path))
        (sentence,) = check(other, "inside").sentences
        assert sentence.startswith("`ground_truth.path`: `path` in a spec must stay inside the spec's folder")
        assert sentence.endswith(f"give it with --set ground_truth.path={path}")
        with pytest.raises(InputError, match="must stay inside the spec's folder"):
            run.generate(other, place / "out", base_directory="inside")
        assert not (place / "out").exists()


@pytest.mark.parametrize("given", [[], ["ground_truth"], ["data"], ["data", "ground_truth"]])
def test_set_gives_paths_that_lead_anywhere_and_leaves_the_others_in_the_folder(place, given):
    shutil.copy(place / "inside" / "table.csv", place / "other.csv")
    shutil.copy(dump("three_classes.txt"), place / "other.txt")
    paths = {"data": "other.csv", "ground_truth": "other.txt"}
    overrides = [f"{name}.path={paths[name]}" for name in given]
    made, base, outside = read_spec("inside/spec.toml", overrides)
    assert check(made, base, allow_outside=outside).sentences == []
    whole = located(made.process.ground_truth, base, allow_outside=outside)
    expected = place / "other.txt" if "ground_truth" in given else place / "inside" / "models" / "model.json"
    assert Path(whole.path) == expected.resolve()
    (place / "inside" / "spec.toml").write_text(SPEC.replace("models/model.json", "../other.txt"))
    if given == ["data"]:
        with pytest.raises(InputError, match="must stay inside the spec's folder"):
            read_spec("inside/spec.toml", overrides)


def test_a_result_knows_the_hash_of_its_model_and_is_the_same_again(place, monkeypatch):
    made, base, outside = read_spec("inside/spec.toml", [])
    run.generate(made, place / "out", base_directory=base, allow_outside=outside)
    result = read_result(place / "out")
    sha256 = run.file_sha256(place / "inside" / "models" / "model.json")
    assert result.provenance["model_sha256"] == sha256
    assert 'path = "models/model.json"' in result.spec and str(place) not in (place / "out" / "spec.toml").read_text()
    table = numbers_table()
    np.testing.assert_array_equal(
        result.ground_truth_function.labels(table.features),
        BoostedTrees(dump("three_classes.json")).fit(table).labels(table.features),
    )
    with pytest.raises(InputError, match=r"^The table 'table.csv' is not there|The model '.*model.json' of the result"):
        run.verify(place / "out")
    monkeypatch.chdir(place / "inside")
    assert run.verify(place / "out") == []
    shutil.copy(dump("three_classes.txt"), "models/model.json")
    with pytest.raises(InputError, match=r"model.json' is not the model of the result, its SHA-256 differs"):
        run.verify(place / "out")


def test_the_model_of_an_expert_is_found_too(place):
    expert = Expert(BoostedTrees("models/model.json"), share=0.2)
    process = Process(ground_truth.RandomTree(("a", "b")), ("income",), priors.Uniform(), (expert,))
    whole = located(process, "inside", allow_outside=False)
    assert whole.noise[0].function.path == str((place / "inside" / "models" / "model.json").resolve())
    assert whole.ground_truth is process.ground_truth and whole.prior == process.prior
    same = Process(ground_truth.RandomTree(("a", "b")), ("income",), priors.Uniform())
    assert located(same, "inside", allow_outside=False) is same


def test_other_objects_are_no_boosters():
    class Booster:
        """Of another library."""

    with pytest.raises(
        InputError, match=r"^`estimator` must be the name of an estimator, or \(from Python\) a classif"
    ):
        Learned(Booster())
    assert json.dumps(BoostedTrees(dump("levels.txt"), ("a", "b")).fit(mixed_table()).saved())
    assert pd.Series([BoostedTrees("x.json").explain()]).str.startswith("trees read from 'x.json'").all()
