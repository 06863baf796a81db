"""A network at many draws of some features, against the network itself."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

from synlabel_prob.ground_truth.decisions import Argmax, Threshold
from synlabel_prob.ground_truth.encoding import Encoding
from synlabel_prob.ground_truth.network import NetworkFunction
from synlabel_prob.ground_truth.outcome import Outcome

CLASSES = ("a", "b", "c")
# Two numbers, the levels 0 and 1 of a third feature, and a number: columns need not be in the order of the features.
PLACES, LEVELS = (3, 0, 2, 2, 1), (-1, -1, 0, 1, -1)


def network(activation: str, outputs: int = 3, decision=None, seed: int = 0) -> NetworkFunction:
    random = np.random.default_rng(seed)
    sizes = [5, 8, 6, outputs]
    weights = tuple(2 * random.normal(size=pair) for pair in itertools.pairwise(sizes))
    intercepts = tuple(0.1 * random.normal(size=size) for size in sizes[1:])
    steps = np.stack([random.normal(size=5), random.uniform(0.5, 2, 5), np.ones(5), random.normal(size=5)])[None]
    classes = CLASSES if outputs == 3 else CLASSES[:2]
    rule = "largest" if outputs == 3 else "above"
    outcome = Outcome(
        "fractions", rule, tuple(range(len(classes))), decision or Argmax(), classes, 0.5 if outputs == 1 else 0.0
    )
    return NetworkFunction(weights, intercepts, Encoding(steps, PLACES, LEVELS), activation, outcome, classes)


def both(function: NetworkFunction, hidden: tuple[int, ...], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels at draws of the hidden features, (rows, ...), by the quicker way and by the function."""
    random, observed = np.random.default_rng(1), tuple(place for place in range(4) if place not in hidden)
    features = random.normal(size=(*shape, 4))
    features[..., 2] = random.integers(0, 3, shape)
    first = features[(slice(None), *(0,) * (len(shape) - 1))]
    features[..., list(observed)] = first[:, list(observed)].reshape(shape[0], *(1,) * (len(shape) - 1), -1)
    with jax.enable_x64(True):
        draws = function.at_draws(hidden, observed)
        assert draws is not None
        own = jax.jit(lambda one, other: draws.labels(one, other))(
            first[:, list(observed)], features[..., list(hidden)]
        )
    return np.asarray(own), np.asarray(function.labels(features))


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_labels_are_those_of_the_network(activation):
    for hidden in ((0,), (2, 3), (1, 3, 0, 2)):
        own, expected = both(network(activation, seed=5), hidden, (7, 2, 9))
        np.testing.assert_array_equal(own, expected)
        assert len(np.unique(expected)) > 1


def test_one_output_and_another_decision():
    np.testing.assert_array_equal(*both(network("relu", outputs=1), (0, 1), (20, 6)))
    np.testing.assert_array_equal(*both(network("tanh", decision=Threshold("b", 0.4)), (0, 1), (20, 6)))


@pytest.mark.parametrize("points", [1, 512, 1024, 1000])
def test_any_number_of_points(points):
    np.testing.assert_array_equal(*both(network("relu"), (3, 1), (3, points)))


def test_nothing_is_known_without_a_draw_and_linear_functions_have_no_quicker_way():
    function = network("relu")
    draws = function.at_draws((0,), (1, 2, 3))
    assert draws is not None and (np.asarray(draws.settled(np.zeros((4, 3)))) == -1).all()
    assert function.at_draws((), (0, 1, 2, 3)) is None
    parts = (function.weights[:1], function.intercepts[:1], function.encoding, "relu", function.outcome)
    one = NetworkFunction(*parts, CLASSES)
    assert one.at_draws((0,), (1, 2, 3)) is None
