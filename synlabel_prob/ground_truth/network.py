"""Networks of fully connected layers on encoded features: what a multi-layer perceptron is read out into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from ..descriptions import constant, fitted, static
from ..errors import InputError
from .encoding import Encoding
from .outcome import Outcome, logistic, module_of, softmax
from .scored import ScoredFunction

Activation = Literal["identity", "logistic", "tanh", "relu"]


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
        found = self.last_sums(features)
        return logistic(found) if found.shape[-1] == 1 else softmax(found)

    def last_sums(self, features: Any) -> Any:
        """The sums of the last layer (rows, outputs), of which the outputs are the softmax or the logistic function."""
        host = isinstance(features, np.ndarray)
        found = self.encoding.columns(features)
        for layer, parts in enumerate(zip(self.weights, self.intercepts, strict=True)):
            weights, intercepts = parts if host else map(constant, parts)
            found = (found if layer == 0 else activated(self.activation, found)) @ weights + intercepts
        return found

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


def activated(activation: Activation, values: Any) -> Any:
    """Of NumPy's or JAX's arrays, number by number."""
    if activation == "identity":
        return values
    if activation == "logistic":
        return logistic(values)
    array = module_of(values)
    return array.tanh(values) if activation == "tanh" else array.maximum(values, 0)
