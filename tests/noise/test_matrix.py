"""A given transition matrix: its orientation, its strength, composition."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from noise_examples import dirichlet, setting_of, transition_of

from synlabel_prob import ground_truth, noise
from synlabel_prob.errors import InputError, Problems

FIRST = ((0.7, 0.2, 0.1), (0.0, 0.9, 0.1), (0.25, 0.25, 0.5))
SECOND = ((0.8, 0.0, 0.2), (0.1, 0.6, 0.3), (0.0, 0.05, 0.95))


def test_rows_are_true_classes():
    pushed = noise.push_forward(np.eye(3), transition_of(noise.Matrix(FIRST), setting_of(3)))
    np.testing.assert_allclose(pushed, FIRST, atol=1e-15)


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_strength_scales_the_rate(strength):
    rates = 1 - np.diag(transition_of(noise.Matrix(FIRST, strength=strength), setting_of(3)))
    np.testing.assert_allclose(rates, strength * (1 - np.diag(FIRST)), atol=1e-15)


def test_two_nodes_after_another_are_the_product():
    soft, setting = dirichlet(3), setting_of(3)
    after = noise.push_forward(soft, transition_of(noise.Matrix(FIRST), setting))
    after = noise.push_forward(after, transition_of(noise.Matrix(SECOND), setting))
    np.testing.assert_allclose(after, soft @ np.array(FIRST) @ np.array(SECOND), atol=1e-15)


def test_push_forward_does_not_depend_on_the_batch():
    with jax.enable_x64(True):
        soft, transition = jax.numpy.asarray(dirichlet(3)), transition_of(noise.Matrix(FIRST), setting_of(3))
        alone = np.concatenate([noise.push_forward(row[None], transition) for row in soft[:20]])
        np.testing.assert_array_equal(noise.push_forward(soft, transition)[:20], alone)


def test_rows_that_sum_to_nearly_one_are_rescaled():
    transition = transition_of(noise.Matrix(((0.5, 0.4999999), (0.0, 1.0))), setting_of(2))
    np.testing.assert_allclose(transition.sum(1), 1.0, atol=1e-15)


@pytest.mark.parametrize(
    ("transition", "said"),
    [
        (((0.9, 0.2), (0.1, 0.8)), "transpose"),
        (((0.9, 0.2), (0.2, 0.9)), "they sum to 1.1, 1.1: rescale"),
        (((1.1, -0.1), (0.0, 1.0)), "probabilities; got -0.1"),
        (((1.0, 0.0),), "as many columns as rows"),
        (((1.0, 0.0), (1.0,)), "as many columns as rows"),
        ((), "as many columns as rows"),
        (((float("nan"), 1.0), (0.0, 1.0)), "finite number"),
    ],
)
def test_what_is_no_transition(transition, said):
    with pytest.raises(InputError, match=said):
        noise.Matrix(transition)


def test_a_matrix_of_another_size_is_reported():
    problems = Problems()
    noise.Matrix(FIRST).report_problems(setting_of(2).table, ground_truth.Linear({"c0": {}, "c1": {}}), problems)
    assert "must be 2 x 2" in problems.sentences[0]
