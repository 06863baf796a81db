"""The probability that a score is the largest, on hundreds of random score laws, degenerate ones among them."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from exact_cases import on_a_line
from quick import only
from scipy import stats

from synlabel_prob.soft_labels.exact.half_spaces import largest_of_few


def found(means: np.ndarray, slopes: np.ndarray, nu: float | None = None) -> np.ndarray:
    """Of scores means (cases, classes) + slopes (cases, classes, hidden) e, with standard e."""
    with jax.enable_x64(True):
        one = functools.partial(largest_of_few, degrees_of_freedom=nu)
        return np.asarray(jax.jit(jax.vmap(one))(means, slopes))


@pytest.mark.parametrize("nu", [None, 4.5])
@pytest.mark.parametrize("classes", [2, 3])
def test_scores_along_one_direction(classes, nu):
    # Among them equal slopes and equal scores: whole numbers come up twice.
    random = np.random.default_rng(classes)
    means = random.integers(-2, 3, (300, classes)) * 1.0
    slopes = random.integers(-2, 3, (300, classes)) * 1.0
    direction = np.array([0.6, -0.8, 0.0])
    law = stats.norm if nu is None else stats.t(nu)
    expected = [on_a_line(*case, law) for case in zip(means, slopes, strict=True)]
    own = found(means, slopes[..., None] * direction, nu)
    np.testing.assert_allclose(own.sum(1), 1.0, atol=1e-12)
    np.testing.assert_allclose(own, expected, atol=1e-12)


@pytest.mark.parametrize("hidden", [2, 5])
def test_three_scores_in_several_directions(hidden):
    random = np.random.default_rng(hidden)
    means, slopes = random.normal(size=(300, 3)), random.normal(size=(300, 3, hidden))
    slopes[::3, 1] = slopes[::3, 0] + 1e-6 * random.normal(size=slopes[::3, 0].shape)  # nearly parallel
    own = found(means, slopes)
    np.testing.assert_allclose(own.sum(1), 1.0, atol=1e-12)
    for place in range(0, 300, 5):
        for code in range(3):
            others = [other for other in range(3) if other != code]
            spread = slopes[place, code] - slopes[place, others]
            law = stats.multivariate_normal(cov=spread @ spread.T, allow_singular=True, abseps=1e-6)
            lead = means[place, code] - means[place, others]
            assert own[place, code] == pytest.approx(law.cdf(lead), abs=5e-5)


@pytest.mark.slow
def test_t_scores_are_averages_of_normal_ones():
    # t(nu) is normal with variance nu / chi2(nu): 4,000 even quantiles of it average to within 1e-4.
    random = np.random.default_rng(9)
    means, slopes, nu = random.normal(size=(8, 3)), random.normal(size=(8, 3, 2)), 6.0
    widths = np.sqrt(nu / stats.chi2(nu).ppf((np.arange(4000) + 0.5) / 4000))
    every = found(np.repeat(means, 4000, 0), np.repeat(slopes, 4000, 0) * np.tile(widths, 8)[:, None, None])
    np.testing.assert_allclose(found(means, slopes, nu), every.reshape(8, 4000, 3).mean(1), atol=1e-4)


@pytest.mark.parametrize("nu", only([None], [None, 1.0]))
def test_a_class_that_is_never_predicted(nu):
    random = np.random.default_rng(4)
    means, slopes = random.normal(size=(60, 3)), random.integers(-1, 2, size=(60, 3, 2)) * 1.0
    for code in range(3):
        others = [other for other in range(3) if other != code]
        excluded = np.where(np.arange(3) == code, -1e300, means)
        own = found(excluded, slopes, nu)
        np.testing.assert_array_equal(own[:, code] < 1e-290, True)
        np.testing.assert_allclose(own[:, others], found(means[:, others], slopes[:, others], nu), atol=1e-14)
