"""Where the label of a function can change on a straight line between two rows, and the linear pieces it crosses."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from .layers import activated
from .network import NetworkFunction
from .trees import TreesFunction


class Pieces(NamedTuple):
    """A line from t = 0 to t = 1: scores (points, scores) at `knots` (points,), ends included, linear between these."""

    knots: np.ndarray
    scores: np.ndarray

    def crossings(self) -> np.ndarray:
        """Where two scores change places, in no order."""
        found = [np.zeros(0)]
        for first, second in itertools.combinations(range(self.scores.shape[1]), 2):
            found.append(_zeros(self.knots, self.scores[:, first] - self.scores[:, second]))
        return np.concatenate(found)


def pieces(function: Any, starts: np.ndarray, ends: np.ndarray, numbers: tuple[int, ...]) -> list[Pieces] | None:
    """Line by line, of functions whose largest score is the label and is piecewise linear; None of others.

    Those are networks of relu units and functions that state their `lines`. `starts` and `ends` (lines, features)
    differ in the features at `numbers` only.
    """
    if isinstance(function, NetworkFunction):
        if function.activation not in ("relu", "identity") or not function.outcome.is_argmax:
            return None
        return [_of_network(function, start, end) for start, end in zip(starts, ends, strict=True)]
    places = numbers or (0,)
    stated = jax.vmap(lambda start: function.lines(start, places))(jnp.asarray(starts))
    if stated is None:
        return None
    at_zero, slopes = (np.asarray(it) for it in stated)
    scores = [at_zero + np.einsum("lf,lcf->lc", side[:, list(places)], slopes) for side in (starts, ends)]
    return [Pieces(np.array([0.0, 1.0]), own) for own in np.stack(scores, 1)]


def _of_network(network: NetworkFunction, start: np.ndarray, end: np.ndarray) -> Pieces:
    """Layer by layer: sums are linear between the knots so far, and each change of sign is a further knot."""
    knots, inputs = np.array([0.0, 1.0]), network.encoding.columns(np.stack([start, end]))
    layers = list(zip(network.weights, network.intercepts, strict=True))
    for weights, intercepts in layers[:-1]:
        sums = inputs @ weights + intercepts
        if network.activation == "relu":
            further = [_zeros(knots, unit) for unit in sums.T]
            every = np.unique(np.concatenate([knots, *further]))
            sums = np.stack([np.interp(every, knots, unit) for unit in sums.T], 1)
            knots = every
        inputs = activated(network.activation, sums)
    weights, intercepts = layers[-1]
    scores = inputs @ weights + intercepts
    return Pieces(knots, scores if scores.shape[1] > 1 else np.concatenate([0 * scores, scores], 1))


def _zeros(knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where a function that is linear between knots changes its sign."""
    low, high = values[:-1], values[1:]
    here = np.flatnonzero((low > 0) != (high > 0))
    share = low[here] / (low[here] - high[here])
    return knots[here] + share * (knots[here + 1] - knots[here])


def thresholds_crossed(trees: TreesFunction, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The t at which a line from `start` to `end` meets a threshold of one of the trees, in no order."""
    feature = np.repeat(np.arange(len(start)), np.diff(trees.split_starts))
    gap = (end - start)[feature]
    moves = gap != 0
    return (np.asarray(trees.splits)[moves] - start[feature[moves]]) / gap[moves]
