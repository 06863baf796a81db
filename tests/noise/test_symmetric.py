"""Symmetric noise: both conventions, and what is known of it in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import dirichlet, setting_of, transition_of

from synlabel_prob import metrics, noise
from synlabel_prob.errors import InputError


def test_vectors_of_four_classes():
    exclude = transition_of(noise.Symmetric(0.3), setting_of(4))
    np.testing.assert_allclose(exclude, np.full((4, 4), 0.1) + 0.6 * np.eye(4), atol=1e-15)
    include = transition_of(noise.Symmetric(0.3, includes_true=True), setting_of(4))
    np.testing.assert_allclose(include, np.full((4, 4), 0.075) + 0.7 * np.eye(4), atol=1e-15)


@pytest.mark.parametrize("num_classes", [2, 3, 7])
def test_conventions_convert(num_classes):
    setting, redrawn = setting_of(num_classes), 0.4
    changed = redrawn * (num_classes - 1) / num_classes
    include = transition_of(noise.Symmetric(redrawn, includes_true=True), setting)
    np.testing.assert_allclose(include, transition_of(noise.Symmetric(changed), setting), atol=1e-15)


@pytest.mark.parametrize("num_classes", [2, 3, 7])
def test_mean_total_variation_in_closed_form(num_classes):
    rate, soft = 0.35, dirichlet(num_classes)
    noisy = np.asarray(noise.push_forward(soft, transition_of(noise.Symmetric(rate), setting_of(num_classes))))
    share = rate * num_classes / (num_classes - 1)
    uniform = np.full_like(soft, 1 / num_classes)
    expected = share * metrics.mean_total_variation(soft, uniform)
    np.testing.assert_allclose(metrics.mean_total_variation(soft, noisy), expected, rtol=1e-6)


def test_plurality_stays_below_the_critical_rate_and_turns_above():
    soft = dirichlet(4)
    below, above = (
        np.asarray(noise.push_forward(soft, transition_of(noise.Symmetric(rate), setting_of(4))))
        for rate in (0.74, 0.76)
    )
    np.testing.assert_array_equal(below.argmax(1), soft.argmax(1))
    np.testing.assert_array_equal(above.argmin(1), soft.argmax(1))


def test_critical_rate_forgets_everything():
    transition = transition_of(noise.Symmetric(2 / 3), setting_of(3))
    np.testing.assert_allclose(transition, np.full((3, 3), 1 / 3), atol=1e-15)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "much", True])
def test_a_rate_is_a_probability(rate):
    with pytest.raises(InputError, match="`rate` must be"):
        noise.Symmetric(rate)
