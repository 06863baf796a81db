"""Pair noise."""

from __future__ import annotations

import numpy as np
from noise_examples import setting_of, transition_of

from synlabel_prob import noise


def test_pair_45():
    transition = transition_of(noise.NextClass(0.45), setting_of(4))
    expected = [[0.55, 0.45, 0, 0], [0, 0.55, 0.45, 0], [0, 0, 0.55, 0.45], [0.45, 0, 0, 0.55]]
    np.testing.assert_allclose(transition, expected, atol=1e-15)
    assert (transition.argmax(1) == np.arange(4)).all()


def test_half_is_where_the_true_class_stops_being_the_likeliest():
    above = transition_of(noise.NextClass(0.51), setting_of(4))
    np.testing.assert_array_equal(above.argmax(1), (np.arange(4) + 1) % 4)


def test_without_the_circle_the_last_class_stays():
    transition = transition_of(noise.NextClass(0.2, circular=False), setting_of(3))
    np.testing.assert_allclose(transition, [[0.8, 0.2, 0], [0, 0.8, 0.2], [0, 0, 1]], atol=1e-15)
    assert noise.NextClass(0.2, circular=False).nominal_rate() is None


def test_two_classes_are_symmetric():
    expected = transition_of(noise.Symmetric(0.2), setting_of(2))
    np.testing.assert_allclose(transition_of(noise.NextClass(0.2), setting_of(2)), expected, atol=1e-15)
