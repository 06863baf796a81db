"""A spike at the truth and a slab: uncertainty in between."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import numbers_table
from scipy.special import logsumexp

from synlabel_prob.errors import InputError
from synlabel_prob.priors import FiniteMixture, Gaussian, JointKernelDensity, Share, Truth
from synlabel_prob.testing import reference_rows


def test_the_weight_of_the_spike_is_the_share_of_true_values(key):
    reference = reference_rows(numbers_table(), ("income", "age"))
    prior = FiniteMixture((Share(0.25, Truth()), Share(0.75, Gaussian()))).fit(reference, key)
    uniforms = np.random.default_rng(0).uniform(size=(400, 3))
    uniforms[:, 0] = (np.arange(400) + 0.5) / 400
    with jax.enable_x64(True):
        draws = jax.vmap(lambda u: prior.quantile(prior.theta_at(0), u, reference.row(7)))(uniforms)
    true = (np.asarray(draws) == reference.hidden[7]).all(1)
    assert true.sum() == 100 and true[:100].all()
    assert not prior.has_density


def test_the_density_is_the_weighted_sum(key):
    reference = reference_rows(numbers_table(), ("income", "age"))
    parts = (Gaussian(), JointKernelDensity())
    prior = FiniteMixture(tuple(Share(0.5, part) for part in parts)).fit(reference, key)
    hidden, row = reference.hidden[3], reference.row(3)
    with jax.enable_x64(True):
        fitted = [part.fit(reference, key) for part in parts]
        own = [it.log_density(it.theta_at(0), hidden, row) for it in fitted]
        found = prior.log_density(prior.theta_at(0), hidden, row)
    np.testing.assert_allclose(found, logsumexp(own) - np.log(2), rtol=1e-9)


def test_weights_add_up_to_1():
    with pytest.raises(InputError, match=r"`parts` must have weights that add up to 1; they add up to 0\.7\."):
        FiniteMixture((Share(0.3, Truth()), Share(0.4, Gaussian())))
