"""What is measured of each held-out row, and which way is better."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Measure(NamedTuple):
    """One score of a row.

    Attributes:
        name: in frames.
        words: on axes and in sentences.
        better: whether higher or lower is better; None where neither is.
        of: the model of the hidden features, or the soft labels.
    """

    name: str
    words: str
    better: Literal["higher", "lower"] | None
    of: Literal["features", "labels"]


MEASURES = (
    Measure("log_score", "log score of the hidden features", "higher", "features"),
    Measure("energy_score", "energy score of the hidden features", "lower", "features"),
    Measure("entropy", "entropy of the soft label", None, "labels"),
    Measure("mtvd", "total variation to the ground truth", None, "labels"),
    Measure("plurality_accuracy", "plurality accuracy", "higher", "labels"),
    Measure("label_log_score", "log score of the soft label", "higher", "labels"),
    Measure("brier_score", "Brier score of the soft label", "lower", "labels"),
    Measure("hidden_uncertainty", "uncertainty from the hidden features", None, "labels"),
    Measure("theta_uncertainty", "uncertainty from the parameters", None, "labels"),
    Measure("truth_error", "total variation to the exact soft label", "lower", "labels"),
)
"""All are means over rows; `elpd`, the sum of `log_score`, is said of it in verdicts."""

BY_NAME = {measure.name: measure for measure in MEASURES}
