"""Noise on cells follows the law that it states: exact binomial tests, false alarm 1e-6 each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synlabel_prob import feature_noise as f
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_frequencies

ROWS, LEVELS = 40_000, ("a", "b", "c", "d")
CODES = np.random.default_rng(0).choice(4, ROWS, p=[0.5, 0.3, 0.15, 0.05])


def table() -> Table:
    frame = pd.DataFrame({"level": np.array(LEVELS)[CODES], "order": np.array(LEVELS)[CODES]})
    return Table.from_frame(frame, kinds={"order": "ordinal"}, levels={"order": LEVELS, "level": LEVELS})


def counts(noise: f.FeatureNoise, key, place: int = 0) -> np.ndarray:
    """By level before, how often each level comes after, (4, 4)."""
    after = f.noisy_table(table(), (noise,), key).features[:, place].astype(int)
    return np.array([np.bincount(after[code == CODES], minlength=4) for code in range(4)])


def test_replaced(key):
    # 2,000 rows of the rarest level: a probability that is off by 0.06 is seen in nearly every run.
    shares = np.bincount(CODES) / ROWS
    assert_frequencies(counts(f.Replaced(0.4), key), 0.6 * np.eye(4) + 0.4 * shares)


def test_swapped_keeps_frequencies_and_takes_any_other_cell(key):
    found = counts(f.Swapped(0.4), key)
    np.testing.assert_array_equal(found.sum(0), np.bincount(CODES))
    # Given the picked cells the law is that of a random cycle, whose cells are nearly independent among 16,000.
    own = np.bincount(CODES)
    others = (own[None, :] - np.eye(4)) / (ROWS - 1)
    assert_frequencies(found, 0.6 * np.eye(4) + 0.4 * others)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_swapped_all_or_none(rate, key):
    numbers = Table.from_frame(pd.DataFrame({"x": np.arange(50.0)}))
    after = f.noisy_table(numbers, (f.Swapped(rate),), key).features[:, 0]
    assert sorted(after) == list(range(50))
    assert ((after == np.arange(50)).all(), (after != np.arange(50)).all()) == (rate == 0, rate == 1)


def test_a_cell_that_is_picked_alone_keeps_its_value():
    values = np.arange(3.0)
    uniforms = np.array([[0.1, 0.5], [0.9, 0.5], [0.9, 0.5]])
    np.testing.assert_array_equal(f.Swapped(0.2).noisy(values, uniforms, table().columns[0]), values)


def test_level_flips_to_any(key):
    assert_frequencies(counts(f.LevelFlips(0.3), key), 0.7 * np.eye(4) + 0.1 * (1 - np.eye(4)))


def test_level_flips_to_neighbours(key):
    law = np.array([[0.7, 0.3, 0, 0], [0.15, 0.7, 0.15, 0], [0, 0.15, 0.7, 0.15], [0, 0, 0.3, 0.7]])
    noise = f.LevelFlips(0.3, "neighbour")
    assert noise.acts_on(table()) == ("order",)
    assert_frequencies(counts(noise, key, 1), law)


def test_a_feature_of_one_level_stays(key):
    one = Table.from_frame(pd.DataFrame({"level": ["a"] * 5}))
    np.testing.assert_array_equal(f.noisy_table(one, (f.LevelFlips(1.0),), key).features, np.zeros((5, 1)))


def test_missing_values(key):
    lost = np.isnan(f.noisy_table(table(), (f.MissingValues(0.2),), key).features)
    assert_frequencies(np.array([[it.sum(), (~it).sum()] for it in lost.T]), [0.2, 0.8])
    # Features lose theirs independently of each other.
    assert_frequencies([int(lost.all(1).sum()), int((~lost.all(1)).sum())], [0.04, 0.96])
    more = np.isnan(f.noisy_table(table(), (f.MissingValues(0.5),), key).features)
    assert (more | ~lost).all()
