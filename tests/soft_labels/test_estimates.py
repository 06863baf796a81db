"""Standard errors and intervals from counts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from counted import of_counts
from scipy import stats

from synlabel_prob import soft_labels as s
from synlabel_prob.soft_labels.estimates import (
    carriers_of,
    difference_standard_error,
    mean_standard_error,
    smooth_standard_error,
)


@pytest.mark.parametrize("groups", [1, 2, 8])
def test_draws_that_all_agree_leave_doubt(groups):
    counts = np.zeros((2, groups, 3), dtype=int)
    counts[0, :, 1] = 128
    counts[1, :, 0] = 1
    soft = of_counts(counts)
    assert (soft.standard_error > 0).all()
    low, high = s.interval(soft)
    assert (low[:, [0, 2]][0] == 0).all() and (high[0, [0, 2]] > 0).all()
    assert low[0, 1] < 1 == high[0, 1]


def test_one_group_is_the_dirichlet_posterior():
    error = of_counts([[[30, 70]]]).standard_error
    np.testing.assert_allclose(error, np.sqrt(30.5 * 70.5 / 101**2 / 102), rtol=1e-12)


def test_replicates_give_their_spread():
    counts = np.array([[[60, 40], [64, 36], [56, 44], [60, 40]]])
    expected = np.sqrt((np.var([60, 64, 56, 60], ddof=1) + 1 / 24) / 4) / 100
    np.testing.assert_allclose(of_counts(counts).standard_error, expected, rtol=1e-12)


def test_rare_classes_get_at_least_the_error_of_plain_draws():
    counts = np.array([[[1, 127]] * 2 + [[0, 128]] * 6])
    plain = of_counts(counts.sum(1, keepdims=True))
    assert (of_counts(counts).standard_error >= plain.standard_error - 1e-15).all()


def test_standard_error_of_means():
    generator = np.random.default_rng(1)
    values = generator.uniform(size=(3, 1, 5000))
    sums, squares, points = values.sum(2), (values**2).sum(2), np.full(3, 5000)
    np.testing.assert_allclose(mean_standard_error(sums, squares, points), values.std(2)[:, 0] / 5000**0.5, rtol=1e-2)
    equal = mean_standard_error(0 * sums, 0 * squares, points)
    assert (equal > 0).all()
    groups = generator.uniform(size=(3, 8, 50))
    error = mean_standard_error(groups.sum(2), (groups**2).sum(2), np.full(3, 50))
    assert (error >= groups.mean(2).std(1, ddof=1) / 8**0.5 - 1e-15).all()


def test_evaluations_are_points_of_all_groups():
    soft = of_counts([[[60, 40]] * 8])
    assert soft.evaluations.tolist() == [800]
    assert dataclasses.replace(soft, points=np.array([50])).evaluations.tolist() == [400]


# --- probabilities and differences in place of labels ---------------------------------------------------


def smooth(values):
    """Standard errors of probabilities (rows, groups, points, classes)."""
    points = np.full(len(values), values.shape[2])
    return smooth_standard_error(values.sum(2), (values**2).sum(2), points)


def test_probabilities_that_are_all_alike_leave_little_doubt():
    error = smooth(np.full((1, 8, 128, 2), 0.5))
    np.testing.assert_allclose(error, 0.02 / 1024 / np.sqrt(128), rtol=1e-12)
    certain = np.zeros((1, 8, 128, 2))
    certain[..., 1] = 1.0  # as much doubt as of as many labels
    np.testing.assert_allclose(smooth(certain), np.sqrt(0.5 / 1025 / 1026), rtol=1e-3)


def test_labels_carry_their_mean_as_often_as_they_vary():
    totals, evaluations = np.array([[3.0, 512.0, 1021.0]]), np.full((1, 1), 1024)
    share = totals / 1024
    np.testing.assert_allclose(carriers_of(totals, totals, evaluations), 1024 * share * (1 - share), rtol=1e-9)
    assert np.isinf(carriers_of(totals, totals**2 / 1024, evaluations)).all()


def test_a_mean_that_few_points_carry_gets_the_error_of_plain_draws():
    values = np.zeros((1, 8, 128, 2))
    values[0, :3, 0, 0] = 0.9
    values[..., 1] = 1 - values[..., 0]
    independent = np.sqrt((3 * 0.81 + 0.5) / 1025 - (3.2 / 1025) ** 2) / np.sqrt(1026)
    assert smooth(values)[0, 0] >= independent * (1 - 1e-12)
    many = np.random.default_rng(0).uniform(0.2, 0.4, (1, 8, 128, 1)) * [1.0, -1.0] + [0.0, 1.0]
    spread = many.mean(2).std(1, ddof=1) / 8**0.5
    assert (smooth(many) < 1.2 * np.maximum(spread, np.sqrt(0.5 / 1025 / 1026 / 128))).all()


def test_no_disagreement_leaves_the_doubt_of_as_many_labels():
    exact = np.array([[0.25, 0.75]])
    sums, points = np.tile(128 * exact[:, None], (1, 8, 1)), np.array([128])
    apart = np.zeros((1, 8, 2))
    error = difference_standard_error(sums, apart, points)
    assert (error >= np.sqrt(0.5 / 1025 / 1026)).all()
    soft = dataclasses.replace(
        of_counts(np.full((1, 8, 2), 64)),
        probabilities=exact,
        standard_error=error,
        counts=sums,
        points=points,
        disagreements=apart.sum(1),
    )
    low, high = s.interval(soft)
    np.testing.assert_allclose([high - exact, exact - low], stats.beta.ppf(0.95, 0.5, 1024 / 0.75 + 0.5), rtol=1e-12)
