"""Decisions against a loop over rows."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from synlabel_prob.errors import Problems
from synlabel_prob.ground_truth import Argmax, Threshold

CLASSES = ("a", "b", "c")
PROBABILITIES = np.array([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.1, 0.3, 0.6]])


def by_hand(row, label, above):
    code = CLASSES.index(label)
    others = [other for other in range(3) if other != code]
    return code if row[code] > above else max(others, key=lambda other: row[other])


@pytest.mark.parametrize("array", [np.asarray, jnp.asarray])
@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("above", [0.0, 0.3, 0.45, 0.99])
def test_threshold(array, label, above):
    found = Threshold(label, above).decide(array(PROBABILITIES), CLASSES)
    # float32 rounds 0.3 up: a probability that equals the threshold is not above it in either precision.
    assert np.asarray(found).tolist() == [by_hand(row, label, above) for row in PROBABILITIES]


@pytest.mark.parametrize("array", [np.asarray, jnp.asarray])
def test_argmax_gives_ties_to_the_first(array):
    assert np.asarray(Argmax().decide(array(PROBABILITIES), CLASSES)).tolist() == [2, 0, 1, 0, 2]


@pytest.mark.parametrize("decision", [Argmax(), Threshold("b", 0.3)])
def test_any_batch_shape(decision):
    grid = np.stack([PROBABILITIES, PROBABILITIES[::-1]])
    flat = decision.decide(PROBABILITIES, CLASSES)
    np.testing.assert_array_equal(decision.decide(grid, CLASSES), [flat, flat[::-1]])
    assert decision.decide(PROBABILITIES[:0], CLASSES).shape == (0,)


def test_an_unknown_class_is_reported():
    problems = Problems()
    Threshold("bb", 0.5).report_problems(CLASSES, problems)
    Argmax().report_problems(CLASSES, problems)
    assert problems.sentences == ["`ground_truth.decision.label` is 'bb': did you mean 'b'?"]
