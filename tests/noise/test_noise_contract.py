"""Every noise node keeps its contract."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from contracts import LAW, MATRIX, NOISE, marked, noise_setting

from synlabel_prob import noise
from synlabel_prob.distributions import NoisyLabel
from synlabel_prob.noise.base import sample_parameter
from synlabel_prob.noise.matrix import MatrixChannel
from synlabel_prob.testing import check_noise


@pytest.mark.parametrize("name", marked(NOISE))
def test_contract(name, key):
    # False alarm 1e-6 a check; what it sees is written in `check_noise`. The frequencies of four of the nodes were run
    # over 100 keys once: none failed.
    check_noise(NOISE[name].build(), NOISE[name].setting(), key)


def test_every_node_is_in_the_table():
    assert {type(case.build()) for case in NOISE.values()} == set(noise.DESCRIPTIONS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda matrix: matrix * 1.001, "rows of a transition"),
        (lambda matrix: matrix.T * 1.0, "rows of a transition"),
        (lambda matrix: 0.999 * matrix + 0.001 / 3, "rate 0"),
        (lambda matrix: jnp.where(matrix[0, 0] < 0.8, 0.9 * jnp.eye(3) + 0.1 * matrix, matrix), "at a lower rate"),
    ],
)
def test_the_checker_sees_what_is_wrong(change, said, key, monkeypatch):
    plain = MatrixChannel.transition
    monkeypatch.setattr(MatrixChannel, "transition", lambda *arguments: change(plain(*arguments)))
    with pytest.raises(AssertionError, match=said):
        check_noise(NOISE["matrix"].build(), noise_setting(), key, num_draws=1000)


def test_the_checker_sees_draws_from_another_law(key, monkeypatch):
    sample = NoisyLabel.from_uniforms
    monkeypatch.setattr(NoisyLabel, "from_uniforms", lambda self, uniforms: sample(self, uniforms**1.05))
    with pytest.raises(AssertionError, match="draws disagree with the stated law"):
        check_noise(NOISE["matrix"].build(), noise_setting(), key)


def test_the_checker_sees_a_site_of_another_name(key, monkeypatch):
    monkeypatch.setattr(MatrixChannel, "sample_parameters", lambda self: sample_parameter("strength", self.strength))
    with pytest.raises(AssertionError, match="start with the node's name"):
        check_noise(noise.Matrix(MATRIX, strength=LAW), noise_setting(), key, num_draws=1000)


def test_the_checker_sees_a_missing_derivative(key, monkeypatch):
    plain = MatrixChannel.transition
    blocked = lambda self, parameters, context: plain(self, jax.lax.stop_gradient(parameters), context)  # noqa: E731
    monkeypatch.setattr(MatrixChannel, "transition", blocked)
    with pytest.raises(AssertionError, match="gradient of the log-probability"):
        check_noise(noise.Matrix(MATRIX, strength=LAW), noise_setting(), key, num_draws=1000)
