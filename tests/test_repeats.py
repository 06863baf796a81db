"""Numbers that come twice are found, whatever bucket and batch they are in."""

from __future__ import annotations

import numpy as np
import pytest

from synlabel_prob.repeats import Repeats


@pytest.mark.parametrize("batches", [1, 7])
def test_what_comes_twice_is_what_numpy_says(batches):
    generator = np.random.default_rng(0)
    hashes = generator.integers(0, 2**64, 5000, dtype=np.uint64, endpoint=False)
    hashes[generator.choice(5000, 60, replace=False)] = hashes[:60]
    hashes[-3:] = [0, 2**64 - 1, 0]
    with Repeats() as repeats:
        for batch in np.array_split(hashes, batches):
            repeats.add(batch)
        found = repeats.found()
    values, counts = np.unique(hashes, return_counts=True)
    assert 0 < len(found) < 70
    assert np.array_equal(found, values[counts > 1])


def test_nothing_comes_twice_and_then_something_does():
    with Repeats() as repeats:
        assert repeats.found().size == 0
        repeats.add(np.arange(64, dtype=np.uint64) << np.uint64(58))  # one a bucket
        repeats.add(np.zeros(0, dtype=np.uint64))
        assert repeats.found().size == 0
        repeats.add(np.array([3 << 58], dtype=np.uint64))
        assert repeats.found().tolist() == [3 << 58]
