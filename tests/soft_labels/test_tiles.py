"""Tiles: how many rows they take, so that little is filled up."""

from __future__ import annotations

import pytest

from synlabel_prob.soft_labels.tiles import filled_well


@pytest.mark.parametrize("size", [1, 3, 16, 85, 327, 512])
@pytest.mark.parametrize("count", [1, 5, 41, 178, 846, 100_000])
def test_tiles_hold_all_rows_and_little_else(size, count):
    own = filled_well(size, count)
    assert 1 <= own <= size
    assert own == size or own % max(1, size // 16) == 0
    tiles = -(-count // own)
    in_turn, before = (-(-number // 2) * rows for number, rows in ((tiles, own), (-(-count // size), size)))
    assert in_turn <= before  # two workers are not later than with full tiles


def test_a_tile_of_327_rows_takes_220_of_846():
    # Three full ones would leave a worker waiting, and fill up 135 rows.
    assert filled_well(327, 846) == 220
