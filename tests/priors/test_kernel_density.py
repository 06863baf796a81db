"""Kernel densities against SciPy's, and against the mixture written out."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
from contracts import mixed_table
from scipy import stats

from synlabel_prob.priors import KernelDensity
from synlabel_prob.table import Column
from synlabel_prob.testing import reference_rows


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def reference_of(values):
    made = reference_rows(mixed_table(), ("age",))
    return dataclasses.replace(
        made,
        hidden=np.asarray(values, dtype=float)[:, None],
        observed=np.zeros((len(values), 4)),
        labels=np.zeros(len(values), dtype=int),
        hidden_columns=(Column("age", "continuous"),),
    )


VALUES = np.random.default_rng(5).gamma(2.0, 3.0, 70)


def law_of(values, key, **options):
    fitted = KernelDensity(**options).fit(reference_of(values), key)
    return fitted.theta_at(0)[0]


@pytest.mark.parametrize("rule", ["scott", "silverman", 0.3])
def test_density_and_cdf_are_scipys(rule, key):
    law = law_of(VALUES, key, bandwidth=rule)
    kde = stats.gaussian_kde(VALUES, bw_method=rule)
    at = np.linspace(VALUES.min() - 3, VALUES.max() + 3, 50)
    np.testing.assert_allclose(jax.vmap(law.log_density)(at), kde.logpdf(at), rtol=1e-9)
    cdf = [kde.integrate_box_1d(-np.inf, x) for x in at]
    np.testing.assert_allclose(jax.vmap(lambda x: law.cdf(x, 0.5))(at), cdf, atol=1e-12)


def test_the_quantile_inverts_the_mixture(key):
    law = law_of(VALUES, key)
    uniforms = np.linspace(0.001, 0.999, 2001)
    draws = np.asarray(jax.vmap(law.quantile)(uniforms))
    cdf = stats.norm.cdf((draws[:, None] - VALUES) / law.bandwidth).mean(1)
    np.testing.assert_allclose(cdf, uniforms, atol=1e-6)
    assert (np.diff(draws) > 0).all()


def test_the_bandwidth_follows_the_scale_of_the_data(key):
    # The authors' implementation has one bandwidth for every unit of measurement.
    uniforms = np.linspace(0.01, 0.99, 200)
    draws = jax.vmap(law_of(VALUES, key).quantile)(uniforms)
    scaled = jax.vmap(law_of(1000 * VALUES, key).quantile)(uniforms)
    shifted = jax.vmap(law_of(VALUES + 50, key).quantile)(uniforms)
    np.testing.assert_allclose(scaled, 1000 * draws, rtol=1e-6)
    np.testing.assert_allclose(shifted, draws + 50, rtol=1e-6)


def test_many_values_are_binned_without_being_seen(key):
    values = np.random.default_rng(6).normal(size=9000) ** 3
    law = law_of(values, key)
    assert len(law.points) == 4096
    np.testing.assert_allclose((law.points * law.weights).sum(), values.mean(), rtol=1e-9)
    at = np.quantile(values, np.linspace(0.01, 0.99, 60))
    cdf = jax.vmap(lambda x: law.cdf(x, 0.5))(at)
    exact = stats.norm.cdf((at[:, None] - values) / law.bandwidth).mean(1)
    # A normal cdf read between two grid points is off by at most (step / bandwidth)^2 / 8 times its curvature.
    step = law.points[1] - law.points[0]
    bound = (step / law.bandwidth) ** 2 / 8 * np.exp(-0.5) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(cdf, exact, atol=float(bound))
    assert bound < 1e-4


def test_repeated_values_count_as_often_as_they_occur(key):
    law = law_of([1.0, 1.0, 1.0, 4.0], key)
    assert (law.points.tolist(), law.weights.tolist()) == ([1.0, 4.0], [0.75, 0.25])
