from __future__ import annotations

import jax
import numpy as np
import pytest
from observation_examples import chances

from synlabel_prob import observations as o

SOFT = np.random.default_rng(8).dirichlet(np.ones(4), 20)
EXAMPLES = [o.Missing(0.3), o.UniformCandidates(), o.FixedCandidates(3), o.LikelyCandidates(0.9), o.Candidates(0.2)]


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("observation", EXAMPLES, ids=lambda it: it.kind)
def test_sets_add_up_and_posteriors_average_to_the_soft_label(observation):
    every = [np.broadcast_to(value, (20, 4)) for value in chances(observation, 4, soft=SOFT).values()]
    likely = np.stack([o.set_probability(SOFT, value) for value in every])
    np.testing.assert_allclose(likely.sum(0), 1.0, atol=1e-13)
    posteriors = np.stack([o.posterior(SOFT, value) for value in every])
    assert np.isnan(posteriors[likely == 0]).all() and not np.isnan(posteriors[likely > 0]).any()
    np.testing.assert_allclose(np.nansum(likely[..., None] * posteriors, 0), SOFT, atol=1e-13)


def test_sets_that_are_alike_leave_the_soft_label_restricted_to_them():
    found = chances(o.UniformCandidates(), 4)[(0, 2)]
    restricted = SOFT * [1, 0, 1, 0]
    np.testing.assert_allclose(
        o.posterior(SOFT, np.broadcast_to(found, SOFT.shape)), restricted / restricted.sum(1, keepdims=True), atol=1e-14
    )


def test_the_soft_label_of_rows_that_are_observed():
    missing = np.tile([0.0, 0.5, 0.9, 1.0], (20, 1))
    kept = SOFT * [1.0, 0.5, 0.1, 0.0]
    np.testing.assert_allclose(o.given_observed(SOFT, missing), kept / kept.sum(1, keepdims=True), atol=1e-14)
    assert np.isnan(o.given_observed(np.eye(4)[[3]], missing[:1])).all()


def test_a_label_that_is_missing_completely_at_random_tells_nothing():
    found = np.broadcast_to(chances(o.Missing(0.3), 4)[(0, 1, 2, 3)], SOFT.shape)
    np.testing.assert_allclose(o.posterior(SOFT, found), SOFT, atol=1e-15)
