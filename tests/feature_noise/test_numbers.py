"""Errors of numbers: normal ones by an exact test of uniformity, rounding by its definition."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synlabel_prob import feature_noise as f
from synlabel_prob.errors import InputError
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_uniform

VALUES = np.random.default_rng(1).gamma(2.0, 3.0, (10_000, 2))
TABLE = Table.from_frame(pd.DataFrame(VALUES, columns=["x", "y"]))


def test_normal_errors(key):
    # Kolmogorov-Smirnov, false alarm 1e-6: a cdf that is off by 0.04 is seen in nearly every run.
    errors = f.noisy_table(TABLE, (f.Gaussian(0.5),), key).features - VALUES
    assert_uniform(stats.norm.cdf(errors / (0.5 * VALUES.std(0))))
    # Independent of the true value and of each other: correlations of 10,000 rows are within 0.05 (5 deviations).
    assert np.abs(np.corrcoef(np.hstack([errors, VALUES]).T)[:2, 1:] - [[0, 0, 0], [1, 0, 0]]).max() < 0.05


def test_at_another_scale_the_same_errors(key):
    small, large = (f.noisy_table(TABLE, (f.Gaussian(it),), key).features - VALUES for it in (0.1, 0.4))
    np.testing.assert_allclose(4 * small, large, atol=1e-12)
    np.testing.assert_array_equal(f.noisy_table(TABLE, (f.Gaussian(0.0),), key).features, VALUES)


def test_rounding(key):
    after = f.noisy_table(TABLE, (f.Rounded(4),), key).features
    for own, rounded in zip(VALUES.T, after.T, strict=True):
        grid = np.linspace(own.min(), own.max(), 5)
        nearest = grid[np.abs(own[:, None] - grid).argmin(1)]
        np.testing.assert_allclose(rounded, nearest, atol=1e-12)
    again = f.noisy_table(TABLE.completed(after), (f.Rounded(4),), key).features
    np.testing.assert_allclose(again, after, atol=1e-12)


def test_a_constant_feature_stays(key):
    constant = Table.from_frame(pd.DataFrame({"x": [2.0, 2.0, 2.0]}))
    np.testing.assert_array_equal(f.noisy_table(constant, (f.Rounded(3),), key).features, constant.features)


@pytest.mark.parametrize("size", [1e-300, 1.0, 2.0**300, 1e307])
def test_numbers_of_any_size_get_the_same_errors(size, key):
    table = Table.from_frame(pd.DataFrame({"x": np.random.default_rng(0).uniform(-1, 1, 50)}))
    large = dataclasses.replace(table, features=table.features * size)
    for noise in (f.Gaussian(0.5), f.Rounded(7)):
        after, wanted = (f.noisy_table(it, (noise,), key) for it in (large, table))
        np.testing.assert_allclose(after.features, wanted.features * size, rtol=1e-12, atol=1e-12 * size)
        found, plain = f.feature_report(large, after, ("x",))[0], f.feature_report(table, wanted, ("x",))[0]
        assert found.relative_error == pytest.approx(plain.relative_error, rel=1e-9)


def test_numbers_that_become_too_large_are_refused(key):
    table = Table.from_frame(pd.DataFrame({"x": [1e305, -1e305, 0.0]}))
    with pytest.raises(InputError, match=r"`feature_noise\.gaussian` makes numbers of 'x' that are too large"):
        f.noisy_table(table, (f.Gaussian(1e9),), key)


def test_equal_numbers_get_no_error(key):
    # The deviation of ten times 0.1 is 1e-17 in double precision.
    table = Table.from_frame(pd.DataFrame({"x": [0.1] * 10}))
    np.testing.assert_array_equal(f.noisy_table(table, (f.Gaussian(1e9),), key).features, 0.1)
