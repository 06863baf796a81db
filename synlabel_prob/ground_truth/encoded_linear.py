"""Linear scores of encoded features: what logistic regression, linear SVC and LDA are read out into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._lazy import jnp
from ..descriptions import constant, fitted, static
from .crossings import crossings_of_lines
from .encoding import Encoding
from .outcome import Outcome, module_of
from .scored import ScoredFunction


@fitted
class EncodedLinearFunction(ScoredFunction):
    """scores = columns @ weights.T + intercepts, in the estimator's order of arithmetic.

    `weights` (scores, columns) and `intercepts` (scores,): one score where the estimator has one for two classes.
    Scores are not folded into ones of raw features, which would round otherwise.
    """

    weights: np.ndarray
    intercepts: np.ndarray
    encoding: Encoding
    num_features: int = static()
    outcome: Outcome = static()
    classes: tuple = static()
    saved_as = "encoded_linear"

    def scores(self, features: Any) -> Any:
        """Linear scores (rows, scores)."""
        host = isinstance(features, np.ndarray)
        weights, intercepts = (it if host else constant(it) for it in (self.weights, self.intercepts))
        return self.encoding.columns(features) @ weights.T + intercepts

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """Where the scores of two classes cross; None for a feature whose levels are asked for, or other decisions."""
        if not self.outcome.is_argmax or self.encoding.is_discrete(place):
            return None
        line = self.encoding.line(features, place)
        rates = line.slopes @ (self.weights if isinstance(features, np.ndarray) else constant(self.weights)).T
        values = self.scores(line.features.reshape(-1, features.shape[-1]))
        values = values.reshape(*features.shape[:-1], values.shape[-1])
        if len(self.weights) == 1:
            values, rates = _two_classes(values), _two_classes(rates)
        return crossings_of_lines(values, rates, line.start)

    def linear_scores(self) -> tuple[Any, Any] | None:
        """On the raw features; None where a column asks for a level, or for other decisions."""
        if not self.outcome.is_argmax or self.encoding.has_levels():
            return None
        slopes, offsets = self.encoding.affine()
        array = module_of(self.weights)
        weights, intercepts = self.weights * slopes, self.intercepts + self.weights @ offsets
        if len(weights) == 1:
            weights, intercepts = (array.concatenate([0 * it, it]) for it in (weights, intercepts))
        every = array.stack(
            [weights[:, list(self.encoding.columns_of(place))].sum(1) for place in range(self.num_features)], 1
        )
        order = [
            self.outcome.codes.index(code) if code in self.outcome.codes else -1 for code in range(len(self.classes))
        ]
        seen = np.array(order) >= 0
        return array.where(seen[:, None], every[order], 0.0), array.where(seen, intercepts[order], -np.inf)

    def lines(self, features: Any, places: tuple[int, ...]) -> tuple[Any, Any] | None:
        """None where a column asks for a level of these features, or for other decisions."""
        if not self.outcome.is_argmax or any(self.encoding.is_discrete(place) for place in places):
            return None
        rates = constant(self.weights) * self.encoding.affine()[0]
        own = [rates[:, np.array(self.encoding.columns_of(place), dtype=int)].sum(1) for place in places]
        start = jnp.asarray(features).at[np.array(places)].set(0.0)
        values, slopes = self.scores(start[None])[0], jnp.stack(own, 1)
        if len(self.weights) == 1:
            values, slopes = (jnp.concatenate([0 * it, it]) for it in (values - self.outcome.cut, slopes))
        codes, classes = np.array(self.outcome.codes), len(self.classes)
        every = jnp.full(classes, -1e300, values.dtype).at[codes].set(values)
        return every, jnp.zeros((classes, len(places)), slopes.dtype).at[codes].set(slopes)

    def values(self) -> dict[str, Any]:
        """Weights, intercepts, the encoding, and how scores become labels."""
        own = {"weights": self.weights.tolist(), "intercepts": self.intercepts.tolist(), "features": self.num_features}
        return {**own, "encoding": self.encoding.values(), **self.outcome.values()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> EncodedLinearFunction:
        """From the same values."""
        weights, intercepts = (np.array(saved[name], dtype=np.float64) for name in ("weights", "intercepts"))
        parts = (Encoding.restored(saved["encoding"]), saved["features"], Outcome.restored(saved))
        return cls(weights, intercepts, *parts, tuple(saved["classes"]))


def _two_classes(scores: Any) -> Any:
    """The one score of two classes as two."""
    return module_of(scores).concatenate([0 * scores, scores], -1)
