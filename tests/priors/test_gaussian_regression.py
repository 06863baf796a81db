"""Gaussian regression against the textbook posterior, SciPy's Student-t, and NUTS."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import mixed_table
from numpyro.diagnostics import effective_sample_size
from numpyro.handlers import seed
from scipy import stats
from sklearn.datasets import load_wine

from synlabel_prob.priors import GaussianRegression
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_uniform, reference_rows

HIDDEN = ("income", "age")


def by_hand(reference, coefficient_scale=10.0, residual_scale=0.1, *, with_label=False):
    """The posterior in its other textbook form: regressors, mean, precision, degrees of freedom, scatter."""
    height, size, region = reference.observed.T
    columns = [np.ones(len(height)), (height - height.mean()) / height.std()]
    columns += [size == 1, size == 2, region == 1, region == 2]
    columns += [reference.labels == 1, reference.labels == 2] if with_label else []
    x = np.stack(columns, -1).astype(float)
    y = (reference.hidden - reference.hidden.mean(0)) / reference.hidden.std(0)
    precision = x.T @ x + np.eye(x.shape[1]) / coefficient_scale**2
    mean = np.linalg.solve(precision, x.T @ y)
    scatter = residual_scale**2 * np.eye(y.shape[1]) + y.T @ y - mean.T @ precision @ mean
    return x, mean, precision, y.shape[1] + 2 + len(y), scatter


def student(reference, x, mean, precision, degrees_of_freedom, scatter):
    """SciPy's predictive law of one row, in the units of the data."""
    dims, scales = len(scatter), reference.hidden.std(0)
    nu = degrees_of_freedom - dims + 1
    shape = scatter / nu * (1 + x @ np.linalg.solve(precision, x))
    return stats.multivariate_t(reference.hidden.mean(0) + scales * (x @ mean), shape * np.outer(scales, scales), nu)


def fitted(description, key, table=None, hidden=HIDDEN):
    reference = reference_rows(table or mixed_table(), hidden)
    with jax.enable_x64(True):
        return description.fit(reference, key), reference


@pytest.mark.parametrize("with_label", [False, True])
def test_the_predictive_density_is_scipys_multivariate_t(with_label, key):
    on = "observed_and_label" if with_label else "observed"
    description = GaussianRegression(on, coefficient_scale=2.0, residual_scale=0.5)
    prior, reference = fitted(description, key)
    x, *posterior = by_hand(reference, 2.0, 0.5, with_label=with_label)
    with jax.enable_x64(True):
        for row in range(0, 80, 9):
            found = prior.log_density(prior.theta_at(0), reference.hidden[row - 3], reference.row(row))
            expected = student(reference, x[row], *posterior).logpdf(reference.hidden[row - 3])
            np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_regressors_have_the_names_of_columns_levels_and_classes(key):
    prior, _ = fitted(GaussianRegression("observed_and_label"), key)
    names = ("constant", "height", "size=M", "size=L", "region=south", "region=west", "label=maybe", "label=yes")
    assert prior.design.names == names


def test_constant_columns_do_no_harm(key):
    table = mixed_table()
    frame = table.to_frame().assign(height=1.0, answer=np.array(table.classes)[table.target])
    prior, reference = fitted(GaussianRegression(), key, Table.from_frame(frame, target="answer"))
    draw = prior.quantile(prior.theta_at(0), np.array([0.3, 0.6]), reference.row(0))
    assert np.isfinite(draw).all()


@pytest.mark.parametrize("posterior", [False, True])
def test_sampled_theta_follows_its_conjugate_law(posterior, key):
    # With one hidden feature S is inverse gamma and every coefficient a Student-t: 4000 draws, 7 columns, false alarm
    # 1e-6, a cdf that is off by 0.06 is seen in more than 99 of 100 runs.
    prior, reference = fitted(GaussianRegression(residual_scale=0.5), key, hidden=("income",))
    prior_law = (np.zeros((7, 1)), np.eye(7) / 100, 3, np.full((1, 1), 0.25))
    mean, precision, nu, scatter = prior_law
    if posterior:
        height_age = reference.observed[:, [1, 0]]
        z = (height_age - height_age.mean(0)) / height_age.std(0)
        levels = reference.observed[:, 2:]
        indicators = [levels[:, column] == code for column in (0, 1) for code in (1, 2)]
        x = np.stack([np.ones(80), z[:, 1], z[:, 0], *indicators], -1).astype(float)
        y = (reference.hidden - reference.hidden.mean(0)) / reference.hidden.std(0)
        precision = precision + x.T @ x
        mean = np.linalg.solve(precision, x.T @ y)
        scatter, nu = scatter + y.T @ y - mean.T @ precision @ mean, nu + len(y)
    with jax.enable_x64(True):
        draw = jax.jit(jax.vmap(lambda key: seed(lambda: prior.sample_theta(posterior=posterior), key)()))
        theta = draw(jax.random.split(key, 4000))
    variances = np.asarray(theta.scale)[:, 0, 0] ** 2
    spread = np.sqrt(np.diag(np.linalg.inv(precision)) * scatter[0, 0] / nu)
    coefficients = (np.asarray(theta.coefficients)[..., 0] - mean[:, 0]) / spread
    assert_uniform(stats.invgamma(nu / 2, scale=scatter[0, 0] / 2).cdf(variances))
    assert_uniform(stats.t(nu).cdf(coefficients))


def test_the_predictive_is_the_average_over_theta(key):
    # The mean of 20,000 densities against the Student-t at 8 points, in standard errors: beyond 5.5 with a chance of
    # 3e-7; a standard error is about 1% of the density, so 8% are seen.
    prior, reference = fitted(GaussianRegression(), key)
    rows = np.arange(0, 80, 10)
    arrays = (reference.hidden[rows], reference.row(rows))
    with jax.enable_x64(True):

        def densities(key):
            theta = seed(lambda: prior.sample_theta(posterior=True), key)()
            return jax.vmap(prior.log_density, in_axes=(None, 0, 0))(theta, *arrays)

        sampled = np.exp(jax.jit(jax.vmap(densities))(jax.random.split(key, 20_000)))
        exact = np.exp(jax.vmap(prior.log_density, in_axes=(None, 0, 0))(prior.theta_at(0), *arrays))
    off = (sampled.mean(0) - exact) / (sampled.std(0) / np.sqrt(len(sampled)))
    assert (np.abs(off) < 5.5).all(), off


def test_the_plug_in_has_the_posterior_mean(key):
    prior, reference = fitted(GaussianRegression(fit_by="point"), key)
    _, mean, _, nu, scatter = by_hand(reference)
    assert prior.num_theta == 1
    np.testing.assert_allclose(prior.theta.coefficients[0], mean, rtol=1e-9)
    np.testing.assert_allclose(prior.theta.scale[0] @ prior.theta.scale[0].T, scatter / (nu - 3), rtol=1e-9)


def in_standard_errors(draws, exact):
    """(mean - exact) / MCSE of flat draws of two chains; exact entries without error must agree."""
    by_chain = draws.reshape(2, -1, *draws.shape[1:])
    error = draws.std(0) / np.sqrt(effective_sample_size(by_chain))
    return (draws.mean(0) - exact) / error


def check_nuts(prior, exact, reference):
    """Means and second moments of all parameters, and predictive densities, within 5 MCSE of the conjugate ones.

    At most 100 comparisons, so a false alarm has a chance of 6e-5, fixed by the key; with about 2000 effective draws a
    mean that is off by 0.15 posterior standard deviations is seen.
    """
    posterior, draws = exact.posterior, prior.draws
    dims = posterior.mean.shape[1]
    expected = posterior.scatter / (posterior.degrees_of_freedom - dims - 1)
    covariance = np.einsum("sik,sjk->sij", draws.scale, draws.scale)
    assert np.abs(in_standard_errors(covariance, expected)).max() < 5
    assert np.abs(in_standard_errors(draws.coefficients, posterior.mean)).max() < 5
    squared = (draws.coefficients - posterior.mean) ** 2
    variance = np.diag(np.linalg.inv(posterior.precision))[:, None] * np.diag(expected)
    assert np.abs(in_standard_errors(squared, variance)).max() < 5
    with jax.enable_x64(True):
        for row in (0, 7, 30):
            given = (reference.hidden[row], reference.row(row))
            densities = jax.vmap(lambda theta, given=given: prior.log_density(theta, *given))(draws)
            predictive = np.exp(exact.log_density(exact.theta_at(0), *given))
            assert abs(in_standard_errors(np.exp(np.asarray(densities)), predictive)) < 5


@pytest.mark.slow
def test_nuts_agrees_with_the_conjugate_posterior(key):
    prior, reference = fitted(GaussianRegression(fit_by="nuts", draws=2000), key)
    exact, _ = fitted(GaussianRegression(), key)
    assert prior.num_theta == 2000
    check_nuts(prior, exact, reference)


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [("alcohol", "proline"), ("alcohol", "flavanoids", "proline")])
@pytest.mark.parametrize("on", ["observed", "observed_and_label"])
def test_nuts_agrees_on_wine(hidden, on, key):
    from synlabel_prob.inference import nuts

    table = Table.from_frame(load_wine(as_frame=True).frame, target="target")
    prior, reference = fitted(GaussianRegression(on, fit_by="nuts", draws=2000), key, table, hidden)
    exact, _ = fitted(GaussianRegression(on), key, table, hidden)
    check_nuts(prior, exact, reference)
    found = nuts(exact.reference_model(), key, draws=2000)
    assert found.largest_r_hat < 1.01
    assert found.divergences == 0
