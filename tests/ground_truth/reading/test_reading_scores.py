"""Linear, quadratic and network scores: labels are those of `predict`, ties included; facts against brute force."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from reading_cases import beside, expect_breakpoints, expect_same, frame, learned, rows
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import LinearSVC

from synlabel_prob.ground_truth import Threshold, restored


def _network(activation: str):
    return MLPClassifier((5, 4), activation=activation, solver="lbfgs", max_iter=80, random_state=0)


ESTIMATORS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "logistic_twice_scaled": lambda: make_pipeline(MinMaxScaler((-1, 2)), StandardScaler(), LogisticRegression()),
    "svc": lambda: make_pipeline(StandardScaler(), LinearSVC(random_state=0)),
    "lda": lambda: LinearDiscriminantAnalysis(),
    "lda_lsqr": lambda: make_pipeline(MinMaxScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)),
    "qda": lambda: QuadraticDiscriminantAnalysis(reg_param=0.1),
    "qda_scaled": lambda: make_pipeline(StandardScaler(), QuadraticDiscriminantAnalysis()),
    "bayes": lambda: GaussianNB(),
    "bayes_scaled": lambda: make_pipeline(MinMaxScaler(), GaussianNB()),
}
NETWORKS = {
    name: lambda name=name: make_pipeline(StandardScaler(), _network(name))
    for name in ("identity", "logistic", "tanh", "relu")
}
QUICK = [("logistic", 2), ("logistic", 3), ("logistic_twice_scaled", 3), ("svc", 2), ("svc", 4), ("lda", 2), ("lda", 6)]
QUICK += [("lda_lsqr", 3), ("qda", 2), ("qda_scaled", 4), ("bayes", 3), ("bayes_scaled", 2)]
QUICK += [("relu", 2), ("relu", 3), ("tanh", 2), ("logistic_network", 4), ("identity", 3)]
SLOW = [
    pytest.param(name, classes, marks=pytest.mark.slow)
    for name in (*ESTIMATORS, "relu", "tanh", "logistic_network", "identity")
    for classes in (2, 3, 4, 5, 6)
    if (name, classes) not in QUICK
]


def _read(name, classes, **options):
    features, labels = rows(classes)
    estimator = ESTIMATORS[name]() if name in ESTIMATORS else NETWORKS[name.removesuffix("_network")]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that so short a training has not converged
        return learned(estimator, features, labels, **options), estimator, features


@pytest.mark.parametrize(("name", "classes"), [*QUICK, *SLOW])
def test_labels_are_those_of_predict(name, classes):
    function, estimator, features = _read(name, classes)
    points = beside(features, lambda place: [0.0, *features[:9, place]])
    expect_same(function, estimator, points, compiled=classes > 2 or name in ("svc", "relu"))
    assert len(np.unique(function.labels(points))) >= max(2, classes - 1)


@pytest.mark.parametrize("name", ["logistic", "svc", "qda", "bayes", "relu"])
def test_saved_and_restored(name):
    function, _, features = _read(name, 3)
    again = restored(json.loads(json.dumps(function.saved(), allow_nan=False)))
    np.testing.assert_array_equal(again.labels(features), function.labels(features))
    np.testing.assert_array_equal(again.scores(features), function.scores(features))


@pytest.mark.parametrize("name", ["lda", "bayes", "relu"])
def test_classes_that_never_occur_are_never_predicted(name):
    features, labels = rows(3)
    estimator = ESTIMATORS[name]() if name in ESTIMATORS else NETWORKS[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function = learned(estimator, features, np.array([0, 2, 3])[labels])
    np.testing.assert_array_equal(function.labels(features), estimator.predict(frame(features)))
    assert (function.probabilities(features)[:, 1] == 0).all()


@pytest.mark.parametrize("name", ["logistic_twice_scaled", "svc", "lda", "qda_scaled", "bayes_scaled"])
@pytest.mark.parametrize("classes", [2, 4])
def test_labels_change_at_breakpoints_only(name, classes):
    function, _, features = _read(name, classes)
    changes = 0
    for place in range(4):
        middle, spread = features[:, place].mean(), np.ptp(features[:, place])
        grid = np.linspace(middle - 3 * spread, middle + 3 * spread, 1501)
        changes += expect_breakpoints(function, features[:30], place, grid)
        points = function.breakpoints(features, place).shape[-1]
        pairs = classes * (classes - 1) // 2
        assert points == (pairs if function.linear_scores() else 2 * pairs)
    assert changes > 60


@pytest.mark.parametrize(("name", "classes"), [("logistic_twice_scaled", 3), ("svc", 2), ("lda", 4)])
def test_linear_scores_are_those_of_the_raw_features(name, classes):
    function, estimator, features = _read(name, classes)
    weights, intercepts = function.linear_scores()
    assert weights.shape == (classes, 4)
    scores = features @ weights.T + intercepts
    np.testing.assert_array_equal(scores.argmax(1), function.labels(features))
    decided = estimator.decision_function(frame(features))
    if classes == 2:
        scores, decided = scores[:, 1:] - scores[:, :1], decided[:, None]
    np.testing.assert_allclose(scores, decided, rtol=1e-9, atol=1e-9)


def test_linear_scores_of_a_class_that_never_occurs_are_minus_infinity():
    features, labels = rows(3)
    function = learned(LinearDiscriminantAnalysis(), features, np.array([0, 2, 3])[labels])
    weights, intercepts = function.linear_scores()
    assert np.isneginf(intercepts).tolist() == [False, True, False, False]
    np.testing.assert_array_equal((features @ weights.T + intercepts).argmax(1), function.labels(features))


@pytest.mark.parametrize("name", ["logistic", "qda"])
def test_other_decisions_have_no_crossings(name):
    function, _, features = _read(name, 3, decision=Threshold(1, 0.4))
    assert function.breakpoints(features, 0) is None
    assert function.linear_scores() is None
    assert (function.labels(features) == 1).any()
