"""NUTS on a conjugate normal, and what its diagnostics say."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
from numpyro.diagnostics import effective_sample_size

from synlabel_prob.errors import InputError
from synlabel_prob.inference import effective_sizes, laplace, nuts

DATA = np.array([1.2, 0.7, 2.9, 1.4, 0.3, 2.2])


def conjugate(data):
    """A mean with a normal prior, two chains of which each starts elsewhere."""
    mean = numpyro.sample("mean", dist.Normal(0.0, 2.0))
    numpyro.deterministic("padded", jnp.stack([mean, jnp.zeros_like(mean)]))
    numpyro.sample("data", dist.Normal(mean, 1.0).expand([len(data)]).to_event(1), obs=data)


def test_nuts_agrees_with_the_conjugate_normal(key):
    found = nuts(conjugate, key, DATA, draws=2000)
    precision = 1 / 4 + len(DATA)
    mean, variance = DATA.sum() / precision, 1 / precision
    draws, by_chain = found.samples["mean"], found.by_chain["mean"]
    assert by_chain.shape == (2, 1000) and draws.shape == (2000,)
    assert draws.dtype == np.float64
    # In Monte Carlo standard errors: two tests at 5, false alarm 1e-6; about 700 effective draws see a mean that is
    # off by 0.3 posterior standard deviations.
    for values, exact in ((by_chain, mean), ((by_chain - mean) ** 2, variance)):
        error = values.std() / np.sqrt(effective_sample_size(values))
        assert abs(values.mean() - exact) < 5 * error
    assert found.largest_r_hat < 1.02
    assert found.divergences == 0
    assert found.samples["padded"].shape == (2000, 2)  # half of it never varies: no warning, no R-hat


@pytest.mark.slow
def test_chains_that_disagree_are_seen(key):
    def two_modes():
        numpyro.sample("x", dist.Normal(0.0, 100.0))
        x = numpyro.sample("y", dist.Normal(0.0, 100.0))
        numpyro.factor("modes", jnp.logaddexp(-0.5 * (x - 50.0) ** 2 / 0.01, -0.5 * (x + 50.0) ** 2 / 0.01))

    assert nuts(two_modes, key, draws=200, warmup=100, chains=4).largest_r_hat > 1.5


def test_a_posterior_without_a_peak_has_no_normal_law_at_it(key):
    def saddle():
        x = numpyro.sample("x", dist.ImproperUniform(dist.constraints.real, (), (2,)))
        numpyro.factor("saddle", x[0] ** 2 - x[1] ** 2)

    with pytest.raises(InputError, match=r"needs a peak; none was found in 500 steps.*: fit with `nuts`"):
        laplace(saddle, key, draws=2)


def test_the_normal_law_at_the_mode_of_a_normal_is_that_normal(key):
    # 4,000 draws; the mean and the deviation in standard errors, false alarm of two tests at 5: 1e-6.
    precision = 1 / 4 + len(DATA)
    draws = laplace(conjugate, key, DATA, draws=4000)["mean"]
    assert abs(draws.mean() - DATA.sum() / precision) * np.sqrt(4000 * precision) < 5
    assert abs(draws.std() * np.sqrt(precision) - 1) * np.sqrt(8000) < 5


@pytest.mark.slow
def test_a_chain_has_four_draws_or_more(key):
    assert nuts(conjugate, key, DATA, draws=1, warmup=10).samples["mean"].shape == (8,)


def test_draws_that_alternate_count_for_more_than_they_are_but_not_without_bound():
    generator = np.random.default_rng(0)
    values = np.zeros((2, 100, 200))
    for place in range(1, 100):
        values[:, place] = -0.95 * values[:, place - 1] + generator.normal(size=(2, 200))
    raw, sizes = effective_sample_size(values), effective_sizes(values)
    assert raw.min() < 0
    assert (sizes > 200).all() and sizes.max() == pytest.approx(200 * np.log10(200))
    usual = (raw > 0) & (raw < sizes.max())
    np.testing.assert_array_equal(sizes[usual], raw[usual])
    assert np.isnan(effective_sizes(np.ones((2, 100)))).all()
