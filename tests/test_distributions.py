"""The NumPyro distributions of row sites: values from uniforms, densities, and NumPyro's own machinery on them."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import oracles
import pytest
from numpyro.handlers import seed, trace
from scipy import stats

from synlabel_prob.distributions import (
    Given,
    HiddenFeatures,
    LabelsGivenTheta,
    NoisyLabel,
    RowNormal,
    SoftLabel,
    Vote,
    changed_label,
    flip_probability,
)
from synlabel_prob.testing import assert_frequencies, assert_uniform

PROBABILITIES = np.array([0.2, 0.0, 0.5, 0.3])
EDGES = np.array([2.0**-33, 0.2 - 1e-12, 0.2 + 1e-12, 0.5, 0.7 - 1e-12, 0.7 + 1e-12, 1 - 2.0**-33])


def test_soft_label_is_the_inverse_cdf():
    with jax.enable_x64(True):
        codes = SoftLabel(jnp.asarray(PROBABILITIES)).from_uniforms(EDGES[:, None])
    np.testing.assert_array_equal(codes, [0, 0, 2, 2, 2, 3, 3])


@pytest.mark.parametrize("precision", [True, False])
@pytest.mark.parametrize("weights", [(0, 1, 0), (0.1, 0.9, 0), (1e-30, 1, 0), (1 / 3, 1 / 3, 1 / 3)])
def test_a_class_without_probability_never_comes_out(weights, precision):
    with jax.enable_x64(precision):
        law = SoftLabel(jnp.asarray(weights, float))
        ends = law.from_uniforms(jnp.array([[1e-10], [0.5], [1 - 2.0**-24], [1.0]]))
    assert (np.array(weights)[np.asarray(ends)] > 0).all()


def test_soft_label_follows_its_probabilities(key):
    # False alarm 1e-6; 300,000 draws see a probability that is off by 0.01 in nearly every run.
    draws = np.asarray(SoftLabel(jnp.asarray(PROBABILITIES)).sample(key, (300_000,)))
    assert_frequencies(np.bincount(draws, minlength=4), PROBABILITIES)


def test_noisy_label_changes_by_the_first_uniform_and_goes_by_the_second():
    row, before = jnp.asarray([[0.1, 0.6, 0.3]]), jnp.array([1])
    law = NoisyLabel(row, before)
    for first, second, after in [(0.39, 0.2, 0), (0.39, 0.3, 2), (0.41, 0.2, 1), (0.01, 0.99, 2)]:
        assert int(law.from_uniforms(jnp.array([[first, second]]))[0]) == after


def test_noise_nests():
    uniforms = jnp.asarray(np.random.default_rng(0).uniform(size=(2000, 2)))
    before = jnp.zeros(2000, int)
    sets = []
    for rate in (0.0, 0.1, 0.4, 1.0):
        row = jnp.broadcast_to(jnp.array([1 - rate, rate / 2, rate / 2]), (2000, 3))
        sets.append(np.asarray(NoisyLabel(row, before).from_uniforms(uniforms)))
    assert (sets[0] == 0).all() and (sets[3] != 0).all()
    for fewer, more in itertools.pairwise(sets):
        assert (more[fewer != 0] == fewer[fewer != 0]).all()


def test_flip_probability_of_a_certain_label_is_exactly_zero():
    eye = jnp.eye(3)
    np.testing.assert_array_equal(flip_probability(eye, jnp.arange(3)), np.zeros(3))
    np.testing.assert_array_equal(changed_label(eye, jnp.arange(3), jnp.zeros(3, bool), jnp.full(3, 0.5)), np.arange(3))


def test_noisy_label_is_a_pytree_and_batches():
    law = NoisyLabel(jnp.asarray(np.random.default_rng(0).dirichlet(np.ones(3), 5)), jnp.arange(5) % 3)
    leaves, structure = jax.tree_util.tree_flatten(law)
    rebuilt = jax.tree_util.tree_unflatten(structure, leaves)
    uniforms = jnp.asarray(np.random.default_rng(1).uniform(size=(4, 5, 2)))
    expected = np.stack([law.from_uniforms(own) for own in uniforms])
    np.testing.assert_array_equal(jax.jit(jax.vmap(rebuilt.from_uniforms))(uniforms), expected)
    np.testing.assert_array_equal(law.from_uniforms(uniforms), expected)
    assert law.batch_shape == (5,) and law.event_shape == ()
    assert law.enumerate_support().shape == (3, 5) and law.enumerate_support(expand=False).shape == (3, 1)


@pytest.fixture(scope="module")
def fitted():
    return oracles.half_space(6, 2)[0]


def hidden_law(fitted) -> HiddenFeatures:
    return HiddenFeatures(fitted.prior, fitted.prior.theta_at(0), fitted.rows.given)


def test_hidden_features_are_the_prior_s(fitted):
    with jax.enable_x64(True):
        law = hidden_law(fitted)
        uniforms = np.random.default_rng(0).uniform(size=(4, 6, 2))
        hidden = np.asarray(law.from_uniforms(uniforms))
        density = np.asarray(law.log_prob(hidden[0]))
        assert (law.batch_shape, law.event_shape, hidden.shape) == ((6,), (2,), (4, 6, 2))
        theta = fitted.prior.theta_at(0)
        for row in range(6):
            given = jax.tree_util.tree_map(lambda values, row=row: values[row], fitted.rows.given)
            np.testing.assert_allclose(
                hidden[1, row], fitted.prior.quantile(theta, uniforms[1, row], given), rtol=1e-12
            )
            np.testing.assert_allclose(density[row], fitted.prior.log_density(theta, hidden[0, row], given), rtol=1e-12)


def test_hidden_features_inside_a_plate(fitted, key):
    def model():
        with numpyro.plate("row", 6):
            numpyro.sample("hidden", hidden_law(fitted))

    site = trace(seed(model, key)).get_trace()["hidden"]
    assert site["value"].shape == (6, 2)
    assert site["fn"].log_prob(site["value"]).shape == (6,)


def test_labels_that_share_theta():
    # Exact: two draws of theta, three rows, all eight label vectors.
    probs = np.array([[[0.9, 0.1], [0.8, 0.2], [1.0, 0.0]], [[0.1, 0.9], [0.3, 0.7], [0.5, 0.5]]])
    law = LabelsGivenTheta(jnp.asarray(probs))
    every = np.array(list(itertools.product(range(2), repeat=3)))
    expected = np.prod(probs[:, np.arange(3), every.reshape(8, 3)], -1).mean(0)
    np.testing.assert_allclose(np.exp(law.log_prob(every)), expected, rtol=1e-5)
    np.testing.assert_allclose(np.exp(law.log_prob(every[3])), expected[3], rtol=1e-5)
    slopes = jax.grad(lambda probs: LabelsGivenTheta(probs).log_prob(jnp.array([0, 0, 1])))(law.probs)
    assert np.isfinite(slopes).all()
    # False alarm 1e-6; 100,000 draws see a probability that is off by 0.01 in nearly every run.
    draws = np.asarray(law.sample(jax.random.key(0), (100_000,)))
    assert_frequencies(np.bincount(draws @ [4, 2, 1], minlength=8), expected)


def test_a_vote_is_a_noisy_label_or_the_one_before_it():
    # The first of a row is no copy; a copy of a copy is the last vote that is none.
    probs = jnp.asarray(np.tile([0.1, 0.6, 0.3], (6, 1)))
    first = np.array([True, False, False, True, False, False])
    uniforms = np.array(
        [[0.0, 0.1, 0.0], [0.9, 0.5, 0.0], [0.9, 0.5, 0.1], [0.9, 0.5, 0.0], [0.0, 0.9, 0.9], [0.9, 0.5, 0.2]]
    )
    law = Vote(probs, jnp.ones(6, int), first, 0.5)
    assert law.from_uniforms(jnp.asarray(uniforms)).tolist() == [0, 0, 0, 1, 2, 2]
    assert Vote(probs, jnp.ones(6, int), first).from_uniforms(jnp.asarray(uniforms)).tolist() == [0, 1, 1, 1, 2, 1]


def test_a_vote_without_probability_has_none():
    law = Vote(jnp.array([[1.0, 0.0], [1.0, 0.0]]), jnp.zeros(2, int), np.array([True, False]), 0.25)
    np.testing.assert_allclose(law.log_prob(jnp.array([0, 1])), [0.0, -np.inf])
    np.testing.assert_allclose(law.log_prob(jnp.array([1, 1])), [-np.inf, np.log(0.25)], rtol=1e-6)


def test_row_normals_and_given_votes_follow_their_laws(key):
    # False alarm 1e-6 each; 20,000 draws see a cdf that is off by 0.03 and a probability that is off by 0.02.
    draws = RowNormal(jnp.array([2.0]), 3.0).sample(key, (20_000,))
    assert_uniform(stats.norm.cdf(np.asarray(draws), 2.0, 3.0))
    given = np.asarray(Given(jnp.array([0.3])).sample(key, (20_000,)))
    assert_frequencies([int(given.sum()), int((1 - given).sum())], [0.3, 0.7])
