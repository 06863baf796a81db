"""Gibbs sampling of the conjugate regression: its own posterior where nothing is missing, and near it elsewhere."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from synlabel_prob.priors.gibbs_regression import draw_regressions
from synlabel_prob.priors.matrix_normal import conjugate_prior

ROWS = 60
GENERATOR = np.random.default_rng(2)
REGRESSORS = np.column_stack([np.ones(ROWS), GENERATOR.normal(size=(ROWS, 2))])
TRUTH = np.array([[0.0, 0.5], [1.0, -0.5], [0.3, 0.8]])
NOISE = np.array([[0.6, 0.0], [0.4, 0.5]])
RESPONSES = REGRESSORS @ TRUTH + GENERATOR.normal(size=(ROWS, 2)) @ NOISE.T
PRIOR = conjugate_prior(3, 2, 10.0, 0.1)


def test_without_missing_values_draws_are_of_the_conjugate_posterior():
    # 2,000 independent draws; every mean in standard errors, false alarm of 6 tests at 5: 4e-6.
    draws, roots = draw_regressions(PRIOR, REGRESSORS, RESPONSES, 2000, 0)
    posterior = PRIOR.updated(REGRESSORS, RESPONSES)
    errors = draws.std(0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(0) - posterior.mean) < 5 * errors).all()
    covariance = (roots @ np.swapaxes(roots, 1, 2)).mean(0)
    expected = np.asarray(posterior.scatter) / (posterior.degrees_of_freedom - 3)
    np.testing.assert_allclose(covariance, expected, rtol=0.05)


@pytest.mark.parametrize("share", [0.1, 0.4])
@pytest.mark.slow
def test_missing_at_random_the_regression_of_each_response_is_that_of_the_rows_that_have_it(share):
    # The second response says nothing of the first one's coefficients beyond its own rows if it is always there.
    responses = RESPONSES.copy()
    responses[np.random.default_rng(3).random(ROWS) < share, 1] = np.nan
    draws, _ = draw_regressions(PRIOR, REGRESSORS, responses, 2000, 0)
    full = PRIOR.updated(REGRESSORS, RESPONSES)
    errors = draws[..., 0].std(0) / np.sqrt(len(draws))
    assert (np.abs(draws[..., 0].mean(0) - np.asarray(full.mean)[:, 0]) < 5 * errors).all()
    assert (draws[..., 1].std(0) > 0.98 * _deviations()[:, 1]).all()


def _deviations() -> np.ndarray:
    """Of the coefficients where nothing is missing, (regressors, responses)."""
    posterior = PRIOR.updated(REGRESSORS, RESPONSES)
    covariance = np.asarray(posterior.scatter) / (posterior.degrees_of_freedom - 3)
    return np.sqrt(np.outer(np.diag(np.linalg.inv(posterior.precision)), np.diag(covariance)))


def test_equal_seeds_give_equal_draws():
    with jax.enable_x64(True):
        first, second = (draw_regressions(PRIOR, REGRESSORS, RESPONSES, 3, 7)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
