"""Layers of a network, in NumPy or JAX."""

from __future__ import annotations

from typing import Any, Literal

from .outcome import logistic, module_of, softmax

Activation = Literal["identity", "logistic", "tanh", "relu"]


def after_first(activation: Activation, sums: Any, weights: Any, intercepts: Any) -> Any:
    """From the sums of the first layer (..., units) to those of the last, through the others."""
    for own, added in zip(weights, intercepts, strict=True):
        sums = activated(activation, sums) @ own + added
    return sums


def outputs(sums: Any) -> Any:
    """Class probabilities, or that of the second of two, from the sums of the last layer."""
    return logistic(sums) if sums.shape[-1] == 1 else softmax(sums)


def activated(activation: Activation, values: Any) -> Any:
    """Of NumPy's or JAX's arrays, number by number."""
    if activation == "identity":
        return values
    if activation == "logistic":
        return logistic(values)
    array = module_of(values)
    return array.tanh(values) if activation == "tanh" else array.maximum(values, 0)
