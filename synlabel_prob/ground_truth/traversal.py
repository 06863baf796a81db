"""Rows through trees: the sum of the values of the leaves that they reach, with memory in proportion to the rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant

_CHUNK = 4096
_PAIRS = 2**16
_ARRAYS = ("feature", "threshold", "level", "left", "right", "missing_left", "leaf_values")


def sums_of_leaves(trees: Any, features: Any) -> Any:
    """Of features (rows, features): base plus the leaves' values, tree after tree, (rows, outputs).

    `trees` has the fields of `TreesFunction`; sums run in its precision, and are given in double. In NumPy where the
    features are, else in JAX.
    """
    if isinstance(features, np.ndarray):
        chunks = np.array_split(features, -(-len(features) // _CHUNK) or 1)
        return np.concatenate([_in_numpy(trees, chunk) for chunk in chunks])
    return _in_jax(trees, features)


def _in_numpy(trees: Any, features: np.ndarray) -> np.ndarray:
    precision = np.float32 if trees.single else np.float64
    totals, values = np.tile(trees.base, (len(features), 1)).astype(precision), trees.leaf_values.astype(precision)
    asks = (bool(trees.discrete), bool(np.isnan(features).any()))
    cells = np.ascontiguousarray(features).ravel()
    starts = np.arange(0, cells.size, features.shape[1], dtype=np.int64)
    together = max(1, _PAIRS // max(1, len(features)))
    for first in range(0, len(trees.roots), together):
        block = slice(first, first + together)
        found = _leaves(trees, cells, starts, trees.roots[block], *asks)
        for leaves, output in zip(found, trees.output[block].tolist(), strict=True):
            if output < 0:
                totals += values.take(leaves, 0)
            else:
                totals[:, output] += values[leaves, 0]
    return totals.astype(np.float64)


def _leaves(
    trees: Any, cells: np.ndarray, starts: np.ndarray, roots: np.ndarray, levels: bool, missing: bool
) -> np.ndarray:
    """Of these trees, (trees, rows).

    Pairs of a tree and a row that have reached a leaf are put aside, because most are there long before the deepest.
    """
    nodes = np.repeat(roots, len(starts))
    pairs = np.flatnonzero(trees.feature[nodes] >= 0)
    here, own = nodes[pairs], np.tile(starts, len(roots))[pairs]
    while len(pairs):
        values = cells.take(own + trees.feature.take(here))
        to_left = values <= trees.threshold.take(here)
        if levels:
            level = trees.level.take(here)
            to_left = np.where(level < 0, to_left, values != level)
        if missing:
            to_left = np.where(np.isnan(values), trees.missing_left.take(here), to_left)
        here = np.where(to_left, trees.left.take(here), trees.right.take(here))
        nodes[pairs] = here
        inner = trees.feature.take(here) >= 0
        pairs, here, own = pairs[inner], here[inner], own[inner]
    return nodes.reshape(len(roots), -1)


def _in_jax(trees: Any, features: Any) -> Any:
    parts = SimpleNamespace(**{name: constant(getattr(trees, name)) for name in _ARRAYS})
    outputs = np.arange(len(trees.base))
    start, leaf_values = constant(trees.base), parts.leaf_values
    if trees.single:
        start, leaf_values = start.astype(np.float32), leaf_values.astype(np.float32)

    def add(totals: Any, tree: Any) -> Any:
        root, output = tree
        nodes = jnp.full(len(features), root, dtype="int32")
        nodes = jax.lax.fori_loop(0, trees.depth, lambda _, nodes: step(nodes), nodes)
        # A sum with 0 for the outputs of other trees would be the same but for the sign of a zero.
        mine = (output < 0) | (outputs == output)
        return jnp.where(mine, totals + leaf_values[nodes], totals), None

    def step(nodes: Any) -> Any:
        values = jnp.take_along_axis(features, parts.feature[nodes][:, None], 1, mode="clip")[:, 0]
        to_left = values <= parts.threshold[nodes]
        if trees.discrete:
            level = parts.level[nodes]
            to_left = jnp.where(level < 0, to_left, values != level)
        to_left = jnp.where(jnp.isnan(values), parts.missing_left[nodes], to_left)
        return jnp.where(to_left, parts.left[nodes], parts.right[nodes])

    totals = jnp.broadcast_to(start, (len(features), len(outputs)))
    return jax.lax.scan(add, totals, (constant(trees.roots), constant(trees.output)))[0].astype(float)
