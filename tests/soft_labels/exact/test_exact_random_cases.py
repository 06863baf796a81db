"""Exact routes on thousands of rows of random functions, against sums over all cells and over a fine grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from exact_cases import along, fitted, table

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.ground_truth import GroundTruthFunction
from synlabel_prob.process import FittedProcess

pytestmark = pytest.mark.slow
ROWS = 200


def by_cells(made: FittedProcess, rows: range) -> np.ndarray:
    """Independent uniform features: the label of every cell between thresholds times its area, (rows, classes)."""
    function, features = made.ground_truth, table(ROWS).features
    sides = [cells_of(function, features, place) for place in made.hidden]
    points = np.array(list(itertools.product(*(inside for inside, _ in sides))))
    masses = np.prod(list(itertools.product(*(mass for _, mass in sides))), 1)
    found = []
    for row in rows:
        every = np.tile(features[row], (len(points), 1))
        every[:, list(made.hidden)] = points
        found.append(np.bincount(function.labels(every), masses, len(function.classes)))
    return np.array(found)


def cells_of(function: GroundTruthFunction, features: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
    """A value in each cell (lower, upper] of a feature, and the share of its range."""
    thresholds = np.unique(np.asarray(function.breakpoints(features[0], place)))
    low, high = features[:, place].min(), features[:, place].max()
    shares = np.clip((thresholds - low) / (high - low), 0, 1)
    return np.append(thresholds, thresholds[-1] + 1), np.diff([0, *shares, 1])


@pytest.mark.parametrize("classes", [2, 5, 20])
@pytest.mark.parametrize("hidden", [("a",), ("a", "d")])
def test_random_trees(classes, hidden):
    names = tuple(f"c{code}" for code in range(classes))
    for seed in range(6):
        made = fitted(g.RandomTree(names, 6, random_state=seed), hidden, p.Uniform(), rows=ROWS)
        found = along("BoxSums", made).probabilities
        np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-12)
        np.testing.assert_allclose(found[::4], by_cells(made, range(0, ROWS, 4)), atol=1e-12)
        if len(hidden) == 1:
            np.testing.assert_allclose(along("Intervals", made).probabilities, found, atol=1e-12)


@pytest.mark.parametrize("name", ["RandomForestClassifier", "ExtraTreesClassifier", "GradientBoostingClassifier"])
def test_random_forests(name):
    for seed, feature in enumerate(("a", "b", "c", "d")):
        truth = g.Learned(name, {"n_estimators": 7}, seed)
        made = fitted(truth, (feature,), p.Uniform(), rows=ROWS)
        found = along("Intervals", made).probabilities
        np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-12)
        np.testing.assert_allclose(found[::2], by_cells(made, range(0, ROWS, 2)), atol=1e-12)


SMOOTH = {
    "naive Bayes": g.Learned("GaussianNB"),
    "quadratic": g.Learned("QuadraticDiscriminantAnalysis", {"reg_param": 0.1}),
    "logistic": g.Learned("LogisticRegression"),
    "network": g.RandomNetwork(("u", "v", "w", "x", "y"), width=12, weight_scale=3.0, random_state=4),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_scores(name):
    # A change of the label is off by at most one step of the grid, 1 / 20,001; there are at most ten on a line.
    steps = (np.arange(20_001) + 0.5) / 20_001
    for feature in ("a", "b", "c", "d"):
        made = fitted(SMOOTH[name], (feature,), p.Uniform(), rows=ROWS)
        features, place = table(ROWS).features, made.hidden[0]
        low, high = features[:, place].min(), features[:, place].max()
        found = along("Intervals", made).probabilities
        np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-12)
        for row in range(0, ROWS, 10):
            every = np.tile(features[row], (len(steps), 1))
            every[:, place] = low + steps * (high - low)
            expected = np.bincount(made.ground_truth.labels(every), minlength=len(made.classes)) / len(steps)
            np.testing.assert_allclose(found[row], expected, atol=10 / 20_001)
