from __future__ import annotations

import itertools
import math

import jax
import numpy as np
import pytest
from contracts import LINEAR, mixed_table, setting_of
from observation_examples import chances

from synlabel_prob import ground_truth as g
from synlabel_prob import observations as o
from synlabel_prob.testing.parts import expect_sentences, reported


@pytest.mark.parametrize(("classes", "size"), [(2, 2), (3, 1), (3, 2), (5, 3), (5, 5)])
def test_sets_of_the_size_are_alike(classes, size):
    for one, value in chances(o.FixedCandidates(size), classes).items():
        expected = np.isin(np.arange(classes), one) * (len(one) == size) / math.comb(classes - 1, size - 1)
        np.testing.assert_allclose(value[0], expected, atol=1e-15)


def test_larger_sets_hold_smaller_ones():
    uniforms, labels = np.random.default_rng(0).random((200, 5)), np.arange(200) % 5
    with jax.enable_x64(True):
        sets = [np.asarray(o.FixedCandidates(size).fit(setting_of(5, 20)).sets(None, None, labels, uniforms))
                for size in (1, 2, 4)]  # fmt: skip
    np.testing.assert_array_equal(sets[0], np.eye(5, dtype=bool)[labels])
    for size, (small, large) in zip((2, 4), itertools.pairwise(sets), strict=True):
        assert (large | ~small).all() and (large.sum(1) == size).all()


def test_a_size_above_the_number_of_classes_is_reported():
    truth = g.Linear(LINEAR, {"no": 2.0})
    sentences = reported(o.FixedCandidates(4).report_problems, mixed_table(), ("age",), truth)
    expect_sentences(sentences, "at most the number of classes, 3; got 4")
    assert reported(o.FixedCandidates(3).report_problems, mixed_table(), ("age",), truth) == []
