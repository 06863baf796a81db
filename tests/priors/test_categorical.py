"""Categories: posterior mean and Dirichlet draws against the closed form."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
from contracts import mixed_table
from numpyro.handlers import seed
from scipy import stats

from synlabel_prob.priors import Categorical, Row
from synlabel_prob.testing import assert_uniform, reference_rows

NOTHING = Row(np.zeros(0), 0, -1)


def fitted(key, concentration=0.5):
    reference = reference_rows(mixed_table(), ("region",))
    counts = np.bincount(reference.hidden[:, 0].astype(int), minlength=3)
    return Categorical(concentration).fit(reference, key), counts


def test_probabilities_are_the_posterior_mean(key):
    prior, counts = fitted(key, 2.0)
    np.testing.assert_allclose(prior.theta[0].probabilities[0], (counts + 2.0) / (80 + 6.0), rtol=1e-12)


def test_a_level_that_never_occurs_can_be_drawn(key):
    reference = reference_rows(mixed_table(), ("region",))
    reference = dataclasses.replace(reference, hidden=np.zeros((80, 1)))
    prior = Categorical(1.0).fit(reference, key)
    np.testing.assert_allclose(prior.theta[0].probabilities[0], np.array([81, 1, 1]) / 83, rtol=1e-12)
    assert prior.quantile(prior.theta_at(0), np.array([0.999]), NOTHING) == 2


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1.0 - 2.0**-24, 1.0])
def test_every_uniform_gives_a_level(uniform, key):
    prior, _ = fitted(key)
    assert prior.quantile(prior.theta_at(0), np.array([uniform]), NOTHING) in (0, 1, 2)


@pytest.mark.parametrize("posterior", [False, True])
def test_sampled_probabilities_are_dirichlet(posterior, key):
    # 3000 draws of 3 probabilities, each Beta; false alarm 1e-6, a cdf that is off by 0.07 is seen in 99 of 100 runs.
    prior, counts = fitted(key)
    total = 0.5 + counts * posterior
    with jax.enable_x64(True):
        draw = jax.vmap(lambda key: seed(lambda: prior.sample_theta(posterior=posterior), key)()[0].probabilities)
        probabilities = np.asarray(draw(jax.random.split(key, 3000)))
    assert_uniform(stats.beta(total, total.sum() - total).cdf(probabilities))
