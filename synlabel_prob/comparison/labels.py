"""Soft labels of held-out rows, judged by the ground truth's label."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import metrics
from .._lazy import jax
from ..process import FittedProcess
from ..process.models import label_law
from ..randomness import site_key
from ..soft_labels import DEFAULT_DRAWS, Evaluator, Rows, SoftLabels, evaluate


class ClassGap(NamedTuple):
    """The class whose mean soft label is farthest from its frequency, in standard errors.

    `difference` is mean soft label minus frequency.
    """

    place: int
    difference: float
    standard_error: float

    @property
    def in_standard_errors(self) -> float:
        """Absolute; 0 where there is no difference at all."""
        return abs(self.difference) / self.standard_error if self.standard_error > 0 else 0.0


def soft_labels(fitted: FittedProcess, rows: Rows, evaluator: Evaluator, key: Any) -> SoftLabels:
    """Of these rows, by the same random numbers as in `generate`; Monte Carlo, with standard errors."""
    with jax.enable_x64(True):
        law = label_law(fitted)
    return evaluate(law, fitted.prior, rows, evaluator, site_key(key, "soft_label"))


def smoothed(soft: SoftLabels) -> np.ndarray:
    """(N_k + 1/2) / (M + K/2) of N_k among M evaluations, (rows, classes): positive, so that log scores are finite.

    Exact probabilities are smoothed as if M were the default number of draws.
    """
    number = np.where(soft.exact, DEFAULT_DRAWS, soft.evaluations)[:, None]
    return (soft.probabilities * number + 0.5) / (number + soft.probabilities.shape[1] / 2)


def label_scores(soft: SoftLabels, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Of each row, by name: entropy, distance to the label, plurality, log score and Brier score (of the smoothed)."""
    forecast, certain = smoothed(soft), metrics.one_hot(labels, soft.probabilities.shape[1])
    rows = np.arange(len(labels))
    most_likely = soft.probabilities == soft.probabilities.max(1, keepdims=True)
    return {
        "entropy": metrics.entropy(soft.probabilities),
        "mtvd": metrics.total_variation(soft.probabilities, certain),
        "plurality_accuracy": most_likely[rows, labels] / most_likely.sum(1),
        "label_log_score": np.log(forecast[rows, labels]),
        "brier_score": metrics.soft_brier(forecast, certain),
    }


def class_gap(soft: np.ndarray, labels: np.ndarray) -> ClassGap:
    """How far mean soft labels (rows, classes) are from the classes' frequencies, paired by row."""
    differences = soft - metrics.one_hot(labels, soft.shape[1])
    means, errors = differences.mean(0), differences.std(0, ddof=1) / np.sqrt(len(soft))
    ratios = np.abs(means) / np.where(errors > 0, errors, np.inf)
    place = int(ratios.argmax())
    return ClassGap(place, float(means[place]), float(errors[place]))
