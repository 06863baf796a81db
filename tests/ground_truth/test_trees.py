"""Facts of trees: breakpoints and boxes against brute force, and sums that follow the estimator's order."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reading_cases import expect_breakpoints, learned, rows
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from synlabel_prob.ground_truth import Threshold


@pytest.mark.parametrize("decision", [Threshold(1, 0.3), None])
def test_labels_change_at_breakpoints_only(decision):
    features, labels = rows(3)
    options = {} if decision is None else {"decision": decision}
    function = learned(RandomForestClassifier(4, random_state=0), features, labels, **options)
    changes = sum(
        expect_breakpoints(function, features[:40], place, np.linspace(low, high, 997))
        for place, (low, high) in enumerate(zip(features.min(0), features.max(0), strict=True))
    )
    assert changes > 100


def test_breakpoints_are_traced():
    features, labels = rows(3)
    function = learned(RandomForestClassifier(4, random_state=0), features, labels)
    expected = function.breakpoints(features, 2)
    assert len(np.unique(expected[0])) == expected.shape[-1] > 5
    with jax.enable_x64(True):
        found = jax.jit(lambda function, features: function.breakpoints(features, 2))(function, jnp.asarray(features))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("tree", [DecisionTreeClassifier(random_state=0), GradientBoostingClassifier(n_estimators=1)])
def test_boxes_fill_the_space_and_have_the_labels_of_the_rows(tree):
    features, labels = rows(2)
    function = learned(tree, features, labels)
    boxes = function.boxes()
    everywhere = np.random.default_rng(1).uniform(features.min(0) - 1, features.max(0) + 1, (2000, 4))
    points = np.concatenate([features, everywhere])
    inside = ((points[:, None] > boxes.lower) & (points[:, None] <= boxes.upper)).all(-1)
    assert (inside.sum(1) == 1).all()
    np.testing.assert_array_equal(boxes.codes[inside.argmax(1)], function.labels(points))
    assert len(np.unique(boxes.codes)) == 2


def test_several_trees_have_no_boxes():
    features, labels = rows(2)
    assert learned(RandomForestClassifier(2, random_state=0), features, labels).boxes() is None
