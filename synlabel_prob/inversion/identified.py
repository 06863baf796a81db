"""What the observations cannot tell apart, said before anything is sampled."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from .gathering import varying
from .observed import Observed

Level = Literal["identified", "weak", "not_identified"]

GOOD_ANCHOR, LIKELY = 0.9, 0.5
ROWS_A_DIRECTION = 10
ROWS_A_WEIGHT = 10
VOTES_A_CLASS = 5
LEAST_ANNOTATORS = 3
_CERTAIN, _NO_DIRECTION = 1e-9, 1e-6


@dataclasses.dataclass(frozen=True, eq=False)
class Identifiability:
    """Whether the observations determine the noise; printed, it is its sentences.

    Attributes:
        level: `identified`; `weak`, where intervals will be wide or rest on the prior; `not_identified`, where no
            matrix is reported.
        sentences: why, and what would make it so.
        anchors: (classes,) the largest known probability of each class in any row; None where no law is known.
        told: (annotators,) whose transition can be told, one value where there are no annotators.
    """

    level: Level
    sentences: tuple[str, ...]
    told: np.ndarray
    anchors: np.ndarray | None = None

    def __str__(self) -> str:
        """The level in words, and the sentences, a line each."""
        return "\n".join([_LEVELS[self.level], *(f"- {sentence}" for sentence in self.sentences)])


_LEVELS = {
    "identified": "The noise is identified.",
    "weak": "The noise is weakly identified.",
    "not_identified": "The noise is not identified.",
}


class _Findings:
    """Sentences, and the lowest level that one of them means."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.level: Level = "identified"

    def note(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def weak(self, sentence: str) -> None:
        self.sentences.append(sentence)
        if self.level == "identified":
            self.level = "weak"

    def unidentified(self, sentence: str) -> None:
        self.sentences.insert(0, sentence)
        self.level = "not_identified"


def identifiability(observed: Observed) -> Identifiability:
    """What the observations can tell of the noise, before sampling; a check of necessary conditions, not a proof.

    Sources: Scott (2015) and Liu & Tao (2016) for anchors; Kruskal (1977) and Liu, Cheng & Zhang (arXiv 2202.02016)
    for three independent labels, and for noise that varies from row to row.
    """
    findings, anchors = _Findings(), None
    told = np.ones(1 if observed.votes is None else len(observed.annotators), dtype=bool)
    features = None if observed.features is None else observed.features[:, varying(observed.features)]
    if observed.soft_labels is not None:
        anchors = observed.soft_labels.max(0)
        told = _known(observed, anchors, findings, told)
    elif features is not None and features.size:
        _classifier(observed, features, findings)
    elif observed.votes is None:
        _labels_alone(observed, findings)
    else:
        told = _votes_alone(observed, findings)
    if observed.votes is not None:
        _annotators(observed, findings)
    _general(observed, findings)
    return Identifiability(findings.level, tuple(findings.sentences), told, anchors)


def _known(observed: Observed, anchors: np.ndarray, findings: _Findings, told: np.ndarray) -> np.ndarray:
    """Known soft labels: q T is seen, which determines T where the rows of q span all classes."""
    present = anchors > _CERTAIN
    law = observed.soft_labels[:, present]
    weakest = float(np.linalg.svd(law, compute_uv=False)[-1] ** 2) if len(law) >= law.shape[1] else 0.0
    if weakest < _NO_DIRECTION and observed.votes is not None:
        return _votes_alone(observed, findings)
    if weakest < _NO_DIRECTION:
        alike = np.ptp(observed.soft_labels, axis=0).max() < _NO_DIRECTION
        why = "are the same in every row" if alike else "vary in fewer directions than there are classes"
        findings.unidentified(
            f"The soft labels {why}, so that the labels tell their own frequencies and no more: many transitions give "
            "the same. Soft labels that differ between rows, one likely row for each class at best, would tell."
        )
        return told
    if observed.votes is None and weakest < ROWS_A_DIRECTION:
        findings.weak(
            f"The soft labels are so alike that all {observed.num_rows:,} rows tell some mixture of classes no better "
            f"than {weakest:.1f} rows of certain class would."
        )
    for code in np.flatnonzero(~present):
        findings.weak(
            f"No soft label gives class {_name(observed, code)} any probability: its row of the matrix is the prior."
        )
    for code in np.flatnonzero(present & (anchors < GOOD_ANCHOR)):
        likely = "" if anchors[code] >= LIKELY else ": it is not the likelier one in any row"
        findings.weak(
            f"The largest probability of class {_name(observed, code)} in any row is {anchors[code]:.2f}{likely}; its "
            f"row of the matrix would be told well by rows of at least {GOOD_ANCHOR:g}."
        )
    return told


def _classifier(observed: Observed, features: np.ndarray, findings: _Findings) -> None:
    """Features: q is learned with T, which a parametric form alone keeps apart."""
    findings.note(
        "The matrix is told apart from the classes by an assumption: class probabilities are a softmax of linear "
        "functions of the features, which come as close to 0 and 1 as one likes far out (asymptotic anchors). Where "
        "the true ones are curved, what the line misses is taken for noise."
    )
    weights = (features.shape[1] + 1) * (len(observed.classes) - 1)
    if observed.num_rows < ROWS_A_WEIGHT * weights:
        findings.weak(
            f"{observed.num_rows:,} rows are few for {weights:,} weights of the classifier: the prior of the weights "
            f"decides much. {ROWS_A_WEIGHT} rows a weight would do, or fewer features."
        )


def _labels_alone(observed: Observed, findings: _Findings) -> None:
    what = "one label a row" if observed.hard_labels is not None else "one soft label a row"
    constant = " (those given are constant)" if observed.features is not None else ""
    findings.unidentified(
        f"From {what} alone nothing can be said of the noise: any class frequencies and any matrix that lead to the "
        f"frequencies seen fit alike. Give features{constant}, soft labels of the true class, or labels of at least "
        f"{LEAST_ANNOTATORS} annotators."
    )


def _votes_alone(observed: Observed, findings: _Findings) -> np.ndarray:
    """Whose transition can be told without a law of the rows: of annotators joined with two others by shared rows."""
    groups = connected(observed)
    sizes = np.bincount(groups)
    told = sizes[groups] >= LEAST_ANNOTATORS
    if not told.any():
        number = len(observed.annotators)
        how = (
            f"There {'is' if number == 1 else 'are'} only {number} annotator{'s' if number > 1 else ''}"
            if number < LEAST_ANNOTATORS
            else f"Of {number} annotators no {LEAST_ANNOTATORS} are joined by rows that they share"
        )
        findings.unidentified(
            f"{how}: without features or soft labels, votes tell nothing unless at least {LEAST_ANNOTATORS} annotators "
            "label the same rows, independently of each other."
        )
        return told
    if not told.all():
        names = [observed.annotators[place] for place in np.flatnonzero(~told)]
        findings.weak(
            f"{_some(names)} {'shares' if len(names) == 1 else 'share'} no rows with enough others: "
            "no matrix is reported for them."
        )
    if len(np.unique(groups[told])) > 1:
        findings.weak(
            f"Annotators fall into {len(np.unique(groups[told]))} groups without a row in common; they are compared "
            "only through the frequencies of the classes."
        )
    votes = observed.votes
    by_row = np.bincount(np.unique(np.stack([votes.row, votes.annotator]), axis=1)[0], minlength=observed.num_rows)
    enough = int((by_row >= LEAST_ANNOTATORS).sum())
    if enough < ROWS_A_DIRECTION * len(observed.classes):
        findings.weak(
            f"Only {enough:,} rows have votes of {LEAST_ANNOTATORS} annotators or more, which is what tells errors "
            "from classes."
        )
    return told


def connected(observed: Observed) -> np.ndarray:
    """(annotators,) a number for each group of annotators that rows with votes of several of them join."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    votes, number = observed.votes, len(observed.annotators)
    size = number + observed.num_rows
    edges = (np.ones(len(votes.row)), (votes.annotator, number + votes.row))
    labels = connected_components(coo_array(edges, shape=(size, size)), directed=False)[1][:number]
    return np.unique(labels, return_inverse=True)[1]


def _annotators(observed: Observed, findings: _Findings) -> None:
    number = np.bincount(observed.votes.annotator, minlength=len(observed.annotators))
    few = np.flatnonzero(number < VOTES_A_CLASS * len(observed.classes))
    if len(few):
        names = [observed.annotators[place] for place in few]
        findings.note(
            f"{_some(names)} gave fewer than {VOTES_A_CLASS} votes for each class: their matrices are mostly the prior."
        )
    findings.note("Errors of different annotators on one row are taken as independent given its true class.")


def _general(observed: Observed, findings: _Findings) -> None:
    unseen = np.flatnonzero(observed.counts().sum(0) == 0)
    if len(unseen) >= len(observed.classes) - 1:
        findings.unidentified(
            "All observed labels are the same, which any frequency of the other classes and any matrix can explain."
        )
    else:
        for code in unseen:
            findings.weak(f"Class {_name(observed, code)} was never observed: whether it occurs is left to the prior.")
    if findings.level == "not_identified":
        return
    rule = "e0 + e1 < 1, for error rates e0 and e1" if len(observed.classes) == 2 else "T_ii >= T_ij for all j"
    findings.note(f"That classes keep their names is an assumption: the true class is the likeliest label ({rule}).")
    if observed.votes is None:
        findings.note(
            "One matrix is taken to hold for all rows: noise that varies from row to row cannot be told from one label "
            "a row."
        )


def _name(observed: Observed, code: Any) -> str:
    return repr(observed.classes[code])


def _some(names: list) -> str:
    """Names of annotators as the subject of a sentence."""
    shown = ", ".join(repr(name) for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{'Annotator' if len(names) == 1 else 'Annotators'} {shown}"
