"""Many draws of some inputs of a network: what the others add to its first layer is worked out once a row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._lazy import jnp
from ..descriptions import fitted, static
from ..devices import each
from .encoding import Encoding
from .layers import Activation, after_first, outputs
from .outcome import Outcome

_POINTS = 2**9
"""Layers of so many points stay in a processor's cache."""


@fitted
class NetworkDraws:
    """The first layer in two parts, those of observed and of hidden features, then the other layers.

    Labels are the network's; where scores tie up to rounding they may differ, because sums are added in another order.
    """

    observed_encoding: Encoding
    hidden_encoding: Encoding
    observed_weights: Any
    hidden_weights: Any
    first_intercepts: Any
    weights: tuple[Any, ...]
    intercepts: tuple[Any, ...]
    activation: Activation = static()
    outcome: Outcome = static()

    def labels(self, observed: Any, hidden: Any) -> Any:
        """Class codes (rows, ...) from observed (rows, observed) and hidden (rows, ..., hidden)."""
        rows, number = hidden.shape[0], math.prod(hidden.shape[1:-1])
        base = self.observed_encoding.columns(jnp.asarray(observed)) @ self.observed_weights + self.first_intercepts
        # A row of more points than a block holds counts as several.
        times = number // _POINTS if number > _POINTS and number % _POINTS == 0 else 1
        points = jnp.asarray(hidden).reshape(rows * times, -1, hidden.shape[-1])
        together = max(1, _POINTS // max(1, points.shape[1]))
        parts, widest = (jnp.repeat(base, times, 0), points), max(weights.shape[1] for weights in self.weights)
        found = each(self._of_row, parts, points.shape[1] * max(widest, base.shape[1]), together)
        return found.reshape(hidden.shape[:-1])

    def settled(self, observed: Any) -> Any:
        """None is known, (rows,)."""
        return jnp.full(len(observed), -1)

    def _of_row(self, parts: tuple[Any, Any]) -> Any:
        """Of one row, from its part of the first layer (units,) and points (draws, hidden), (draws,)."""
        base, points = parts
        first = self.hidden_encoding.columns(points) @ self.hidden_weights + base
        sums = after_first(self.activation, first, self.weights, self.intercepts)
        # The largest sum has the largest softmax, which costs as much as a layer.
        as_they_are = self.outcome.is_argmax and self.outcome.rule == "largest"
        return self.outcome.labels(sums if as_they_are else outputs(sums))


def network_draws(
    weights: tuple[np.ndarray, ...],
    intercepts: tuple[np.ndarray, ...],
    encoding: Encoding,
    activation: Activation,
    outcome: Outcome,
    hidden: tuple[int, ...],
    observed: tuple[int, ...],
) -> NetworkDraws | None:
    """A network with its first layer taken apart; None where it has no second one, or nothing is hidden."""
    if len(weights) < 2 or not hidden:
        return None
    (seen, seen_weights), (drawn, drawn_weights) = (
        _columns(encoding, weights[0], places) for places in (observed, hidden)
    )
    first = (seen, drawn, seen_weights, drawn_weights, intercepts[0])
    return NetworkDraws(*first, tuple(weights[1:]), tuple(intercepts[1:]), activation, outcome)


def _columns(encoding: Encoding, weights: np.ndarray, places: tuple[int, ...]) -> tuple[Encoding, np.ndarray]:
    """The columns that are made of features at these places, and their weights (columns, units)."""
    kept = [column for column, place in enumerate(encoding.places) if place in places]
    moved = tuple(places.index(encoding.places[column]) for column in kept)
    levels = tuple(encoding.levels[column] for column in kept)
    return Encoding(np.asarray(encoding.steps)[:, :, kept], moved, levels), np.asarray(weights)[kept]
