"""Where the label of a network with one layer of rectified units changes along one feature."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from reading_cases import expect_breakpoints
from test_network_draws import network

from synlabel_prob.ground_truth import RandomNetwork
from synlabel_prob.ground_truth.decisions import Argmax, Threshold
from synlabel_prob.ground_truth.encoding import Encoding
from synlabel_prob.ground_truth.network import NetworkFunction
from synlabel_prob.ground_truth.outcome import Outcome


def one_layer(units: int, outputs: int, seed: int, decision=None, activation: str = "relu") -> NetworkFunction:
    """Of three standardised features; some weights are 0, and two units share a kink."""
    random = np.random.default_rng(seed)
    weights = [random.normal(size=(3, units)), random.normal(size=(units, outputs))]
    intercepts = [random.normal(size=units), 0.3 * random.normal(size=outputs)]
    weights[0][:, ::4] = np.where(random.uniform(size=(3, len(weights[0][0, ::4]))) < 0.5, 0.0, weights[0][:, ::4])
    weights[0][:, 1], intercepts[0][1] = -2.0 * weights[0][:, -1], -2.0 * intercepts[0][-1]
    classes = tuple("abcdefgh"[: max(2, outputs)])
    cut, rule = (0.5, "above") if outputs == 1 else (0.0, "largest")
    outcome = Outcome("fractions", rule, tuple(range(len(classes))), decision or Argmax(), classes, cut)
    steps = np.stack([random.normal(size=3), random.uniform(0.5, 2, 3), np.ones(3), np.zeros(3)])[None]
    parts = (Encoding(steps, (0, 1, 2), (-1, -1, -1)), activation, outcome, classes)
    return NetworkFunction(tuple(weights), tuple(intercepts), *parts)


@pytest.mark.parametrize("outputs", [1, 3, 8])
@pytest.mark.parametrize("units", [2, 9, 40])
def test_labels_change_at_breakpoints_only(units, outputs):
    # 25 functions of 20 rows and 3 features each: 1,500 lines, on a grid of 1,201 points.
    changes, rows = 0, np.random.default_rng(units).normal(size=(20, 3))
    for seed in range(25):
        function = one_layer(units, outputs, seed)
        changes += sum(expect_breakpoints(function, rows, place, np.linspace(-6, 6, 1201)) for place in range(3))
    assert changes > 300


def test_compiled_they_are_the_same():
    function, rows = one_layer(9, 3, 1), np.random.default_rng(0).normal(size=(4, 5, 3))
    with jax.enable_x64(True):
        found = jax.jit(lambda function, rows: function.breakpoints(rows, 1))(function, jnp.asarray(rows))
    assert found.shape == (4, 5, 30)
    np.testing.assert_allclose(np.sort(found, -1), np.sort(function.breakpoints(rows, 1), -1), rtol=1e-9)


def test_other_networks_have_none():
    rows = np.zeros((2, 4))
    assert network("relu").breakpoints(rows, 0) is None  # two layers
    assert one_layer(4, 3, 0, activation="tanh").breakpoints(rows[:, :3], 0) is None
    assert one_layer(4, 3, 0, decision=Threshold("b", 0.4)).breakpoints(rows[:, :3], 0) is None
    assert RandomNetwork(("a", "b")).activation == "relu" and RandomNetwork(("a", "b")).depth == 1
