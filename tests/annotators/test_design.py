"""Who labels which row: numbers, limits, fairness, and what permutations change."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synlabel_prob.annotators import design
from synlabel_prob.annotators.design import _limited
from synlabel_prob.randomness import row_hashes
from synlabel_prob.testing import assert_frequencies

HASHES = row_hashes(np.arange(600))


def chosen(pairs, rows: int, people: int) -> np.ndarray:
    """Whether a person labels a row, (rows, people)."""
    made = np.zeros((rows, people), dtype=int)
    np.add.at(made, (pairs.rows, pairs.annotators), 1)
    return made


def test_all_label_all():
    pairs = design(jax.random.key(0), HASHES[:4], 3, 3, None)
    assert pairs.rows.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert pairs.annotators.tolist() == [0, 1, 2] * 4
    assert pairs.first.tolist() == [True, False, False] * 4


@settings(max_examples=200)
@given(data=st.data())
def test_every_limit_that_can_be_kept_is_kept(data):
    rows, people = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 8))
    number = data.draw(st.integers(1, people))
    limit = data.draw(st.integers(-(-rows * number // people), rows))
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    made = _limited(generator.random((rows, people)), generator.permutation(rows), number, limit)
    assert (made.sum(1) == number).all()
    assert (made.sum(0) <= limit).all()


@pytest.mark.parametrize("limit", [None, 600, 200])
def test_every_set_of_annotators_is_alike(limit, key):
    # Exact binomial tests of every pair of people over 600 rows, false alarm 1e-6: they see a pair at twice its share.
    # A limit makes counts less variable, so the test stays valid; 200 is above the mean of 171 rows for each of 7.
    people = 5 if limit != 200 else 7
    made = chosen(design(key, HASHES, people, 2, limit), 600, people)
    pairs = made.T @ made
    counts = pairs[np.triu_indices(people, 1)]
    assert made.sum() == 1200
    assert_frequencies(counts, np.full(len(counts), 1 / len(counts)))


def test_a_tight_limit_gives_everyone_the_same():
    made = chosen(design(jax.random.key(3), HASHES, 8, 4, 300), 600, 8)
    assert made.sum(0).tolist() == [300] * 8


@pytest.mark.parametrize("limit", [None, 35])
def test_permuting_rows_permutes_who_labels_them(limit, key):
    order = np.random.default_rng(0).permutation(60)
    made = chosen(design(key, HASHES[:60], 5, 2, limit), 60, 5)
    again = chosen(design(key, HASHES[:60][order], 5, 2, limit), 60, 5)
    np.testing.assert_array_equal(again, made[order])
    other = chosen(design(jax.random.key(1), HASHES[:60], 5, 2, limit), 60, 5)
    assert (made != other).any()
