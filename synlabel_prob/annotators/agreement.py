"""How right annotators are and how much they agree; exact functions of the votes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Codes, PairCodes
from .aggregation import vote_counts
from .votes import Votes


class Agreement(NamedTuple):
    """Of rows with at least two votes; NaN where there are none.

    Attributes:
        pairwise: mean over these rows of the share of pairs of votes that are equal.
        unanimity: share of these rows in which all votes are equal.
    """

    pairwise: float
    unanimity: float


def agreement(votes: Votes) -> Agreement:
    """Agreement of the votes of a row with each other."""
    counts = vote_counts(votes)
    total = counts.sum(1)
    counts, total = counts[total > 1], total[total > 1]
    if not len(total):
        return Agreement(np.nan, np.nan)
    equal = (counts * (counts - 1)).sum(1) / (total * (total - 1))
    return Agreement(float(equal.mean()), float((counts.max(1) == total).mean()))


def annotator_accuracy(votes: Votes, labels: PairCodes) -> np.ndarray:
    """Share of each annotator's votes that equal `labels (votes,)`, (annotators,); NaN for one without a vote."""
    number = np.bincount(votes.annotators, minlength=len(votes.names))
    right = np.bincount(votes.annotators, weights=votes.labels == labels, minlength=len(votes.names))
    return np.where(number > 0, right / np.maximum(number, 1), np.nan)


def votes_a_row(votes: Votes) -> Codes:
    """How many votes each row has, (rows,)."""
    return np.bincount(votes.rows, minlength=len(votes.row_ids))
