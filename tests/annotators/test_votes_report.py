"""The votes of a run in numbers, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from synlabel_prob import annotators as a

NAMES = ("p", "q", "r")


def votes_of(rows, people, labels) -> a.Votes:
    return a.Votes(np.array(rows), np.array(people), np.array(labels), np.arange(4), NAMES, ("no", "yes"))


def test_numbers_by_hand():
    votes = votes_of([0, 0, 1, 1, 2], [0, 1, 0, 1, 1], [1, 1, 0, 1, 0])
    found = a.votes_report(votes, np.array([1, 0, 0, 1, 0]), np.array([1, 0, 1, 1]), "own")
    assert found[:6] == (3, 1, 5, 0, 2, "own")
    assert found.accuracy_from_start == pytest.approx((1 + 2 / 3) / 2)  # p: 2 of 2, q: 2 of 3
    assert found.accuracy_from_ground_truth == pytest.approx((1 + 1 / 3) / 2)
    assert found.plurality_accuracy == pytest.approx(2 / 3)  # a tie goes to the first class, which is right
    assert (found.pairwise_agreement, found.unanimity) == (0.5, 0.5)


def test_without_votes_there_are_no_numbers():
    nothing = np.array([], dtype=int)
    found = a.votes_report(votes_of(nothing, nothing, nothing), nothing, np.array([1, 0, 1, 1]), "shared")
    assert found.votes == 0 and found.silent_annotators == 3
    assert found[6:] == (None,) * 5
