"""The distance to the decision boundary: exact for linear scores, a close upper bound otherwise."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import noise_setting, numbers_table
from noise_examples import setting_of, weights_of

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n


def test_of_two_linear_scores_it_is_that_to_the_line():
    table = numbers_table(200)
    function = g.Linear({"a": {"age": 0.5, "height": 3.0}, "b": {"age": -0.5}}, {"a": -46.0}).fit(table)
    setting = n.Setting(table, function, np.asarray(function.labels(table.features)))
    scales = table.features.std(0)
    score = table.features @ [1.0, 0.0, 3.0] - 46.0
    expected = np.abs(score) / np.linalg.norm([1.0 * scales[0], 3.0 * scales[2]])
    with jax.enable_x64(True):
        fitted = n.ByBoundary(0.7).fit(setting)
        np.testing.assert_allclose(fitted.distances(table.features), expected, atol=1e-9)
        np.testing.assert_allclose(weights_of(fitted, table.features)[:, 0], np.exp(-expected / 0.7), atol=1e-9)
        normal = weights_of(n.ByBoundary(0.7, "normal").fit(setting), table.features)[:, 0]
    np.testing.assert_allclose(normal, np.exp(-0.5 * (expected / 0.7) ** 2), atol=1e-9)


def test_of_several_scores_nothing_nearer_changes_the_label_and_something_as_near_does():
    setting = setting_of(4)
    with jax.enable_x64(True):
        fitted = n.ByBoundary().fit(setting)
        features, scales = setting.table.features, setting.table.features.std(0)
        distances = fitted.distances(features)
        directions = np.random.default_rng(0).normal(size=(2000, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        for row in range(5):
            nearer = features[row] + 0.999 * distances[row] * directions * scales
            farther = features[row] + 1.02 * distances[row] * directions * scales
            assert (np.asarray(setting.ground_truth.labels(nearer)) == setting.labels[row]).all()
            assert (np.asarray(setting.ground_truth.labels(farther)) != setting.labels[row]).any()


@pytest.mark.parametrize("kind", ["ball", "mixed"])
def test_otherwise_it_is_an_upper_bound_at_which_the_label_changes(kind):
    if kind == "ball":
        table = numbers_table(400)
        function = g.Ball(("age",), radius=10.0, center=(40.0,)).fit(table)
        setting = n.Setting(table, function, np.asarray(function.labels(table.features)))
        exact = np.abs(np.abs(table.features[:, 0] - 40.0) - 10.0) / table.features[:, 0].std()
    else:
        setting = noise_setting()
        exact = np.zeros(len(setting.labels))
    with jax.enable_x64(True):
        found = n.ByBoundary().fit(setting).distances(setting.table.features)
    assert (found >= exact - 1e-3).all()
    assert np.isfinite(found).all() and (found > 0).all()
    if kind == "ball":
        # The way to the nearest enemy need not be the shortest one; for most rows it nearly is.
        assert np.median(found - exact) < 0.3
