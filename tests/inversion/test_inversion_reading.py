"""Frames become observations; what they lack is said in sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.inversion import Source, encoded, from_frame, from_votes, with_rows
from synlabel_prob.table import Table

WIDE = pd.DataFrame(
    {
        "id": ["x", "y", "z"],
        "size": [1.0, 2.0, 4.0],
        "colour": ["red", "blue", "red"],
        "p[0]": [0.5, 1.0, 0.2],
        "p[1]": [0.5, 0.0, 0.8],
        "label": [0, 1, 1],
    }
)
LONG = pd.DataFrame({"task": ["t", "t", "s"], "worker": [7, 8, 7], "label": ["no", "yes", "no"]})


def test_a_wide_table_with_features():
    observed = from_frame(WIDE, Source(target="label", row_id="id", drop=("p[0]", "p[1]")))
    assert observed.classes == (0, 1) and observed.row_ids == ("x", "y", "z")
    assert observed.feature_names == ("size", "colour=red")
    np.testing.assert_array_equal(observed.features, [[1, 1], [2, 0], [4, 1]])
    np.testing.assert_array_equal(observed.hard_labels, [0, 1, 1])


def test_a_wide_table_with_soft_labels():
    observed = from_frame(WIDE, Source(target="label", soft_labels="p[{class}]"))
    assert observed.features is None and observed.row_ids == (0, 1, 2)
    np.testing.assert_array_equal(observed.soft_labels, WIDE[["p[0]", "p[1]"]])


def test_observed_soft_labels_and_a_panel():
    source = Source(observed_soft="p[{class}]", panel_size=5, features=("size",), row_id="id")
    observed = from_frame(WIDE, source)
    assert observed.classes == ("0", "1") and observed.panel_size == 5
    np.testing.assert_array_equal(observed.observed_soft, WIDE[["p[0]", "p[1]"]])
    np.testing.assert_array_equal(observed.features, WIDE[["size"]])


def test_declared_classes_have_their_order():
    source = Source(target="label", features=("size",), classes=("2", "1", "0"))
    observed = from_frame(WIDE, source)
    assert observed.classes == (2, 1, 0)
    np.testing.assert_array_equal(observed.hard_labels, [2, 1, 1])


def test_a_table_of_labels_alone():
    observed = from_frame(WIDE[["id", "label"]], Source(target="label", row_id="id"))
    assert observed.features is None and observed.row_ids == ("x", "y", "z")


OF_TASKS = pd.DataFrame(
    {"task": ["r", "s", "t"], "size": [1.0, 2.0, 4.0], "colour": ["red", "blue", "red"], "p[no]": [0.5, 1.0, 0.25]}
).assign(**{"p[yes]": [0.5, 0.0, 0.75]})


def test_votes_beside_features_of_their_rows():
    source = Source(row_id="task", features=("size", "colour"))
    observed = with_rows(from_votes(LONG, ("task", "worker", "label")), OF_TASKS, source)
    assert tuple(observed.row_ids) == ("t", "s") and observed.feature_names == ("size", "colour=red")
    np.testing.assert_array_equal(observed.features, [[4, 1], [2, 0]])
    np.testing.assert_array_equal(observed.votes.row, [0, 0, 1])
    assert observed.annotators == from_votes(LONG, ("task", "worker", "label")).annotators
    known = Source(row_id="task", soft_labels="p[{class}]")
    soft = with_rows(from_votes(LONG, ("task", "worker", "label")), OF_TASKS, known)
    np.testing.assert_array_equal(soft.soft_labels, [[0.25, 0.75], [1.0, 0.0]])
    assert soft.features is None


@pytest.mark.parametrize(
    ("frame", "source", "message"),
    [
        (OF_TASKS[:2], {}, "must have every row that has votes; 1 are not there, the first of them 't'"),
        (OF_TASKS.drop(columns="task"), {}, "There is no column 'task'"),
        (OF_TASKS[["task"]], {}, "says nothing of them: it has no column but 'task'"),
        (OF_TASKS, {"features": ("sise",)}, "There is no column 'sise': did you mean 'size'"),
        (OF_TASKS, {"features": ("size",), "soft_labels": "p[{class}]"}, "give one"),
    ],
)
def test_tables_of_rows_that_do_not_fit(frame, source, message):
    with pytest.raises(InputError, match=message):
        with_rows(from_votes(LONG, ("task", "worker", "label")), frame, Source(row_id="task", **source))


def test_a_long_table_of_votes():
    observed = from_votes(LONG, ("task", "worker", "label"))
    assert (observed.classes, observed.row_ids, observed.annotators) == (("no", "yes"), ("t", "s"), (7, 8))
    assert [part.tolist() for part in observed.votes] == [[0, 0, 1], [0, 1, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("change", "source", "said"),
    [
        ({}, Source(target="lable"), "There is no column 'lable': did you mean 'label'"),
        ({}, Source(target="label", features=("sise",)), "did you mean 'size'"),
        ({}, Source(), "either a target column or columns of observed soft labels"),
        ({}, Source(target="label", soft_labels="p[{class}]", features=("size",)), "give one"),
        ({}, Source(target="label", soft_labels="p[k]"), r"with \{class\} in the place of the class"),
        ({}, Source(target="label", soft_labels="q[{class}]"), "No column has a name like"),
        ({"label": [0, 1, 2]}, Source(target="label", soft_labels="p[{class}]"), "declared `classes` only"),
        ({"label": [0.0, np.nan, 1.0]}, Source(target="label"), "1 of 3 has none, the first in data row 2"),
        ({"label": [0.5, 1.5, 2.5]}, Source(target="label", features=("size",)), "numbers that are not whole"),
        ({"label": [1, 1, 1]}, Source(target="label", features=("size",)), "at least two classes"),
        ({"size": [1.0, np.nan, 2.0]}, Source(target="label", features=("size",)), "must not miss values here; 'size'"),
        ({"p[1]": ["a", "b", "c"]}, Source(target="label", soft_labels="p[{class}]"), "must hold probabilities"),
        ({"p[1]": [0.5, np.nan, 0.8]}, Source(target="label", soft_labels="p[{class}]"), "a probability in every row"),
        ({"p[1]": [0.5, 0.5, 0.5]}, Source(target="label", soft_labels="p[{class}]"), "rows sum to 1; 2 of 3 rows"),
        ({"id": ["x", "x", "y"]}, Source(target="label", features=("size",), row_id="id"), "different in every row"),
    ],
)
def test_what_a_wide_table_lacks(change, source, said):
    with pytest.raises(InputError, match=said):
        from_frame(WIDE.assign(**change), source)


@pytest.mark.parametrize(
    ("change", "columns", "classes", "said"),
    [
        ({}, ("task", "worker"), None, "three columns"),
        ({}, ("task", "wroker", "label"), None, "did you mean 'worker'"),
        ({"worker": [7, None, 8]}, ("task", "worker", "label"), None, "'worker' of votes must have a value"),
        ({}, ("task", "worker", "label"), ("no", "maybe"), "declared `classes` only"),
        ({"label": ["no"] * 3}, ("task", "worker", "label"), None, "at least two classes"),
    ],
)
def test_what_a_table_of_votes_lacks(change, columns, classes, said):
    with pytest.raises(InputError, match=said):
        from_votes(LONG.assign(**change), columns, classes)


def test_levels_become_indicators():
    table = Table.from_frame(pd.DataFrame({"a": ["u", "v", "w"], "b": [True, False, True]}))
    values, names = encoded(table)
    assert names == ("a=v", "a=w", "b=True")
    np.testing.assert_array_equal(values, [[0, 0, 1], [1, 0, 0], [0, 1, 1]])
