"""The prior of a transition: its support is the dominance polytope, all of it."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from inversion_cases import dominant as by_numpy
from numpyro.handlers import seed
from quick import only
from scipy import stats

from synlabel_prob.inversion.dominance import dominant, sample_transition, with_diagonal


@pytest.mark.parametrize("classes", only([3], [2, 3, 5]))
def test_the_true_class_is_the_likeliest_whatever_the_draw(classes, key):
    draw = jax.vmap(lambda own: seed(sample_transition, own)(classes, 3))
    drawn = np.asarray(draw(jax.random.split(key, 500)))
    assert drawn.shape == (500, 3, classes, classes)
    np.testing.assert_allclose(drawn.sum(-1), 1.0, rtol=1e-5)
    assert (drawn >= 0).all()
    assert (np.diagonal(drawn, axis1=-2, axis2=-1)[..., None] >= drawn - 1e-6).all()


def test_every_dominant_transition_can_be_drawn():
    # r_i = (1 - T_ii) + max_j T_ij is at most 1 exactly where T_ii >= max_j T_ij.
    wanted = np.array([[0.4, 0.3, 0.3], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]])
    away = ~np.eye(3, dtype=bool)
    others = wanted[away].reshape(3, 2)
    reach = others.sum(1) + others.max(1)
    shares = np.where(others.sum(1, keepdims=True) > 0, others / np.maximum(others.sum(1, keepdims=True), 1e-9), 0.5)
    assert (reach <= 1).all()
    np.testing.assert_allclose(dominant(reach, shares), wanted, atol=1e-6)


@pytest.mark.slow
def test_the_law_is_the_one_that_is_documented(key):
    # Kolmogorov-Smirnov of 4,000 draws each of the rate and of one entry against NumPy's; false alarm 2e-6.
    drawn = np.asarray(jax.vmap(lambda own: seed(sample_transition, own)(3))(jax.random.split(key, 4000)))
    random = np.random.default_rng(1)
    other = np.stack([by_numpy(random, 3) for _ in range(4000)])
    for place in ((0, 0), (1, 2)):
        assert stats.ks_2samp(drawn[:, *place], other[:, *place]).pvalue > 1e-6


def test_shares_go_around_the_diagonal():
    shares = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]])
    np.testing.assert_allclose(with_diagonal(shares), [[0, 0.1, 0.9], [0.2, 0, 0.8], [0.3, 0.7, 0]], rtol=1e-6)
