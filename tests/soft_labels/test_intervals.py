"""Intervals of counts: which law they come from, that they nest, and how often they hold exactly."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from counted import of_counts
from scipy import stats

from synlabel_prob import soft_labels as s


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


def test_a_mean_that_few_points_carry_has_the_interval_of_their_number():
    # Three points of 1,024 carry it, and weigh 0.5 each; and the other class by what it lacks.
    values = np.zeros((1, 8, 128))
    values[0, :3, 0] = 0.5
    values = np.stack([values, 1 - values], -1)
    soft = dataclasses.replace(
        of_counts(np.full((1, 8, 2), 64)),
        probabilities=values.mean((1, 2)),
        counts=values.sum(2),
        squares=(values**2).sum((1, 2)),
    )
    low, high = s.interval(soft)
    expected = 0.5 * stats.beta.ppf([0.05, 0.95], 3 / 0.75 + 0.5, 1021 / 0.75 + 0.5)
    np.testing.assert_allclose([low[0, 0], high[0, 0]], expected, rtol=1e-9)
    np.testing.assert_allclose([1 - high[0, 1], 1 - low[0, 1]], expected, rtol=1e-9)
