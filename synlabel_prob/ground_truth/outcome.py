"""From what a read-out estimator works out for a row to its label and its class probabilities."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from pydantic import TypeAdapter

from .._lazy import jax, jnp
from ..descriptions import to_plain
from ..errors import InputError
from .base import no_probabilities
from .decisions import Argmax, Decision
from .rounded import COMPARED, SCORES_APART

Link = Literal["fractions", "softmax", "logistic", "one_against_rest", "none"]
"""How scores become probabilities: they are probabilities, their softmax, the logistic function of each, these divided
by their sum, or not."""

Rule = Literal["largest", "above", "at_or_above", "largest_single_softmax", "largest_softmax", "largest_logistic"]
"""Which class the estimator predicts: of the largest score, or the second of two where the one score is above `cut`;
or of the largest of what rounding makes of scores (`rounded`)."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How scores (..., scores) become a label, as the estimator's own `predict` has it.

    `codes` are the classes that the estimator has seen, in its order; the other declared ones have probability 0 and
    are never predicted.
    """

    link: Link
    rule: Rule
    codes: tuple[int, ...]
    decision: Decision
    classes: tuple
    cut: float = 0.0
    scale: float = 1.0
    """What scores are multiplied by for the logistic function."""

    @property
    def has_probabilities(self) -> bool:
        """Where the estimator has `predict_proba`."""
        return self.link != "none"

    @property
    def is_argmax(self) -> bool:
        """Whether the label is the estimator's prediction."""
        return isinstance(self.decision, Argmax)

    def labels(self, scores: Any) -> Any:
        """Class codes (...)."""
        if not self.is_argmax:
            return self.decision.decide(self.probabilities(scores), self.classes)
        return module_of(scores).asarray(self.codes)[self._predicted(scores)]

    def _predicted(self, scores: Any) -> Any:
        if self.rule == "largest":
            return scores.argmax(-1)
        if self.rule in COMPARED:
            return COMPARED[self.rule](scores, self.scale).argmax(-1)
        one = scores[..., 0]
        return (one > self.cut if self.rule == "above" else one >= self.cut).astype(int)

    def settled(self, lower: Any, upper: Any) -> Any:
        """The code that all scores between two bounds (..., scores) are given, -1 where they may differ; (...)."""
        array = module_of(lower)
        if not self.is_argmax:
            return array.full(lower.shape[:-1], -1)
        if self.rule in ("above", "at_or_above"):
            low, high = self._predicted(lower), self._predicted(upper)
            return array.where(low == high, array.asarray(self.codes)[low], -1)
        lower, upper = self._apart(lower, upper)
        best = lower.argmax(-1)
        leads = lower.max(-1)[..., None] > upper
        others = np.arange(lower.shape[-1]) != best[..., None]
        return array.where((leads | ~others).all(-1), array.asarray(self.codes)[best], -1)

    def _apart(self, lower: Any, upper: Any) -> tuple[Any, Any]:
        """Bounds between which no rounding makes what is compared equal, where the one leads."""
        if self.rule == "largest":
            return lower, upper
        if self.rule == "largest_logistic":
            lower, upper = (COMPARED[self.rule](bound, self.scale) for bound in (lower, upper))
            return lower - 2.0**-50, upper
        return lower - SCORES_APART, upper

    def probabilities(self, scores: Any) -> Any:
        """Class probabilities (..., classes).

        Raises:
            InputError: the estimator has none.
        """
        if not self.has_probabilities:
            raise no_probabilities("an estimator without predict_proba")
        array, found = module_of(scores), _linked(self.link, scores, self.scale)
        if found.shape[-1] == 1:
            found = array.concatenate([1.0 - found, found], -1)
        if self.codes == tuple(range(len(self.classes))):
            return found
        zero = array.zeros_like(found[..., :1])
        columns = [_column(found, self.codes, code, zero) for code in range(len(self.classes))]
        return array.concatenate(columns, -1)

    def values(self) -> dict[str, Any]:
        """Plain values, besides the classes."""
        plain = {"link": self.link, "rule": self.rule, "cut": self.cut, "scale": self.scale}
        return {**plain, "codes": list(self.codes), "decision": to_plain(self.decision)}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> Outcome:
        """From the same values."""
        decision = TypeAdapter(Decision).validate_python(saved["decision"])
        if saved["link"] not in get_args(Link):
            raise InputError(f"the saved function's link is {saved['link']!r}, which is not known.")
        if saved["rule"] not in get_args(Rule):
            raise InputError(f"the saved function's rule is {saved['rule']!r}, which is not known.")
        codes = tuple(saved["codes"])
        numbers = (saved["cut"], saved["scale"])
        return cls(saved["link"], saved["rule"], codes, decision, tuple(saved["classes"]), *numbers)


def _column(found: Any, codes: tuple[int, ...], code: int, zero: Any) -> Any:
    if code not in codes:
        return zero
    place = codes.index(code)
    return found[..., place : place + 1]


def _linked(link: Link, scores: Any, scale: float) -> Any:
    if link == "softmax":
        return softmax(scores)
    if link not in ("logistic", "one_against_rest"):
        return scores
    each = logistic(scores if scale == 1.0 else scale * scores)
    return each if link == "logistic" else each / each.sum(-1, keepdims=True)


def softmax(scores: Any) -> Any:
    """Softmax along the last axis, of NumPy's or JAX's arrays."""
    if not isinstance(scores, np.ndarray):
        return jax.nn.softmax(scores, -1)
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def logistic(scores: Any) -> Any:
    """1 / (1 + exp(-scores)), of NumPy's or JAX's arrays."""
    if not isinstance(scores, np.ndarray):
        return jax.nn.sigmoid(scores)
    raised = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1.0, raised) / (1.0 + raised)


def module_of(values: Any) -> Any:
    """NumPy or JAX's, whichever the array is of."""
    return np if isinstance(values, np.ndarray) else jnp
