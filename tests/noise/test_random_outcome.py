"""Random outcomes: towards the prior."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import dirichlet, setting_of, transition_of

from synlabel_prob import ground_truth, metrics, noise
from synlabel_prob.errors import InputError, Problems

PRIOR = np.array([0.6, 0.2, 0.1, 0.1])
OUTCOMES = {f"c{code}": float(share) for code, share in enumerate(PRIOR)}


def test_mean_total_variation_is_the_share_of_that_from_the_prior():
    soft = dirichlet(4)
    noisy = noise.push_forward(soft, transition_of(noise.RandomOutcome(0.3, OUTCOMES), setting_of(4)))
    expected = 0.3 * metrics.mean_total_variation(soft, np.broadcast_to(PRIOR, soft.shape))
    np.testing.assert_allclose(metrics.mean_total_variation(soft, np.asarray(noisy)), expected, rtol=1e-6)


def test_the_prior_stays_as_it_is_and_wins_at_one():
    setting = setting_of(4)
    fixed = noise.push_forward(PRIOR[None], transition_of(noise.RandomOutcome(0.7, OUTCOMES), setting))
    np.testing.assert_allclose(fixed[0], PRIOR, atol=1e-15)
    whole = transition_of(noise.RandomOutcome(1.0, OUTCOMES), setting)
    np.testing.assert_allclose(whole, np.broadcast_to(PRIOR, (4, 4)), atol=1e-15)


def test_expected_rate_of_hard_labels():
    setting = setting_of(3)
    transition = transition_of(noise.RandomOutcome(0.3), setting)
    marginal = setting.class_marginal
    expected = 0.3 * (1 - (marginal**2).sum())
    np.testing.assert_allclose(marginal @ (1 - np.diag(transition)), expected, atol=1e-15)


def test_default_outcomes_are_those_of_the_ground_truth():
    setting = setting_of(3)
    np.testing.assert_allclose(transition_of(noise.RandomOutcome(1.0), setting)[0], setting.class_marginal, atol=1e-15)


def test_classes_that_are_not_named_do_not_come_out():
    transition = transition_of(noise.RandomOutcome(1.0, {"c1": 1.0}), setting_of(3))
    np.testing.assert_array_equal(transition, [[0, 1, 0]] * 3)


@pytest.mark.parametrize("outcomes", [{"c0": 0.5, "c1": 0.6}, {}, {"c0": -0.5, "c1": 1.5}])
def test_outcomes_are_probabilities(outcomes):
    with pytest.raises(InputError, match="outcomes"):
        noise.RandomOutcome(0.1, outcomes)


def test_unknown_classes_are_reported():
    problems = Problems()
    truth = ground_truth.Linear({"c0": {}, "c1": {}})
    noise.RandomOutcome(0.1, {"c9": 1.0}).report_problems(setting_of(2).table, truth, problems)
    assert "'c9'" in problems.sentences[0]
