"""Rules: their order, their classes, and problems with their names and levels."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contracts import mixed_table

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import PythonFunction, Rules


def test_the_first_condition_that_holds_gives_the_class():
    table = mixed_table()
    rules = Rules({"c": "age > 45", "a": "age > 35 or region == 'west'"}, otherwise="b")
    age, region = table.features[:, 0], table.features[:, 4]
    expected = np.select([age > 45, (age > 35) | (region == 2)], [0, 1], 2)
    assert rules.class_values(table) == ("c", "a", "b")
    np.testing.assert_array_equal(rules.fit(table).labels(table.features), expected)
    assert rules.explain() == "c where age > 45, a where age > 35 or region == 'west', else b"


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({}, "`when` must hold at least one condition; got none."),
        ({"b": "age > 1"}, "`otherwise` must be a class of its own; 'b' has a condition already."),
        ({"a": "age >"}, "`when.a`"),
    ],
)
def test_what_cannot_be_rules_is_refused(when, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        Rules(when, otherwise="b")


def test_every_condition_that_does_not_fit_the_table_is_reported():
    problems = Problems()
    Rules({"a": "agee > 1", "b": "region == 'east'", "c": "log(age - 40) > 0"}, otherwise="d").report_problems(
        mixed_table(), problems
    )
    assert [sentence.split(":")[0] for sentence in problems.sentences] == [
        "`ground_truth.when.a`",
        "`ground_truth.when.b`",
        "`ground_truth.when.c`",
    ]
    assert "'age'" in problems.sentences[0] and "'east'" in problems.sentences[1]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda frame: "low", "the function must return one class a row (80); got shape ()."),
        (lambda frame: np.full(len(frame), "huge"), "the function returned 'huge', which is not among its classes"),
    ],
)
def test_a_python_function_that_returns_something_else_is_told(answer, message):
    table = mixed_table()
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        PythonFunction(answer, ("low", "high")).fit(table).labels(table.features)


def test_a_python_function_sees_the_original_values():
    table, seen = mixed_table(), []

    def label(frame):
        seen.append(frame)
        return np.full(len(frame), 1)

    PythonFunction(label, (0, 1)).fit(table).labels(table.features[:2])
    assert seen[0]["region"].tolist() == table.to_frame()["region"].tolist()[:2]


def test_classes_of_a_python_function_are_declared_once_each():
    with pytest.raises(InputError, match=r"^`classes` must be two or more, each once; got \['a', 'a'\]\.$"):
        PythonFunction(len, ("a", "a"))
