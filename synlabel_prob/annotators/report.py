"""What the votes of a run came to, in numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Codes, PairCodes
from .aggregation import plurality
from .agreement import agreement, annotator_accuracy, votes_a_row
from .annotation import LabelsFrom
from .votes import Votes


class VotesReport(NamedTuple):
    """The votes in numbers; samples, all of them.

    Attributes:
        annotators: how many there are.
        silent_annotators: how many of them gave no vote.
        votes: how many there are.
        fewest_a_row, most_a_row: votes of a row.
        labels_from: whether the votes of a row start from one label (`shared`) or from one each (`own`).
        accuracy_from_start: mean over annotators of the share of their votes that equal the label they start from.
        accuracy_from_ground_truth: the same for the ground truth's label.
        plurality_accuracy: share of the rows with a vote whose plurality is the ground truth's; ties to the lowest.
        pairwise_agreement: mean share of pairs of votes of a row that are equal; None without such pairs.
        unanimity: share of the rows with at least two votes in which all are equal; None without such rows.
    """

    annotators: int
    silent_annotators: int
    votes: int
    fewest_a_row: int
    most_a_row: int
    labels_from: str
    accuracy_from_start: float | None
    accuracy_from_ground_truth: float | None
    plurality_accuracy: float | None
    pairwise_agreement: float | None
    unanimity: float | None


def votes_report(votes: Votes, starts: PairCodes, labels: Codes, labels_from: LabelsFrom) -> VotesReport:
    """The votes against the labels that they start from, `starts (votes,)`, and the ground truth, `labels (rows,)`."""
    each, winners, agreed = votes_a_row(votes), plurality(votes), agreement(votes)
    return VotesReport(
        annotators=len(votes.names),
        silent_annotators=len(votes.names) - len(np.unique(votes.annotators)),
        votes=len(votes),
        fewest_a_row=int(each.min()),
        most_a_row=int(each.max()),
        labels_from=labels_from,
        accuracy_from_start=_mean(annotator_accuracy(votes, starts)),
        accuracy_from_ground_truth=_mean(annotator_accuracy(votes, labels[votes.rows])),
        plurality_accuracy=_mean(np.where(each > 0, winners == labels, np.nan)),
        pairwise_agreement=_mean(np.array([agreed.pairwise])),
        unanimity=_mean(np.array([agreed.unanimity])),
    )


def _mean(values: np.ndarray) -> float | None:
    """Of those that are numbers; None where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
