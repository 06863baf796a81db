"""Rows through trees: the sum of the values of the leaves that they reach, with memory in proportion to the rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant

_CHUNK = 4096


def sums_of_leaves(trees: Any, features: Any) -> Any:
    """Of features (rows, features): base plus the leaves' values, tree after tree in float64, (rows, outputs).

    `trees` has the fields of `TreesFunction`. In NumPy where the features are, else in JAX.
    """
    if isinstance(features, np.ndarray):
        chunks = np.array_split(features, -(-len(features) // _CHUNK) or 1)
        return np.concatenate([_in_numpy(trees, chunk) for chunk in chunks])
    return _in_jax(trees, features)


def _in_numpy(trees: Any, features: np.ndarray) -> np.ndarray:
    totals = np.tile(trees.base, (len(features), 1))
    rows = np.arange(len(features))
    for root, output in zip(trees.roots, trees.output, strict=True):
        nodes = np.full(len(features), root, dtype=np.int32)
        for _ in range(trees.depth):
            values = features[rows, trees.feature[nodes]]
            nodes = _next(trees, nodes, values, np)
        if output < 0:
            totals += trees.leaf_values[nodes]
        else:
            totals[:, output] += trees.leaf_values[nodes, 0]
    return totals


def _in_jax(trees: Any, features: Any) -> Any:
    parts = _Arrays(trees)
    outputs = np.arange(len(trees.base))

    def add(totals: Any, tree: Any) -> Any:
        root, output = tree
        nodes = jnp.full(len(features), root, dtype="int32")
        nodes = jax.lax.fori_loop(0, trees.depth, lambda _, nodes: step(nodes), nodes)
        # A sum with 0 for the outputs of other trees would be the same but for the sign of a zero.
        mine = (output < 0) | (outputs == output)
        return jnp.where(mine, totals + parts.leaf_values[nodes], totals), None

    def step(nodes: Any) -> Any:
        found = jnp.take_along_axis(features, parts.feature[nodes][:, None], 1, mode="clip")[:, 0]
        return _next(parts, nodes, found, jnp)

    totals = jnp.broadcast_to(constant(trees.base), (len(features), len(outputs)))
    return jax.lax.scan(add, totals, (constant(trees.roots), constant(trees.output)))[0]


class _Arrays:
    """The trees' arrays inside a traced function."""

    def __init__(self, trees: Any) -> None:
        for name in ("feature", "threshold", "level", "left", "right", "missing_left", "leaf_values"):
            setattr(self, name, constant(getattr(trees, name)))


def _next(trees: Any, nodes: Any, values: Any, array: Any) -> Any:
    """One step down; leaves lead to themselves."""
    level = trees.level[nodes]
    to_left = array.where(level < 0, values <= trees.threshold[nodes], values != level)
    to_left = array.where(array.isnan(values), trees.missing_left[nodes], to_left)
    return array.where(to_left, trees.left[nodes], trees.right[nodes])
