"""Shares of classes: what is refused, and shares in whole rows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contracts import mixed_table
from hypothesis import given
from hypothesis import strategies as st

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import RandomNetwork, RandomTree
from synlabel_prob.ground_truth.balance import asked_rows, complete_rows, stated_shares, whole_rows
from synlabel_prob.table import Table

PARTS = (RandomNetwork, RandomTree)


def test_shares_in_rows():
    assert asked_rows(("a", "b"), {"b": 0.25, "a": 0.75}, 80).tolist() == [60.0, 20.0]
    assert asked_rows(("a", "b", "c", "d"), {}, 10).tolist() == [2.5] * 4


def test_whole_rows_of_the_largest_remainders():
    assert whole_rows(np.array([3.6, 2.5, 1.9])).tolist() == [4, 2, 2]
    assert whole_rows(np.array([99.5, 0.4, 0.1])).tolist() == [98, 1, 1]


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=9), st.integers(9, 500))
def test_whole_rows_add_up_and_no_class_has_none(weights, rows):
    asked = rows * np.array(weights) / sum(weights)
    found = whole_rows(asked)
    assert found.sum() == rows and found.min() >= 1
    if asked.min() >= 1:
        assert np.abs(found - asked).max() < 1


def test_shares_in_words():
    assert stated_shares(("a", "b"), {}) == "a, b in equal shares"
    assert stated_shares(("a", "b"), {"b": 0.25, "a": 0.75}) == "a 0.75, b 0.25"


def test_rows_that_miss_a_value_of_these_features_are_left_out():
    table = mixed_table(4)
    features = table.features.copy()
    features[1, 0] = features[2, 1] = np.nan
    missing = Table(table.columns, features, table.classes, None, table.row_ids, "row_id", None)
    np.testing.assert_array_equal(complete_rows(missing, np.array([1, 2])), features[[0, 1, 3]][:, 1:3])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ("a",)}, "`classes` must have at least two labels; got ['a']."),
        ({"classes": ("a", "a")}, "`classes` must all be different; 'a' occurs more than once."),
        (
            {"balance": {"yes": 0.5, "noo": 0.5}},
            "`balance` names the class 'noo', which is none of `classes`: did you mean 'no'?",
        ),
        ({"balance": {"yes": 1.0}}, "`balance` must have a share for each class; 'no' has none: give it one."),
        (
            {"balance": {"yes": 1.0, "no": 0.0}},
            "`balance` must have shares above 0; 'no' has 0: leave out the class instead.",
        ),
        (
            {"balance": {"yes": 0.5, "no": 0.4}},
            "`balance` must add up to 1; its shares add up to 0.9: divide them by that.",
        ),
        ({"random_state": -1}, "`random_state` must be at least 0; got -1."),
    ],
)
def test_what_cannot_be_is_refused(part, options, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        part(**{"classes": ("yes", "no"), **options})


def reported(part, table):
    problems = Problems()
    part.report_problems(table, problems)
    return problems.sentences


@pytest.mark.parametrize("part", PARTS)
def test_features_that_do_not_fit_are_reported(part):
    table = mixed_table()
    (unknown,) = reported(part(("a", "b"), features=("agee",)), table)
    assert unknown == "`ground_truth.features`: 'agee' is not a feature of the table: did you mean 'age'?"
    (kind,) = reported(part(("a", "b"), features=("region",)), table)
    assert kind.startswith("`ground_truth.features` needs continuous features; 'region' is categorical: use")
    (none,) = reported(part(("a", "b")), table.select(("size", "region")))
    assert none.startswith("`ground_truth` needs a continuous feature, of which the table has none: use rules")


@pytest.mark.parametrize("part", PARTS)
def test_more_classes_than_rows_are_reported(part):
    (found,) = reported(part(("a", "b", "c", "d")), mixed_table(80).take([0, 1, 2]))
    assert found == (
        "`ground_truth.classes` has 4 labels, more than the table has rows (3): leave some out, or take more rows."
    )
