"""Trees and sums of trees: labels are those of `predict` on every row, on and next to every threshold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from reading_cases import beside, expect_same, frame, learned, rows, table
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from synlabel_prob.ground_truth import Argmax, Threshold, restored
from synlabel_prob.ground_truth.reading import read_out

ESTIMATORS = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "forest": lambda: RandomForestClassifier(7, random_state=0),
    "extra": lambda: ExtraTreesClassifier(5, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=6, random_state=0),
    "boosting_from_zero": lambda: GradientBoostingClassifier(n_estimators=3, init="zero", random_state=0),
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=4, random_state=0),
    "standardised": lambda: make_pipeline(StandardScaler(), RandomForestClassifier(4, random_state=0)),
    "rescaled": lambda: make_pipeline(
        StandardScaler(), MinMaxScaler((-1, 2)), HistGradientBoostingClassifier(max_iter=2, random_state=0)
    ),
}
TAKES_MISSING = [name for name in ESTIMATORS if not name.startswith("boosting")]
CASES = [(name, classes, False) for name in ESTIMATORS for classes in (2, 3)]
CASES += [(name, classes, True) for name, classes in zip(TAKES_MISSING, (2, 3, 2, 3, 2, 3), strict=False)]
SLOW = [pytest.param(name, 6, name in TAKES_MISSING, marks=pytest.mark.slow) for name in ESTIMATORS]


def _on_thresholds(features, function):
    finite = np.where(np.isnan(features), 0.0, features)
    return beside(features, lambda place: np.unique(function.breakpoints(finite[:1], place)))


@pytest.mark.parametrize(("name", "classes", "missing"), [*CASES, *SLOW])
def test_labels_are_those_of_predict(name, classes, missing):
    features, labels = rows(classes, missing=missing)
    estimator = ESTIMATORS[name]()
    function = learned(estimator, features, labels)
    near = _on_thresholds(features, function)
    assert len(near) > len(features)
    expect_same(function, estimator, near, compiled=classes > 2)


def test_a_decision_by_threshold_goes_by_the_probabilities():
    features, labels = rows(3)
    estimator = RandomForestClassifier(5, random_state=0)
    decision = Threshold(1, 0.3)
    function = learned(estimator, features, labels, decision)
    expected = decision.decide(estimator.predict_proba(frame(features)), (0, 1, 2))
    np.testing.assert_array_equal(function.labels(features), expected)
    assert (expected != estimator.predict(frame(features))).any()


@pytest.mark.parametrize("name", ["forest", "histogram"])
def test_classes_that_never_occur_are_never_predicted(name):
    features, labels = rows(3)
    function = learned(ESTIMATORS[name](), features, np.array([0, 2, 3])[labels])
    assert set(np.unique(function.labels(features))) == {0, 2, 3}
    assert (function.probabilities(features)[:, 1] == 0).all()


@pytest.mark.parametrize("name", ["forest", "boosting", "rescaled"])
def test_saved_and_restored(name):
    features, labels = rows(3)
    function = learned(ESTIMATORS[name](), features, labels)
    again = restored(json.loads(json.dumps(function.saved(), allow_nan=False)))
    near = _on_thresholds(features, function)
    np.testing.assert_array_equal(again.labels(near), function.labels(near))
    np.testing.assert_array_equal(again.probabilities(near), function.probabilities(near))


def test_splits_on_missing_values_alone_are_infinite_thresholds_that_are_saved():
    features, labels = rows(2)
    features[labels == 1, 0] = np.nan
    features[labels == 0, 0] = 1.0
    estimator = HistGradientBoostingClassifier(max_iter=2, random_state=0)
    function = learned(estimator, features, labels)
    assert np.isinf(function.threshold).any()
    expect_same(function, estimator, features, compiled=False)
    again = restored(json.loads(json.dumps(function.saved(), allow_nan=False)))
    np.testing.assert_array_equal(again.labels(features), function.labels(features))


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=2, categorical_features=["whole"]),
        GradientBoostingClassifier(n_estimators=2, init=LogisticRegression(max_iter=10_000)),
        make_pipeline(MinMaxScaler(clip=True), DecisionTreeClassifier()),
    ],
)
def test_what_is_not_read(estimator):
    features, labels = rows(2)
    features[:, 3] /= 1e6
    estimator.fit(frame(features), labels)
    assert read_out(estimator, table(features, labels, 2), Argmax(), (0, 1)) is None


def test_a_subclass_is_not_read():
    class Otherwise(DecisionTreeClassifier):
        """Predicts its own way."""

        def predict(self, X, check_input=True):
            return 1 - super().predict(X, check_input)

    features, labels = rows(2)
    estimator = Otherwise(random_state=0).fit(frame(features), labels)
    assert read_out(estimator, table(features, labels, 2), Argmax(), (0, 1)) is None
