"""Destinations that depend on the row, or that are learned from the rows."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from noise_examples import mixed_setting, setting_of, towards_of

from synlabel_prob import noise as n
from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import Learned
from synlabel_prob.noise.geometry import Coordinates


def towards(description: n.Destination, setting: n.Setting, source: np.ndarray) -> np.ndarray:
    return towards_of(description.fit(setting), source)


def test_the_second_most_likely_class_and_ties():
    soft = np.array([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4], [1.0, 0.0, 0.0]])
    found = towards(n.ToSecond("soft_label"), setting_of(3), soft).argmax(-1)
    np.testing.assert_array_equal(found, [[1, 0, 0], [1, 2, 1], [1, 0, 0]])


def test_other_classes_in_proportion_to_their_probabilities():
    soft = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
    found = towards(n.ToLikely("soft_label"), setting_of(3), soft)
    np.testing.assert_allclose(found[0], [[0, 0.6, 0.4], [5 / 7, 0, 2 / 7], [0.625, 0.375, 0]], rtol=1e-12)
    np.testing.assert_allclose(found[1], [[0, 0.5, 0.5], [1, 0, 0], [1, 0, 0]])


def test_enemies_are_the_nearest_rows_with_another_label():
    setting = mixed_setting()
    points = Coordinates(setting.table).of(setting.table.features)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    expected = np.zeros((80, 3, 3))
    for code in range(3):
        enemies = np.flatnonzero(setting.labels != code)
        for row in range(80):
            nearest = enemies[np.argsort(apart[row, enemies], kind="stable")[:4]]
            expected[row, code] = np.bincount(setting.labels[nearest], minlength=3) / 4
    np.testing.assert_allclose(towards(n.ToEnemy(4), setting, setting.table.features), expected, atol=1e-12)


def test_scores_are_a_softmax_over_the_other_classes():
    setting = mixed_setting()
    features = setting.table.features
    standard = (features - features.mean(0)) / features.std(0) / np.sqrt(5)
    weights = np.random.default_rng(6).normal(size=(5, 9)).reshape(5, 3, 3)
    raised = np.exp(np.einsum("rf,fij->rij", standard, weights) / 0.5) * (1 - np.eye(3))
    found = towards(n.ToScores(seed=6, temperature=0.5), setting, features)
    np.testing.assert_allclose(found, raised / raised.sum(-1, keepdims=True), rtol=1e-9)


def test_many_features_do_not_make_the_destination_certain():
    # Without the square root the largest share grows with the number of features, to 0.9 at 100 (noise.md, A3.1).
    features = np.random.default_rng(0).normal(size=(500, 100))
    weights = np.random.default_rng(1).normal(size=(100, 10))
    plain = np.exp(features @ weights)
    scaled = np.exp(features @ weights / 10)
    assert (plain.max(1) / plain.sum(1)).mean() > 0.85
    assert (scaled.max(1) / scaled.sum(1)).mean() < 0.45


def test_similar_classes_are_those_whose_means_are_near():
    whole = setting_of(4)
    setting = n.Setting(whole.table, whole.ground_truth, np.arange(200) % 4)
    points = setting.table.features / setting.table.features.std(0)
    centres = np.stack([points[setting.labels == code].mean(0) for code in range(4)])
    raised = np.exp(-np.linalg.norm(centres[:, None] - centres[None], axis=2) / 0.7) * (1 - np.eye(4))
    found = towards_of(n.ToSimilar(0.7).fit(setting))
    np.testing.assert_allclose(found, raised / raised.sum(1, keepdims=True), rtol=1e-9)


def test_confused_classes_are_those_that_a_classifier_takes_for_each_other():
    setting = setting_of(3)
    noisy = np.where(np.arange(200) % 4 == 0, 2, setting.labels)  # class 2 is said of a quarter of all rows
    found = n.ToConfused(Learned("GaussianNB")).fit(n.Setting(setting.table, setting.ground_truth, noisy)).shares
    np.testing.assert_allclose(found.sum(1), 1.0)
    np.testing.assert_array_equal(np.diagonal(found), 0)
    again = n.ToConfused(Learned("GaussianNB")).fit(n.Setting(setting.table, setting.ground_truth, noisy)).shares
    np.testing.assert_array_equal(found, again)
    assert np.abs(found - n.ToOthers().fit(setting).shares).max() > 0.05


def test_parts_are_a_mixture_and_differ_between_rows():
    setting = mixed_setting()
    with jax.enable_x64(True):
        fitted = n.ToParts(3, seed=2).fit(setting)
        shares = np.asarray(fitted.context(setting.table.features))
        found = np.asarray(fitted.towards(None, shares))
    assert shares.shape == (80, 3) and shares.min() >= 0
    np.testing.assert_allclose(shares.sum(1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(found, np.einsum("rp,pij->rij", shares, fitted.parts), rtol=1e-12)
    assert np.ptp(found[:, 0, 1]) > 0.05
    one = towards(n.ToParts(1), setting, setting.table.features)
    np.testing.assert_allclose(one, np.broadcast_to(one[0], one.shape), rtol=1e-9)


def test_one_class_has_no_enemies():
    setting = setting_of(3)
    with pytest.raises(InputError, match="all rows the class 'c0'"):
        n.ToEnemy().fit(n.Setting(setting.table, setting.ground_truth, np.zeros_like(setting.labels)))
