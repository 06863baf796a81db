"""The gates themselves: how often they reject what is right, and what they see."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from synlabel_prob.testing import assert_frequencies, assert_uniform

LAW = np.array([[0.2, 0.3, 0.5], [0.6, 0.1, 0.3]])


def rejects(check, *arguments, false_alarm: float = 1e-6) -> bool:
    try:
        check(*arguments, false_alarm=false_alarm)
    except AssertionError:
        return True
    return False


def counts_of(law, draws, seed):
    generator = np.random.default_rng([seed, draws])
    return np.stack([generator.multinomial(draws, row) for row in law])


def test_right_frequencies_are_rejected_as_rarely_as_stated():
    # 1000 runs at 0.05: at most Binomial(1000, 0.05) rejections, of which 90 or more have a chance of 1e-7.
    runs = [rejects(assert_frequencies, counts_of(LAW, 300, seed), LAW, false_alarm=0.05) for seed in range(1000)]
    assert sum(runs) < 90
    assert sum(runs) > 10  # the exact test is conservative, and not blind


@pytest.mark.slow
def test_right_uniforms_are_rejected_as_rarely_as_stated():
    uniforms = np.random.default_rng(1).uniform(size=(1000, 60, 2))
    assert 10 < sum(rejects(assert_uniform, draw, false_alarm=0.05) for draw in uniforms) < 90


def test_a_small_error_is_seen():
    # Off by 0.02 in one cell of three: seen in 86 of 100 runs at 30,000 draws; 50 runs of which fewer than 30 see it
    # have a chance of 1e-6.
    wrong = LAW + np.array([[0.02, -0.02, 0.0], [0.0, 0.0, 0.0]])
    assert sum(rejects(assert_frequencies, counts_of(LAW, 30_000, seed), wrong) for seed in range(50)) >= 30


def test_a_transposed_matrix_is_seen():
    matrix = np.array([[0.8, 0.2, 0.0], [0.1, 0.7, 0.2], [0.0, 0.0, 1.0]])
    with pytest.raises(AssertionError, match=r"^the draws disagree with the stated law \(p = .*\): \d+ of 3000 draws"):
        assert_frequencies(counts_of(matrix, 3000, 0), matrix.T / matrix.T.sum(1, keepdims=True))


def test_an_impossible_cell_and_a_number_that_is_none_fail():
    assert_frequencies([100, 0], [1.0, 0.0])
    assert rejects(assert_frequencies, [99, 1], [1.0, 0.0])
    assert rejects(assert_frequencies, [50, 50], [np.nan, 0.5])
    assert rejects(assert_uniform, np.full(100, np.nan))


def test_uniforms_that_are_none_are_seen():
    # Beta(1.2, 1) is off by at most 0.067 from uniform; 10,000 rows see 0.04.
    right = np.random.default_rng(2).uniform(size=10_000)
    wrong = np.stack([right, stats.beta(1.2, 1).ppf(right)], -1)
    assert_uniform(right)
    with pytest.raises(AssertionError, match=r"the cdf of column 1 is off by 0\.0[67]"):
        assert_uniform(wrong)
