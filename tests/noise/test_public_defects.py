"""What public generators of label noise get wrong (noise.md, A10), and what happens here instead."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from noise_examples import dirichlet, mixed_setting, setting_of, transition_of

from synlabel_prob import metrics
from synlabel_prob import noise as n


def test_small_classes_get_their_flips():
    # cleanlab rounds 5% of 10 rows a class down to none; 20% asked gave 3.88% in its issue 977.
    rates, order = np.full(30, 0.05), np.arange(30)
    counts = [n.systematic_selection(rates, start, order).sum() for start in np.linspace(0.01, 0.99, 50)]
    assert set(counts) == {1, 2} and np.mean(counts) == pytest.approx(1.5, abs=0.05)


def test_a_class_that_no_row_has_is_a_class():
    # cleanlab raises on it, the paper's code changes the width of its arrays.
    own = setting_of(4)
    setting = n.Setting(own.table, own.ground_truth, own.labels % 3)
    for node in (n.Symmetric(0.2), n.RandomMatrix(0.2), n.RandomOutcome(0.2), n.Flips(0.2, n.ByRarity())):
        matrix = transition_of(node, setting)
        assert matrix.shape == (4, 4)
        np.testing.assert_allclose(matrix.sum(1), 1.0, rtol=1e-12)


def test_half_symmetric_noise_changes_half_of_the_labels():
    # Where "50%" includes the true class it is 45% for ten classes (DivideMix, issue 29): both are there, by name.
    changed, redrawn = (
        1 - np.diagonal(transition_of(n.Symmetric(0.5, includes_true=both), setting_of(10))) for both in (False, True)
    )
    np.testing.assert_allclose(changed, 0.5, rtol=1e-12)
    np.testing.assert_allclose(redrawn, 0.45, rtol=1e-12)


def test_soft_and_hard_labels_read_a_matrix_the_same_way():
    # The paper's code takes its columns for the true classes on soft labels, and its rows on hard ones.
    matrix = np.array([[0.7, 0.2, 0.1], [0.0, 0.9, 0.1], [0.25, 0.25, 0.5]])
    node, certain = n.Matrix(tuple(map(tuple, matrix.tolist()))), np.eye(3)
    with jax.enable_x64(True):
        transition = n.transition_at(node, mixed_setting(), certain, jax.random.key(0))
        np.testing.assert_allclose(np.asarray(n.push_forward(certain, transition)), matrix, rtol=1e-12)


def test_rates_beyond_one_half_stay_probabilities():
    # Rescaling a matrix of 1% noise, or doubling one, has a negative diagonal there.
    for node in (n.RandomMatrix(0.9, largest_rate=1.0), n.Flips(0.9, n.ByNeighbours(ranked=True)), n.Symmetric(0.99)):
        setting = mixed_setting()
        matrix = transition_of(node, setting, source=setting.table.features)
        assert matrix.min() >= 0 and matrix.max() <= 1


def test_noise_rate_and_distance_are_two_numbers():
    # Rate 0.3 on soft labels all over the simplex of four classes moves them by 0.127 (finding 6 of noise.md).
    soft = np.random.default_rng(0).dirichlet(np.ones(4), 200_000)
    with jax.enable_x64(True):
        transition = n.transition_at(n.Symmetric(0.3), setting_of(4), soft, jax.random.key(0))
        moved = np.asarray(n.push_forward(soft, transition))
        rate = float(np.asarray(n.change_probability(soft, np.asarray(transition))).mean())
    assert rate == pytest.approx(0.3, rel=1e-9)
    distance = metrics.mean_total_variation(soft, moved)
    assert distance == pytest.approx(0.127, abs=0.001)
    even = np.full_like(soft, 0.25)
    np.testing.assert_allclose(distance, 0.3 * 4 / 3 * metrics.mean_total_variation(soft, even), rtol=1e-9)


def test_a_random_outcome_keeps_its_distribution_and_changes_pluralities():
    outcomes = {"c0": 0.6, "c1": 0.2, "c2": 0.1, "c3": 0.1}
    matrix = transition_of(n.RandomOutcome(0.3, outcomes), setting_of(4))
    law = np.array(list(outcomes.values()))
    np.testing.assert_allclose(law @ matrix, law, atol=1e-15)
    soft = np.random.default_rng(1).dirichlet(np.ones(4), 100_000)
    changed = (soft.argmax(1) != (soft @ matrix).argmax(1)).mean()
    assert changed == pytest.approx(0.19, abs=0.01)  # finding 5 of noise.md


def test_generators_of_the_user_are_left_alone():
    # cleanlab and the paper's code seed or use NumPy's global generator.
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    n.transition_at(n.RandomMatrix(0.2), setting_of(3), dirichlet(3, 200), jax.random.key(0))
    n.ToConfused().fit(mixed_setting())
    np.testing.assert_array_equal(np.random.get_state()[1], before)
