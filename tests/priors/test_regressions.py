"""Regressions of one feature: their modes against statsmodels, their normal approximation against NUTS."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
import statsmodels.api as sm
from contracts import mixed_table
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from synlabel_prob.errors import Problems
from synlabel_prob.priors import Chained, LogisticRegression, OrdinalRegression, RobustRegression
from synlabel_prob.testing import reference_rows

WIDE = 1e4  # so wide a prior leaves the mode at the maximum of the likelihood


def fitted(description, name, key):
    reference = reference_rows(mixed_table(300), (name,))
    with jax.enable_x64(True):
        prior = description.fit(reference, key)
        regressors = np.asarray(jax.vmap(prior.design.encode)(reference.rows))
    return prior, reference, regressors


def test_the_mode_of_the_logistic_regression_is_the_maximum_of_the_likelihood(key):
    prior, reference, x = fitted(LogisticRegression(fit_by="point", coefficient_scale=WIDE), "region", key)
    expected = sm.MNLogit(reference.hidden[:, 0], x).fit(disp=False, method="newton", maxiter=100).params
    np.testing.assert_allclose(prior.theta["coefficients"][0, 0], expected, atol=1e-4)


@pytest.mark.slow
def test_the_mode_of_the_ordinal_regression_is_the_maximum_of_the_likelihood(key):
    prior, reference, x = fitted(OrdinalRegression(fit_by="point", coefficient_scale=WIDE), "size", key)
    model = OrderedModel(reference.hidden[:, 0].astype(int), x[:, 1:], distr="logit")
    found = model.fit(disp=False, method="bfgs", maxiter=500)
    np.testing.assert_allclose(prior.theta["coefficients"][0, 0], found.params[:-2], atol=1e-3)
    np.testing.assert_allclose(
        prior.theta["cutpoints"][0, 0], model.transform_threshold_params(found.params)[1:-1], atol=1e-3
    )


@pytest.mark.slow
def test_the_robust_regression_is_pulled_less_by_an_outlier(key):
    table = mixed_table(300)
    reference = reference_rows(table, ("income",))
    outlying = reference.hidden.copy()
    outlying[:6] += 40 * outlying.std()
    moved = type(reference)(outlying, *(getattr(reference, name) for name in NAMES))
    with jax.enable_x64(True):
        robust = RobustRegression(fit_by="point").fit(moved, key)
        row = reference.row(50)
        center = float(robust._laws(robust.theta_at(0), row)[0][0])
        clean = RobustRegression(fit_by="point").fit(reference, key)
        expected = float(clean._laws(clean.theta_at(0), row)[0][0])
        at_row = np.asarray(clean.design.encode(row))
    least_squares = np.linalg.lstsq(*_design(clean, reference, outlying))[0] @ at_row
    assert abs(center - expected) < 0.1 * abs(least_squares - expected)


NAMES = ("observed", "labels", "hidden_columns", "observed_columns", "classes")


def _design(prior, reference, hidden):
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(prior.design.encode)(reference.rows)), hidden[:, 0]


def test_the_density_of_the_robust_regression_is_scipys(key):
    prior, reference, x = fitted(RobustRegression(fit_by="point", degrees_of_freedom=3.0), "income", key)
    values = reference.hidden[:, 0]
    center = values.mean() + values.std() * x @ prior.theta["coefficients"][0, 0]
    law = stats.t(3.0, center, values.std() * prior.theta["scale"][0, 0])
    with jax.enable_x64(True):
        found = jax.vmap(prior.log_density, (None, 0, 0))(prior.theta_at(0), reference.hidden, reference.rows)
    np.testing.assert_allclose(found, law.logpdf(values), rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "name"), [(LogisticRegression, "region"), (OrdinalRegression, "size"), (RobustRegression, "income")]
)
def test_the_normal_approximation_agrees_with_nuts(family, name, key):
    # Means of 2,000 draws each, in standard deviations of the posterior: Monte Carlo error about 0.03, and 0.25 is
    # allowed to the approximation with 300 rows. Deviations within 25%.
    draws = {}
    for fit_by in ("laplace", "nuts"):
        prior, *_ = fitted(family(fit_by=fit_by, draws=2000), name, key)
        draws[fit_by] = np.concatenate([prior.theta[site][0].reshape(2000, -1) for site in prior.sites], 1)
    spread = draws["nuts"].std(0)
    assert (np.abs(draws["laplace"].mean(0) - draws["nuts"].mean(0)) < 0.25 * spread).all()
    assert (np.abs(draws["laplace"].std(0) / spread - 1) < 0.25).all()


@pytest.mark.slow
@pytest.mark.parametrize("ties", [0.9, 1.0])
def test_a_feature_that_hardly_varies_has_a_narrow_law(ties, key):
    # More than 80% equal values would drive the scale of t errors with 4 degrees of freedom to 0 and the likelihood to
    # infinity, but for the prior of the scale.
    reference = reference_rows(mixed_table(), ("income",))
    hidden = np.where(np.arange(80) < 80 * ties, 3.0, reference.hidden[:, 0] / 1e4)[:, None]
    tied = dataclasses.replace(reference, hidden=hidden)
    with jax.enable_x64(True):
        prior = RobustRegression(draws=20).fit(tied, key)
        quantile = jax.vmap(prior.quantile, (None, 0, None))
        draws = quantile(prior.theta_at(0), np.random.default_rng(0).uniform(size=(200, 2)), tied.row(0))
    assert prior.theta["scale"].min() > 0.001
    np.testing.assert_allclose(np.median(draws), 3.0, atol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("numbers", ["gaussian", "robust"])
def test_draws_of_a_chain_come_with_their_diagnostics(numbers, key):
    reference = reference_rows(mixed_table(40), ("income", "size"))
    prior = Chained(numbers=numbers, fit_by="nuts", draws=8).fit(reference, key)
    blocks = [block for block in prior.blocks if block.diagnostics() is not None]
    assert len(blocks) == {"gaussian": 1, "robust": 2}[numbers]  # the linear ones with normal errors are exact
    found = prior.diagnostics()
    assert (found.draws, found.chains) == (8, 2)
    assert found.largest_r_hat == max(block.diagnostics().largest_r_hat for block in blocks)
    assert {values.shape for values in prior.sample_statistics().values()} == {(2, 4)}
    assert RobustRegression().fit(reference_rows(mixed_table(40), ("income",)), key).diagnostics() is None


def test_several_features_are_refused_with_the_family_that_takes_them():
    table, problems = mixed_table(), Problems()
    LogisticRegression().report_problems(table, (table.column("region"), table.column("size")), problems)
    assert problems.sentences == [
        "the prior 'logistic_regression' takes one hidden feature; got 'region', 'size': use `chained` for several."
    ]
