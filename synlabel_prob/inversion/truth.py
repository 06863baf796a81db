"""How far an inversion is off, where the true labels are known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError
from .record import Inferred
from .summaries import percentages


class Against(NamedTuple):
    """An inversion against the truth.

    Attributes:
        wrong_share: of the observed labels, in truth.
        largest_error: between an inferred mean entry of the transition and the frequency among the rows.
        mean_error: total variation between rows of the two matrices, weighted by how often the class is true.
        covered, entries: how many of the frequencies are inside the 90% interval of their entry; out of how many.
        log_score: mean log probability that the inversion gives the true label of a row.
        ranking: the probability that a wrong label is ranked before a right one (AUROC); NaN where all are alike.
    """

    wrong_share: float
    largest_error: float
    mean_error: float
    covered: int
    entries: int
    log_score: float
    ranking: float

    def sentences(self, found: Inferred) -> tuple[str, ...]:
        """In words."""
        assert found.posterior is not None
        low, high = percentages(found.posterior.wrong_share.lower, found.posterior.wrong_share.upper)
        inside = "inside" if self._is_inside(found) else "outside"
        said = (
            f"The truth is known: {self.wrong_share:.1%} of the labels are wrong, {inside} the interval from {low} to "
            f"{high}.",
            f"Matrix entries are off by at most {self.largest_error:.3f} (rows by {self.mean_error:.3f} in total "
            f"variation); {self.covered} of {self.entries} are inside their 90% interval.",
        )
        if np.isnan(self.ranking):
            return said
        return (*said, f"A wrong label is ranked before a right one with probability {self.ranking:.3f}.")

    def _is_inside(self, found: Inferred) -> bool:
        assert found.posterior is not None
        return found.posterior.wrong_share.lower <= self.wrong_share <= found.posterior.wrong_share.upper


def against_truth(found: Inferred, true_labels: Any) -> Against:
    """Compare with the true labels (rows,), codes; for one observed hard label a row.

    Raises:
        InputError: there is no posterior, or no hard labels, or the true ones have another shape.
    """
    posterior, observed = found.posterior, found.observed
    truth = np.asarray(true_labels)
    if posterior is None or observed.hard_labels is None or truth.shape != observed.hard_labels.shape:
        raise InputError("`true_labels` must be one code for each observed hard label, of noise that is identified.")
    size = len(observed.classes)
    counts = np.zeros((size, size))
    np.add.at(counts, (truth, observed.hard_labels), 1)
    seen = counts.sum(1) > 0
    real = counts[seen] / counts[seen].sum(1, keepdims=True)
    mean, lower, upper = (posterior.transition[name].to_numpy().reshape(size, size)[seen] for name in _NUMBERS)
    wrong = truth != observed.hard_labels
    law = posterior.rows[[f"probability[{name}]" for name in observed.classes]].to_numpy()
    weights = counts.sum(1)[seen] / counts.sum()
    return Against(
        wrong_share=float(wrong.mean()),
        largest_error=float(np.abs(mean - real).max()),
        mean_error=float(weights @ np.abs(mean - real).sum(1) / 2),
        covered=int(((lower <= real) & (real <= upper)).sum()),
        entries=real.size,
        log_score=float(np.log(np.maximum(law[np.arange(len(truth)), truth], 1e-300)).mean()),
        ranking=ranking(posterior.rows["wrong_probability"].to_numpy(), wrong),
    )


_NUMBERS = ("mean", "lower", "upper")


def ranking(scores: np.ndarray, positive: np.ndarray) -> float:
    """The probability that a positive scores higher than a negative, ties halved; NaN where one kind is missing."""
    number = int(positive.sum())
    if number in (0, len(positive)):
        return float("nan")
    ranks = pd.Series(scores).rank().to_numpy()
    return float((ranks[positive].sum() - number * (number + 1) / 2) / (number * (len(positive) - number)))
