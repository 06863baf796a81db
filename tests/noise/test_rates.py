"""Constants that hit a target rate: exact for any weights, and with the right derivative."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synlabel_prob.noise.rates import logistic_rates, scale_to_mean, solve_increasing

PROPERTY = settings(max_examples=100)
WEIGHT = st.one_of(st.just(0.0), st.floats(1e-30, 1.0), st.sampled_from([1.0, 1e-16]))


@PROPERTY
@given(
    weights=st.lists(WEIGHT, min_size=8, max_size=8).filter(any),
    shares=st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8),
    share=st.floats(0.0, 1.0),
    largest=st.floats(0.01, 1.0),
)
def test_water_filling_reaches_every_mean_that_can_be_reached(weights, shares, share, largest):
    weights, shares = np.array(weights), np.array(shares) / sum(shares)
    target = share * largest * shares[weights > 0].sum()
    with jax.enable_x64(True):
        scale = float(jax.jit(scale_to_mean)(jnp.asarray(weights), target, largest, jnp.asarray(shares)))
    rates = np.minimum(largest, scale * weights)
    np.testing.assert_allclose((shares * rates).sum(), target, rtol=1e-9, atol=1e-300)


def test_water_filling_of_nothing_is_exactly_nothing():
    assert float(scale_to_mean(jnp.array([0.3, 0.7, 0.0]), 0.0, 1.0, jnp.full(3, 1 / 3))) == 0.0


def test_water_filling_caps_the_largest():
    # 3 rows, mean 0.5: the first is capped at 0.9, the others share 0.6 as 2 to 1.
    with jax.enable_x64(True):
        scale = float(scale_to_mean(jnp.array([10.0, 2.0, 1.0]), 0.5, 0.9, jnp.full(3, 1 / 3)))
    np.testing.assert_allclose(np.minimum(0.9, scale * np.array([10, 2, 1])), [0.9, 0.4, 0.2], rtol=1e-12)


def test_water_filling_has_its_derivative():
    weights = jnp.array([10.0, 2.0, 1.0])
    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(lambda target: scale_to_mean(weights, target, 0.9, jnp.full(3, 1 / 3))))(0.5)
    np.testing.assert_allclose(slope, 3 / 3, rtol=1e-6)  # d c = rows / sum of the weights below the cap


@PROPERTY
@given(
    scores=st.lists(st.floats(-60.0, 60.0), min_size=8, max_size=8),
    share=st.floats(1e-6, 1 - 1e-6),
    largest=st.floats(0.01, 1.0),
)
def test_logistic_rates_have_the_target_as_their_mean(scores, share, largest):
    weights = np.full(len(scores), 1 / len(scores))
    with jax.enable_x64(True):
        rates = np.asarray(jax.jit(logistic_rates)(jnp.asarray(scores), weights, share * largest, largest))
    np.testing.assert_allclose(weights @ rates, share * largest, rtol=1e-7)
    assert (rates >= 0).all() and (rates <= largest).all()
    assert (np.diff(rates[np.argsort(scores)]) >= 0).all()


def test_a_root_carries_its_derivative():
    with jax.enable_x64(True):
        root, slope = jax.value_and_grad(lambda cube: solve_increasing(lambda x: x**3 - cube, 0.0, 10.0))(8.0)
    np.testing.assert_allclose([root, slope], [2.0, 1 / 12], rtol=1e-12)


@pytest.mark.parametrize("target", [0.01, 0.49])
def test_logistic_rates_in_single_precision(target):
    rates = logistic_rates(jnp.array([-3.0, 0.0, 3.0]), jnp.full(3, 1 / 3), target, 0.5)
    np.testing.assert_allclose(rates.mean(), target, rtol=1e-4)
