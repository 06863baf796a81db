"""Random transition matrices: the target rate is hit exactly, whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import setting_of, transition_of

from synlabel_prob import noise
from synlabel_prob.errors import InputError
from synlabel_prob.laws import Beta, Uniform


@pytest.mark.parametrize("num_classes", [2, 10])
@pytest.mark.parametrize("spread", [0.0, 20.0])
def test_the_expected_rate_is_the_target(num_classes, spread):
    setting = setting_of(num_classes)
    for key in range(3):
        transition = transition_of(noise.RandomMatrix(0.2, spread=spread), setting, key=key)
        np.testing.assert_allclose(setting.class_marginal @ (1 - np.diag(transition)), 0.2, rtol=1e-9)
        assert (1 - np.diag(transition) <= 0.5).all()


@pytest.mark.parametrize("rate", [1e-6, 0.499])
def test_targets_near_the_ends(rate):
    setting = setting_of(3)
    transition = transition_of(noise.RandomMatrix(rate), setting)
    np.testing.assert_allclose(setting.class_marginal @ (1 - np.diag(transition)), rate, rtol=1e-9)


def test_no_spread_and_a_large_concentration_are_symmetric():
    node = noise.RandomMatrix(0.2, spread=0.0, concentration=1e9)
    np.testing.assert_allclose(
        transition_of(node, setting_of(4)), transition_of(noise.Symmetric(0.2), setting_of(4)), atol=1e-4
    )


def test_a_small_concentration_picks_one_class():
    transition = transition_of(noise.RandomMatrix(0.2, concentration=1e-3), setting_of(4))
    off = np.where(np.eye(4, dtype=bool), 0, transition) / (1 - np.diag(transition))[:, None]
    assert (off.max(1) > 0.99).all()


def test_matrices_follow_the_key():
    first, again, other = (transition_of(noise.RandomMatrix(0.2), setting_of(3), key=key) for key in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.9, Beta(2, 8), Uniform(0, 0.6)])
def test_rates_that_no_matrix_reaches(rate):
    with pytest.raises(InputError, match=r"largest_rate = 0\.5"):
        noise.RandomMatrix(rate)
