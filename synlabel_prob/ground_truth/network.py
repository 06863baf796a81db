"""Networks of fully connected layers on encoded features: what a multi-layer perceptron is read out into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..descriptions import constant, fitted, static
from ..errors import InputError
from .encoding import Encoding
from .kinks import crossings_between_kinks
from .layers import Activation, after_first, outputs
from .network_draws import NetworkDraws, network_draws
from .outcome import Outcome, module_of
from .scored import ScoredFunction

_ROWS = 2048


@fitted
class NetworkFunction(ScoredFunction):
    """Layer after layer x @ weights + intercepts, `activation` between them, probabilities at the end.

    `weights` (inputs, units) and `intercepts` (units,), one of each a layer; one output for two classes.
    """

    weights: tuple[np.ndarray, ...]
    intercepts: tuple[np.ndarray, ...]
    encoding: Encoding
    activation: Activation = static()
    outcome: Outcome = static()
    classes: tuple = static()
    saved_as = "network"

    def scores(self, features: Any) -> Any:
        """The outputs (rows, outputs): class probabilities, or that of the second of two."""
        return outputs(self.last_sums(features))

    def last_sums(self, features: Any) -> Any:
        """The sums of the last layer (rows, outputs), of which the outputs are the softmax or the logistic function."""
        if not isinstance(features, np.ndarray):
            return self._last_sums(features, *(tuple(map(constant, it)) for it in (self.weights, self.intercepts)))
        # In pieces whose sums stay in the cache, which takes half the time.
        pieces = np.array_split(features, -(-len(features) // _ROWS) or 1)
        return np.concatenate([self._last_sums(piece, self.weights, self.intercepts) for piece in pieces])

    def _last_sums(self, features: Any, weights: tuple, intercepts: tuple) -> Any:
        first = self.encoding.columns(features) @ weights[0] + intercepts[0]
        return after_first(self.activation, first, weights[1:], intercepts[1:])

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """With one layer of rectified units; None for other networks, features that are levels, other decisions."""
        one_layer = len(self.weights) == 2 and self.activation == "relu"
        if not one_layer or not self.outcome.is_argmax or self.encoding.is_discrete(place):
            return None
        line = self.encoding.line(features, place)
        host = isinstance(features, np.ndarray)
        (first, last), (added, offsets) = (
            parts if host else tuple(constant(part) for part in parts) for parts in (self.weights, self.intercepts)
        )
        sums = self.encoding.columns(line.features) @ first + added
        return crossings_between_kinks(sums, line.slopes @ first, _two(last), _two(offsets), line.start)

    def at_draws(self, hidden: tuple[int, ...], observed: tuple[int, ...]) -> NetworkDraws | None:
        """With the observed features' part of the first layer worked out once a row."""
        parts = (self.weights, self.intercepts, self.encoding)
        return network_draws(*parts, self.activation, self.outcome, hidden, observed)

    def values(self) -> dict[str, Any]:
        """Weights, intercepts, the activation, the encoding, and how outputs become labels."""
        arrays = {name: [it.tolist() for it in getattr(self, name)] for name in ("weights", "intercepts")}
        own = {**arrays, "activation": self.activation, "encoding": self.encoding.values()}
        return {**own, **self.outcome.values()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> NetworkFunction:
        """From the same values.

        Raises:
            InputError: the activation is not known.
        """
        if saved["activation"] not in ("identity", "logistic", "tanh", "relu"):
            raise InputError(f"the saved function's activation is {saved['activation']!r}, which is not known.")
        weights, intercepts = (
            tuple(np.array(it, dtype=np.float64) for it in saved[name]) for name in ("weights", "intercepts")
        )
        parts = (Encoding.restored(saved["encoding"]), saved["activation"], Outcome.restored(saved))
        return cls(weights, intercepts, *parts, tuple(saved["classes"]))


def _two(one: Any) -> Any:
    """The score of the second of two classes as those of both."""
    return module_of(one).concatenate([0 * one, one], -1) if one.shape[-1] == 1 else one
