"""Views that all channels share: reverse, and exact-count selection."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synlabel_prob import noise
from synlabel_prob.noise.base import stacked
from synlabel_prob.testing import assert_frequencies

PROPERTY = settings(max_examples=200)
RATE = st.one_of(st.just(0.0), st.just(1.0), st.floats(0.0, 1.0))


@PROPERTY
@given(
    rates=st.lists(RATE, min_size=1, max_size=30), start=st.floats(0.0, 1.0, exclude_max=True), shuffle=st.integers(0)
)
def test_exact_count_is_the_sum_of_the_rates(rates, start, shuffle):
    rates = np.array(rates)
    order = np.random.default_rng(shuffle).permutation(len(rates))
    selected = noise.systematic_selection(rates, start, order)
    low, high = np.floor(rates.sum() - 1e-6), np.ceil(rates.sum() + 1e-6)
    assert low <= selected.sum() <= high
    assert not selected[rates == 0].any()


def test_a_whole_sum_is_the_count_every_time():
    rates = np.random.default_rng(0).dirichlet(np.ones(500)) * 60
    rates = np.clip(rates, 0, 1)
    rates *= 50 / rates.sum()
    order = np.random.default_rng(1).permutation(500)
    counts = {noise.systematic_selection(rates, start, order).sum() for start in np.arange(200) / 200}
    assert counts == {50}


@pytest.mark.slow
@pytest.mark.parametrize("total", [3.0, 2.5])
def test_inclusion_probabilities_are_the_rates(total):
    # False alarm 1e-6; 50,000 starts see an inclusion probability that is off by 0.02 in nearly every run.
    generator = np.random.default_rng(4)
    rates = generator.dirichlet(np.ones(8)) * total
    rates = np.clip(rates, 0, 0.95)
    order, starts = generator.permutation(8), generator.uniform(size=50_000)
    picked = sum(noise.systematic_selection(rates, start, order).astype(int) for start in starts)
    assert_frequencies(np.stack([picked, 50_000 - picked], -1), np.stack([rates, 1 - rates], -1))


def test_certain_rows_are_always_picked():
    rates = np.array([1.0, 0.0, 1.0, 0.5, 0.5])
    for start in np.linspace(0, 0.999, 50):
        selected = noise.systematic_selection(rates, start, np.array([3, 1, 0, 4, 2]))
        assert selected[[0, 2]].all() and not selected[1] and selected.sum() == 3


def test_reverse_of_what_cannot_be_observed_is_undefined():
    posterior = np.asarray(noise.reverse(np.array([[0.5, 0.5, 0.0]]), np.eye(3)))
    np.testing.assert_array_equal(posterior[0, :2], np.eye(3)[:2])
    assert np.isnan(posterior[0, 2]).all()


def test_change_probability_is_exactly_zero_where_nothing_changes():
    soft = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    assert (np.asarray(noise.change_probability(soft, np.eye(4))) == 0).all()


def test_what_is_known_is_on_the_host_and_what_a_trace_stands_for_stays():
    assert type(noise.known(jnp.arange(3.0))) is np.ndarray
    kept = []
    jax.jit(lambda value: kept.append(noise.known(value) is value) or value)(1.0)
    assert kept == [True]


def test_parameters_are_stacked_on_the_host_where_all_are_numbers():
    numbers, law = [np.float32(0.1), np.float32(0.3)], jnp.asarray(0.2)
    assert type(stacked([np.asarray(it) for it in numbers])) is np.ndarray
    mixed = stacked([np.asarray(numbers[0]), law])
    assert isinstance(mixed, jax.Array)
    np.testing.assert_allclose(mixed, [0.1, 0.2], rtol=1e-6)
