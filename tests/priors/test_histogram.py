"""Histograms against NumPy's, with draws inside the bins."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import mixed_table
from numpyro.handlers import seed
from scipy import stats

from synlabel_prob.priors import Histogram, Row
from synlabel_prob.testing import assert_frequencies, assert_uniform, reference_rows

NOTHING = Row(np.zeros(0), 0, -1)


def fitted(key, **options):
    reference = reference_rows(mixed_table(), ("income",))
    return Histogram(**options).fit(reference, key), reference.hidden[:, 0]


@pytest.mark.parametrize("bins", ["auto", "sturges", 6])
def test_the_quantile_is_linear_between_the_cumulated_weights(bins, key):
    prior, values = fitted(key, bins=bins, concentration=2.0)
    counts, edges = np.histogram(values, bins=bins)
    weights = (counts + 2.0) / (counts + 2.0).sum()
    uniforms = np.linspace(0.0005, 0.9995, 1000)
    with jax.enable_x64(True):
        law = prior.theta_at(0)[0]
        draws = jax.vmap(law.quantile)(uniforms)
        density = jax.vmap(law.log_density)(np.array([edges[0] - 1, *(edges[:-1] + edges[1:]) / 2, edges[-1] + 1]))
    np.testing.assert_allclose(draws, np.interp(uniforms, np.append(0, weights.cumsum()), edges), rtol=1e-9)
    np.testing.assert_allclose(np.exp(density), [0, *weights / np.diff(edges), 0], rtol=1e-9)


def test_draws_follow_numpys_frequencies_and_are_spread_inside_the_bins(key):
    # 50,000 draws; false alarm 2e-6; a weight that is off by 0.02 or a place inside the bin whose cdf is off by 0.03
    # is seen in more than 99 of 100 runs. The authors' implementation draws left edges.
    prior, values = fitted(key, bins=8, concentration=1e-9)
    counts, edges = np.histogram(values, bins=8)
    with jax.enable_x64(True):
        uniforms = jax.random.uniform(key, (50_000, 1))
        draws = np.asarray(jax.vmap(lambda u: prior.quantile(prior.theta_at(0), u, NOTHING))(uniforms))[:, 0]
    assert_frequencies(np.histogram(draws, edges)[0], counts / counts.sum())
    places = np.clip(np.searchsorted(edges, draws, side="right") - 1, 0, 7)
    assert_uniform((draws - edges[places]) / np.diff(edges)[places])


@pytest.mark.parametrize("posterior", [False, True])
def test_sampled_weights_are_dirichlet(posterior, key):
    # 3000 draws of 5 weights, each Beta; false alarm 1e-6, a cdf that is off by 0.07 is seen in 99 of 100 runs.
    prior, values = fitted(key, bins=5)
    total = 0.5 + (np.histogram(values, bins=5)[0] if posterior else np.zeros(5))
    with jax.enable_x64(True):
        draw = jax.vmap(lambda key: seed(lambda: prior.sample_theta(posterior=posterior), key)()[0].weights)
        weights = np.asarray(draw(jax.random.split(key, 3000)))
    assert_uniform(stats.beta(total, total.sum() - total).cdf(weights))
