"""Who labels which row: as many annotators a row as asked, at random, none with more rows than they can take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Codes, PairCodes, RowHashes, RowValues, Scores
from ..randomness import row_uniforms


class Pairs(NamedTuple):
    """Places of rows and of annotators (pairs,), in the order of the rows and then of the annotators."""

    rows: PairCodes
    annotators: PairCodes

    @property
    def first(self) -> np.ndarray:
        """Whether a pair is the first of its row, (pairs,)."""
        return np.diff(self.rows, prepend=-1) != 0


def design(
    key: object, hashes: RowHashes, num_annotators: int, labels_a_row: int, labels_an_annotator: int | None
) -> Pairs:
    """Who labels what, a pure function of the key, the ids of the rows and the numbers.

    Every set of `labels_a_row` annotators is alike as long as nobody's limit forces another choice: rows come in a
    random order, and a row takes those whom the rows after it could not do without.

    Args:
        key: fixes the choice.
        hashes: of the row ids, (rows, 2).
        num_annotators: how many there are.
        labels_a_row: how many label each row; at most all of them.
        labels_an_annotator: the most rows that one can take; None for no limit. All together must be enough.
    """
    if labels_a_row == num_annotators:
        chosen = np.ones((len(hashes), num_annotators), dtype=bool)
        return Pairs(*np.nonzero(chosen))
    scores = row_uniforms(key, "annotators", hashes, num_annotators)
    if labels_an_annotator is None or labels_an_annotator >= len(hashes):
        chosen = np.zeros(scores.shape, dtype=bool)
        np.put_along_axis(chosen, np.argsort(scores, 1, kind="stable")[:, :labels_a_row], True, 1)
        return Pairs(*np.nonzero(chosen))
    order = np.argsort(row_uniforms(key, "order", hashes, 1)[:, 0], kind="stable")
    return Pairs(*np.nonzero(_limited(scores, order, labels_a_row, labels_an_annotator)))


def _limited(scores: Scores, order: Codes, labels_a_row: int, limit: int) -> np.ndarray:
    """Which annotators (columns of scores) label which rows, (rows, annotators) booleans."""
    chosen = np.zeros(scores.shape, dtype=bool)
    left = np.full(scores.shape[1], limit)
    for place, row in enumerate(order):
        picked = _picked(scores[row], left, len(order) - place, labels_a_row)
        chosen[row, picked] = True
        left[picked] -= 1
    return chosen


def _picked(scores: RowValues, left: Codes, rows_left: int, number: int) -> np.ndarray:
    """The annotators of one row: the lowest scores among those with something left, and whoever is indispensable.

    The rows that are left can be served if and only if sum_a min(left_a, rows_left) is at least what they ask for. A
    row that passes over an annotator with something left for every one of them lowers that sum's slack by one.
    """
    order = np.argsort(scores, kind="stable")
    slack = int(np.minimum(left, rows_left).sum()) - number * rows_left
    free = order[left[order] >= rows_left]
    needed = free[: max(0, len(free) - slack)]
    others = [it for it in order[left[order] > 0] if it not in set(needed.tolist())]
    return np.array([*needed, *others[: number - len(needed)]], dtype=np.int64)
