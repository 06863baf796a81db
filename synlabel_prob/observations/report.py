"""What is observed of the labels of a run, in numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import SetArray, SoftLabelArray


class ObservationReport(NamedTuple):
    """The observed sets in numbers.

    Attributes:
        kind: of the observation.
        observed: share of rows whose set has one class; a sample.
        missing: share of rows whose set has all classes; a sample.
        mean_size: mean number of classes in a set; a sample.
        ambiguity: the largest probability, over rows and their possible labels, that some one wrong class comes along;
            below 1 all labels can be learned (Cour et al., 2011); exact given the soft labels.
    """

    kind: str
    observed: float
    missing: float
    mean_size: float
    ambiguity: float


def observation_report(kind: str, sets: SetArray, inclusion: Any, soft_labels: SoftLabelArray) -> ObservationReport:
    """`inclusion` is P(z in S | y), (classes, classes) or one a row; `soft_labels` are those after noise."""
    size = sets.sum(1)
    return ObservationReport(
        kind=kind,
        observed=float((size == 1).mean()),
        missing=float(sets.all(1).mean()),
        mean_size=float(size.mean()),
        ambiguity=ambiguity(inclusion, soft_labels),
    )


def ambiguity(inclusion: Any, soft_labels: SoftLabelArray) -> float:
    """The largest P(z in S | y) of a wrong class z and a label y that its row can have; exact."""
    wrong = np.where(np.eye(soft_labels.shape[1], dtype=bool), 0.0, np.asarray(inclusion)).max(-1)
    return float(np.where(np.asarray(soft_labels) > 0, wrong, 0.0).max())
