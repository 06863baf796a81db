from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import setting_of
from observation_examples import by_loops, sets_of

from synlabel_prob import observations as o
from synlabel_prob.testing import assert_frequencies

CLASSES = 4
RATES = np.array([[0, 0.9, 0.2, 1.0], [0.5, 0, 0.5, 0.5], [1.0, 0.0, 0, 0.3], [0.9, 0.95, 0.99, 0]])


def drawn(label: int, full_set: str, uniforms: np.ndarray, rates: np.ndarray = RATES) -> np.ndarray:
    with jax.enable_x64(True):
        fitted = o.Candidates(0.5, full_set=full_set).fit(setting_of(CLASSES, 20))
        return np.asarray(fitted.sets(rates, None, np.full(len(uniforms), label), uniforms))


@pytest.mark.parametrize("full_set", ["allowed", "refused"])
@pytest.mark.parametrize("label", range(CLASSES))
def test_draws_of_every_set_against_loops(label, full_set):
    # An exact binomial test of 15 sets; 100,000 draws see a probability that is off by 0.01; false alarm 1e-6.
    sets = drawn(label, full_set, np.random.default_rng([1, label]).random((100_000, CLASSES)))
    expected = by_loops(RATES, refused=full_set == "refused")
    every = sets_of(CLASSES)
    counts = [int((sets == np.isin(np.arange(CLASSES), one)).all(1).sum()) for one in every]
    assert_frequencies(counts, [expected[one][label] for one in every], false_alarm=1e-6)


def test_at_higher_rates_the_same_classes_come_along_and_more():
    uniforms = np.random.default_rng(0).random((1000, CLASSES))
    low, high = (drawn(0, "allowed", uniforms, np.full((CLASSES, CLASSES), rate)) for rate in (0.2, 0.6))
    assert (high | ~low).all() and low.sum() < high.sum()
