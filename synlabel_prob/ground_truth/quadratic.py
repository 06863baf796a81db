"""Quadratic scores of encoded features: what QDA and Gaussian naive Bayes are read out into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..descriptions import constant, fitted, static
from .crossings import crossings_of_parabolas
from .encoding import Encoding
from .outcome import Outcome, module_of
from .scored import ScoredFunction

_ARRAYS = ("log_priors", "offsets", "means", "spreads")


@fitted
class QuadraticFunction(ScoredFunction):
    """score_k = log_priors_k + (offsets_k - q_k / 2), with q_k the squared distance of a row to class k.

    `spreads` are variances (classes, columns), or factors (classes, columns, rank) whose product with x - mean has
    length q_k^(1/2); `means` (classes, columns); `offsets` and `log_priors` (classes,).
    """

    log_priors: np.ndarray
    offsets: np.ndarray
    means: np.ndarray
    spreads: np.ndarray
    encoding: Encoding
    outcome: Outcome = static()
    classes: tuple = static()
    saved_as = "quadratic"

    def scores(self, features: Any) -> Any:
        """Log joint densities, up to a constant, (rows, classes)."""
        arrays = self._arrays(features)
        columns = self.encoding.columns(features)
        terms = zip(*arrays, strict=True)
        scores = [
            log_prior + (offset - 0.5 * _distance(columns - mean, spread)) for log_prior, offset, mean, spread in terms
        ]
        return module_of(features).stack(scores, -1)

    def _arrays(self, features: Any) -> tuple:
        arrays = (self.log_priors, self.offsets, self.means, self.spreads)
        return arrays if isinstance(features, np.ndarray) else tuple(constant(array) for array in arrays)

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """Roots of differences of scores; None for a feature whose levels are asked for, or other decisions."""
        if not self.outcome.is_argmax or self.encoding.is_discrete(place):
            return None
        line, array = self.encoding.line(features, place), module_of(features)
        flat = line.features.reshape(-1, features.shape[-1])
        columns = self.encoding.columns(flat)
        _, _, means, spreads = self._arrays(features)
        terms = list(zip(means, spreads, strict=True))
        slopes = array.stack([-_product(columns - mean, line.slopes, spread) for mean, spread in terms], -1)
        curvatures = array.stack([-0.5 * _distance(line.slopes, spread) for _, spread in terms], -1)
        found = crossings_of_parabolas(self.scores(flat), slopes, curvatures, line.start)
        return found.reshape(*features.shape[:-1], found.shape[-1])

    def values(self) -> dict[str, Any]:
        """The arrays as lists, the encoding, and how scores become labels."""
        arrays = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return {**arrays, "encoding": self.encoding.values(), **self.outcome.values()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> QuadraticFunction:
        """From the same values."""
        arrays = {name: np.array(saved[name], dtype=np.float64) for name in _ARRAYS}
        encoding, outcome = Encoding.restored(saved["encoding"]), Outcome.restored(saved)
        return cls(**arrays, encoding=encoding, outcome=outcome, classes=tuple(saved["classes"]))


def _distance(gaps: Any, spread: Any) -> Any:
    """The square of the length of (..., columns)."""
    if spread.ndim == 1:
        return (gaps**2 / spread).sum(-1)
    return ((gaps @ spread) ** 2).sum(-1)


def _product(gaps: Any, slopes: Any, spread: Any) -> Any:
    """The inner product that goes with it."""
    if spread.ndim == 1:
        return (gaps * slopes / spread).sum(-1)
    return (gaps @ spread) @ (slopes @ spread)
