"""Standard errors and intervals from counts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from synlabel_prob import soft_labels as s
from synlabel_prob.soft_labels.estimates import (
    _carriers,
    difference_standard_error,
    mean_standard_error,
    smooth_standard_error,
    standard_error,
)


def of_counts(counts, *, exact: bool = False) -> s.SoftLabels:
    """Soft labels from counts (rows, groups, classes)."""
    counts = np.asarray(counts)
    points = counts[:, 0].sum(-1)
    nothing = np.zeros((len(counts), 0, counts.shape[-1]))
    return s.SoftLabels(
        probabilities=counts.sum(1) / counts.sum((1, 2))[:, None],
        standard_error=standard_error(counts, points),
        counts=counts,
        points=points,
        method="counted",
        exact=np.full(len(counts), exact),
        stages=nothing,
        changes=nothing[..., 0],
        stage_standard_error=nothing,
        reached=np.ones(len(counts), dtype=bool),
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


def test_exact_labels_have_no_width():
    soft = of_counts([[[3, 7]]], exact=True)
    for end in s.interval(soft):
        np.testing.assert_array_equal(end, soft.probabilities)


@pytest.mark.parametrize("groups", [1, 8])
def test_intervals_nest_and_stay_inside(groups):
    counts = np.random.default_rng(0).multinomial(64, [0.02, 0.28, 0.7], (200, groups))
    soft = of_counts(counts)
    wide, narrow = s.interval(soft, 0.99), s.interval(soft, 0.5)
    assert (wide[0] <= narrow[0]).all() and (narrow[1] <= wide[1]).all()
    assert wide[0].min() >= 0 and wide[1].max() <= 1
    assert ((narrow[0] <= soft.probabilities) & (soft.probabilities <= narrow[1])).all()


def test_rare_counts_of_plain_draws_hold_about_as_often_as_they_say():
    # Exact: the coverage at every expected count up to 10 is a sum over all counts, averaged over a grid.
    draws = 1024
    totals = np.arange(draws + 1)
    low, high = s.interval(of_counts(np.stack([totals, draws - totals], -1)[:, None]))
    grid = np.linspace(0.5, 10, 400) / draws
    held = [stats.binom.pmf(totals, draws, p)[(low[:, 0] <= p) & (p <= high[:, 0])].sum() for p in grid]
    assert 0.89 <= np.mean(held) <= 0.91
    assert np.min(held) >= 0.8


def test_a_count_of_three_and_more_has_the_interval_of_its_replicates():
    for total in (2, 4):
        counts = np.array([[[1, 127]] * total + [[0, 128]] * (8 - total)])
        soft = of_counts(counts)
        low, high = s.interval(soft)
        half = stats.t.ppf(0.95, 7) * soft.standard_error
        if total == 4:
            np.testing.assert_allclose(high - soft.probabilities, half, rtol=1e-12)
        else:
            expected = stats.beta.ppf([0.05, 0.95], total / 0.75 + 0.5, (1024 - total) / 0.75 + 0.5)
            np.testing.assert_allclose([low[0, 0], high[0, 0]], expected, rtol=1e-12)


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
    np.testing.assert_allclose(_carriers(totals, totals, evaluations), 1024 * share * (1 - share), rtol=1e-9)
    assert np.isinf(_carriers(totals, totals**2 / 1024, evaluations)).all()


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
