"""Linear scores against NumPy, and a read-out logistic regression against scikit-learn on every row of iris."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest
from contracts import mixed_table
from reading_cases import expect_breakpoints
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import Learned, Linear, Threshold
from synlabel_prob.ground_truth.encoded_linear import EncodedLinearFunction
from synlabel_prob.table import Table

WEIGHTS = {"yes": {"age": 0.1, "height": -2.0}, "no": {"height": 1.0}, "maybe": {}}


def iris(classes: int = 3) -> Table:
    frame = load_iris(as_frame=True).frame
    return Table.from_frame(frame[frame["target"] < classes], target="target")


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("strength", [0.1, 100.0])
def test_a_logistic_regression_is_read_out_exactly(classes, strength):
    table = iris(classes)
    function = Learned("LogisticRegression", {"C": strength}).fit(table)
    assert isinstance(function, EncodedLinearFunction)
    sklearn = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(table.to_frame(), table.target)
    with jax.enable_x64(True):
        np.testing.assert_array_equal(function.labels(table.features), sklearn.predict(table.to_frame()))
        probabilities = function.probabilities(table.features)
    np.testing.assert_allclose(probabilities, sklearn.predict_proba(table.to_frame()), atol=1e-12)


def test_a_declared_class_that_never_occurs_has_probability_0():
    frame = load_iris(as_frame=True).frame
    table = Table.from_frame(frame[frame["target"] != 1], target="target", classes=[0, 1, 2])
    function = Learned("LogisticRegression").fit(table)
    probabilities = np.asarray(function.probabilities(table.features))
    assert (probabilities[:, 1] == 0).all()
    np.testing.assert_array_equal(function.labels(table.features), table.target)


def test_scores_are_those_of_the_weights():
    table = mixed_table()
    function = Linear(WEIGHTS, {"no": -0.5}).fit(table)
    age, _, height, *_ = table.features.T
    scores = np.stack([0.1 * age - 2 * height, height - 0.5, 0 * age], -1)
    with jax.enable_x64(True):
        np.testing.assert_allclose(function.scores(table.features), scores, rtol=1e-12)
        np.testing.assert_array_equal(function.labels(table.features), scores.argmax(-1))
        softmax = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        np.testing.assert_allclose(function.probabilities(table.features), softmax, rtol=1e-12)
    saved = function.saved()
    assert saved["weights"] == [[0.1, 0, -2.0, 0, 0], [0, 0, 1.0, 0, 0], [0, 0, 0, 0, 0]]
    assert saved["intercepts"] == [0.0, -0.5, 0.0]


def test_labels_change_at_breakpoints_only():
    table = mixed_table()
    function = Linear(WEIGHTS, {"no": -0.5, "maybe": 1.0}).fit(table)
    with jax.enable_x64(True):
        changes = [expect_breakpoints(function, table.features, place, np.linspace(-60, 60, 1501)) for place in (0, 2)]
        assert min(changes) > 70
        assert not np.isfinite(function.breakpoints(table.features, 1)).any()
    weights, intercepts = function.linear_scores()
    np.testing.assert_array_equal((table.features @ weights.T + intercepts).argmax(1), function.labels(table.features))


def test_another_decision_has_no_crossings():
    function = Linear(WEIGHTS, decision=Threshold("no", 0.2)).fit(mixed_table())
    assert function.linear_scores() is None and function.breakpoints(mixed_table().features, 0) is None


def test_a_tie_goes_to_the_class_declared_first():
    function = Linear({"b": {"age": 1.0}, "a": {"age": 1.0}, "c": {}}).fit(mixed_table())
    assert np.asarray(function.labels(np.ones((1, 5)))).tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"yes": {"age": 1.0}},), "`weights` must have at least two classes; got ['yes']."),
        ((WEIGHTS, {"nope": 1.0}), "`intercepts` name the class 'nope', which has no weights: there is ['yes', "),
    ],
)
def test_what_cannot_be_linear_is_refused(arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        Linear(*arguments)


def test_unknown_features_are_reported_with_their_class():
    problems = Problems()
    Linear({"yes": {"agee": 1.0}, "no": {"region": 2.0}}).report_problems(mixed_table(), problems)
    unknown, kind = problems.sentences
    assert unknown == "`ground_truth.weights.yes`: 'agee' is not a feature of the table: did you mean 'age'?"
    assert kind.startswith("`ground_truth.weights.no` needs continuous features; 'region' is categorical")
