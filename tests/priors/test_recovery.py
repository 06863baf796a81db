"""Conditional means and spreads beside scikit-learn's and statsmodels', on rows where they should agree.

The regressions' modes stand beside statsmodels' in `test_regressions`, kernel densities and nearest rows beside SciPy's
and scikit-learn's in the tests of these families.
"""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import log_densities, mixed_table, numbers_table
from scipy import stats
from sklearn.linear_model import BayesianRidge
from sklearn.mixture import GaussianMixture

from synlabel_prob.priors import Chained, GaussianRegression, JointKernelDensity, JointMixture
from synlabel_prob.table import Table
from synlabel_prob.testing import reference_rows


def test_a_regression_has_the_means_and_spreads_of_bayesian_ridge(key):
    # They differ in their priors alone, which 2,000 rows outweigh: by a few in 2,000. Theirs has one deviation for all
    # coefficients, so it is given standardised features.
    reference = reference_rows(numbers_table(2000), ("income",))
    with jax.enable_x64(True):
        prior = GaussianRegression().fit(reference, key)
        quantile = jax.vmap(prior.quantile, (None, None, 0))
        low, middle, high = (
            np.asarray(quantile(prior.theta_at(0), np.array([u]), reference.rows))[:, 0]
            for u in stats.norm.cdf([-1, 0, 1])
        )
    features, response = stats.zscore(reference.observed), stats.zscore(reference.hidden[:, 0])
    center, deviation = BayesianRidge().fit(features, response).predict(features, return_std=True)
    np.testing.assert_allclose(stats.zmap(middle, reference.hidden[:, 0]), center, atol=0.005 * deviation.min())
    np.testing.assert_allclose((high - low) / 2, deviation * reference.hidden.std(), rtol=0.005)


DRAWS = 4000


def _imputed(reference, rows):
    """Draws of the hidden features (rows, draws, hidden) by chained equations that were fitted to all rows."""
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes the next import possible
    from sklearn.impute import IterativeImputer

    whole = np.concatenate([reference.hidden, reference.observed], 1)
    scales = whole.std(0)
    imputer = IterativeImputer(sample_posterior=True, random_state=0, max_iter=10).fit(whole / scales)
    size = reference.hidden.shape[1]
    asked = np.repeat(whole[rows] / scales, DRAWS, 0)
    asked[:, :size] = np.nan
    return (imputer.transform(asked) * scales)[:, :size].reshape(len(rows), DRAWS, size)


def test_a_chain_draws_what_chained_equations_draw(key):
    # In Monte Carlo standard errors of 4,000 draws each, 15 comparisons at 5: false alarm 1e-5. Means that are off by
    # 0.11 conditional deviations, spreads by 8% and correlations by 0.11 are seen. Ten sweeps of theirs are enough,
    # as the two hidden features correlate moderately; 2,000 rows outweigh the priors.
    reference, rows = reference_rows(numbers_table(2000), ("income", "age")), np.array([3, 40, 1000])
    theirs = _imputed(reference, rows)
    uniforms = np.random.default_rng(1).uniform(size=(len(rows), DRAWS, 2))
    with jax.enable_x64(True):
        prior = Chained().fit(reference, key)
        over_draws = jax.vmap(prior.quantile, (None, 0, None))
        pairs = zip(rows, uniforms, strict=True)
        ours = np.stack([np.asarray(over_draws(prior.theta_at(0), own, reference.row(row))) for row, own in pairs])
    spread, error = theirs.std(1), np.sqrt(2 / DRAWS)
    assert (np.abs(ours.mean(1) - theirs.mean(1)) / spread < 5 * error).all()
    assert (np.abs(np.log(ours.std(1) / spread)) < 5 * error / np.sqrt(2)).all()
    for own, other in zip(ours, theirs, strict=True):
        both = [np.arctanh(np.corrcoef(values.T)[0, 1]) for values in (own, other)]
        assert abs(both[0] - both[1]) < 5 * error


def _two_groups(rows):
    generator = np.random.default_rng(0)
    group = generator.integers(2, size=rows)
    x = np.where(group, 2.0, -2.0) + generator.normal(size=rows)
    y = np.where(group, 1.0 - x, 1.0 + x) + 0.5 * generator.normal(size=rows)
    return Table.from_frame(pd.DataFrame({"x": x, "y": y}))


def _conditional(mixture, x):
    """Mean and deviation of y given x (points,) under scikit-learn's mixture of two columns x and y."""
    covariances, means = mixture.covariances_, mixture.means_
    weights = mixture.weights_ * stats.norm.pdf(x[:, None], means[:, 0], np.sqrt(covariances[:, 0, 0]))
    weights /= weights.sum(1, keepdims=True)
    slopes = covariances[:, 0, 1] / covariances[:, 0, 0]
    centers = means[:, 1] + slopes * (x[:, None] - means[:, 0])
    mean = (weights * centers).sum(1)
    square = (weights * (covariances[:, 1, 1] - slopes * covariances[:, 0, 1] + centers**2)).sum(1)
    return mean, np.sqrt(square - mean**2)


@pytest.mark.slow
def test_a_mixture_has_the_conditional_law_of_scikit_learns(key):
    # Theirs is the maximum of the likelihood, ours an average over the posterior: with 1,000 rows of either group
    # lines and spreads differ by some 1 / sqrt(1,000) of the deviation 0.5 inside a group, more where groups meet.
    reference = reference_rows(_two_groups(2000), ("y",))
    prior = JointMixture(components=2, draws=40, warmup=200, thin=2).fit(reference, key)
    both = np.concatenate([reference.observed, reference.hidden], 1)
    mean, deviation = _conditional(GaussianMixture(2, random_state=0, tol=1e-6).fit(both), reference.observed[:200, 0])
    with jax.enable_x64(True):
        laws = jax.vmap(prior.law, (None, 0))(prior.theta_at(0), reference.row(np.arange(200)))
    weights, centers = np.exp(np.asarray(laws.log_weights)), np.asarray(laws.locations)[..., 0]
    found = (weights * centers).sum(1)
    square = (weights * (np.asarray(laws.scales)[..., 0, 0] ** 2 + centers**2)).sum(1)
    np.testing.assert_allclose(found, mean, atol=0.1)
    np.testing.assert_allclose(np.sqrt(square - found**2) / deviation, 1.0, atol=0.1)


def test_a_kernel_density_of_mixed_kinds_is_statsmodels(key):
    from statsmodels.nonparametric.kernel_density import KDEMultivariate

    reference = reference_rows(mixed_table(), ("income", "region"))
    rows, values = len(reference.hidden), reference.hidden
    bandwidth = rows**-0.2 * values[:, 0].std(ddof=1)
    leaves = rows**-0.4 * 2 / 3  # theirs is the share that leaves a level, ours the share that is redrawn, of three
    expected = KDEMultivariate(values, "cu", bw=[bandwidth, leaves], rng=0).pdf(values)
    found = log_densities(JointKernelDensity().fit(reference, key), reference)
    np.testing.assert_allclose(found, np.log(expected), atol=1e-6)
