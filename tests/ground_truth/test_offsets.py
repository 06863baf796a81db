"""Offsets: counts are right where nothing ties, and the nearest ones where rows do."""

from __future__ import annotations

import numpy as np
import pytest

from synlabel_prob.ground_truth.offsets import counts_of, offsets_for


def counted(scores, rows):
    scores = np.asarray(scores, dtype=float)
    return counts_of(scores + offsets_for(scores, np.array(rows)), scores.shape[1]).tolist()


def test_two_classes_are_cut_at_a_quantile():
    scores = np.stack([np.zeros(5), [3.0, -1.0, 7.0, 0.0, 2.0]], 1)
    first, second = offsets_for(scores, np.array([3, 2]))
    assert 2.0 < first - second < 3.0
    np.testing.assert_allclose(first - second, 2.5, rtol=1e-12)  # the middle of the gap


@pytest.mark.parametrize(("classes", "number"), [(2, 50), (3, 80), (5, 12), (10, 400), (20, 60)])
def test_counts_are_those_asked_for_where_nothing_ties(classes, number):
    # Of 20 classes and 60 rows one or two in a hundred stop short of the counts from the first start.
    generator = np.random.default_rng(classes)
    for _ in range(40):
        scores = np.maximum(generator.normal(size=(number, 6)), 0) @ generator.normal(size=(6, classes))
        scores += 1e-3 * generator.normal(size=scores.shape)
        rows = 1 + generator.multinomial(number - classes, generator.dirichlet(np.ones(classes)))
        assert counted(scores, rows) == rows.tolist()


def test_rows_that_tie_stay_together():
    scores = np.stack([np.zeros(6), [1.0, 1.0, 1.0, 1.0, 2.0, 3.0]], 1)
    assert counted(scores, [4, 2]) == [4, 2]
    assert counted(scores, [3, 3]) == [4, 2]
    assert counted(scores, [5, 1]) == [5, 1]
    assert 0 in counted(np.zeros((6, 2)), [3, 3])


def test_offsets_are_the_same_each_time():
    scores = np.random.default_rng(0).normal(size=(40, 4))
    np.testing.assert_array_equal(offsets_for(scores, np.full(4, 10)), offsets_for(scores, np.full(4, 10)))
