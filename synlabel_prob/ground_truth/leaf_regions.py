"""The region of each leaf: an interval of every number, by the places of the thresholds, and a set of levels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Leaves(NamedTuple):
    """The leaves of all trees, tree after tree.

    Interval i of a feature with edges e is (e[i - 1], e[i]], the first and the last one without end.

    Attributes:
        edges: of each feature, sorted; of one with levels their codes, so that interval i holds code i alone.
        nodes: (leaves,) which node it is.
        trees: (leaves,) of which tree.
        first: (leaves, features) the first interval that reaches it, of numbers.
        last: the last one.
        levels: (leaves, codes) which codes reach it, of the features with levels one after another; the last one of a
            feature stands for all codes that no tree asks for.
        level_starts: feature with levels to the first of its codes.
    """

    edges: tuple[np.ndarray, ...]
    nodes: np.ndarray
    trees: np.ndarray
    first: np.ndarray
    last: np.ndarray
    levels: np.ndarray
    level_starts: dict[int, int]

    def reached(self, feature: int, intervals: np.ndarray) -> np.ndarray:
        """Which of these intervals of a feature reach each leaf, (intervals, leaves)."""
        inside = (self.first[:, feature] <= intervals[:, None]) & (intervals[:, None] <= self.last[:, feature])
        if feature in self.level_starts:
            inside &= self.levels[:, self.level_starts[feature] + intervals].T
        return inside


def leaves_of(trees: Any) -> Leaves:
    """The leaves of `trees`, which has the fields of `TreesFunction`."""
    edges, starts, codes = _edges(trees)
    features = len(edges)
    own = _Open(
        np.asarray(trees.roots),
        np.arange(len(trees.roots)),
        np.zeros((len(trees.roots), features), dtype=np.int32),
        np.tile(np.array([len(edge) for edge in edges], dtype=np.int32), (len(trees.roots), 1)),
        np.ones((len(trees.roots), codes), dtype=bool),
    )
    done = []
    while len(own.nodes):
        is_leaf = trees.feature[own.nodes] < 0
        done.append(own.take(is_leaf))
        own = _children(trees, own.take(~is_leaf), edges, starts)
    every = _Open(*(np.concatenate(parts) for parts in zip(*done, strict=True)))
    every = every.take(np.argsort(every.trees, kind="stable"))
    return Leaves(edges, *every, level_starts=starts)


class _Open(NamedTuple):
    """Nodes that are reached, and by what; see `Leaves`."""

    nodes: np.ndarray
    trees: np.ndarray
    first: np.ndarray
    last: np.ndarray
    levels: np.ndarray

    def take(self, places: np.ndarray) -> _Open:
        return _Open(*(part[places] for part in self))


def _edges(trees: Any) -> tuple[tuple[np.ndarray, ...], dict[int, int], int]:
    """The edges of each feature, where the codes of those with levels start, and how many codes there are."""
    edges, starts, codes = [], {}, 0
    for place in range(len(trees.split_starts) - 1):
        splits = trees.splits[trees.split_starts[place] : trees.split_starts[place + 1]]
        if place in trees.discrete:
            highest = max(trees.level[trees.feature == place].max(), np.ceil(splits).max(initial=0.0))
            starts[place], splits = codes, np.arange(highest + 1.0)
            codes += len(splits) + 1
        edges.append(splits)
    return tuple(edges), starts, codes


def _children(trees: Any, own: _Open, edges: tuple[np.ndarray, ...], starts: dict[int, int]) -> _Open:
    """One step down from inner nodes, to the left and to the right."""
    feature, level = trees.feature[own.nodes], trees.level[own.nodes]
    rows = np.arange(len(own.nodes))
    last, first = own.last.copy(), own.first.copy()
    to_left, to_right = own.levels.copy(), own.levels.copy()
    for place in np.unique(feature):
        here = rows[feature == place]
        compares, asks = here[level[here] < 0], here[level[here] >= 0]
        threshold = trees.threshold[own.nodes[compares]]
        # Every value goes left of an infinite threshold, which is no edge; those above the last edge too.
        cut = np.searchsorted(edges[place], threshold, side="right") - (threshold < np.inf)
        last[compares, place] = np.minimum(last[compares, place], cut)
        first[compares, place] = np.maximum(first[compares, place], cut + 1)
        if len(asks):
            codes = np.arange(len(edges[place]) + 1)
            same = codes == level[asks][:, None]
            block = np.s_[asks[:, None], starts[place] + codes]
            to_left[block] &= ~same
            to_right[block] &= same
    left = _Open(trees.left[own.nodes], own.trees, own.first, last, to_left)
    right = _Open(trees.right[own.nodes], own.trees, first, own.last, to_right)
    return _Open(*(np.concatenate(parts) for parts in zip(left, right, strict=True)))


def boxes_of(leaves: Leaves) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regions as boxes: of which leaf each one is (boxes,), and its lower and upper ends (boxes, features).

    A box is lower < x <= upper. A set of levels that do not lie together takes several.
    """
    ends = [np.concatenate([[-np.inf], edge, [np.inf]]) for edge in leaves.edges]
    lower = np.stack([end[first] for end, first in zip(ends, leaves.first.T, strict=True)], 1)
    upper = np.stack([end[last + 1] for end, last in zip(ends, leaves.last.T, strict=True)], 1)
    owner = np.arange(len(leaves.nodes))
    for feature, start in leaves.level_starts.items():
        count = len(leaves.edges[feature]) + 1
        own = leaves.levels[:, start : start + count]
        steps = np.diff(np.pad(own.astype(np.int8), [(0, 0), (1, 1)]), axis=1)
        opens, closes = np.argwhere(steps == 1), np.argwhere(steps == -1)[:, 1]
        runs = [np.flatnonzero(opens[:, 0] == leaf) for leaf in owner]
        again, run = np.repeat(np.arange(len(owner)), [len(it) for it in runs]), np.concatenate(runs)
        owner, lower, upper = owner[again], lower[again], upper[again]
        lower[:, feature] = np.maximum(lower[:, feature], opens[run, 1] - 1.0)
        highest = np.where(closes[run] == count, np.inf, closes[run] - 1.0)
        upper[:, feature] = np.minimum(upper[:, feature], highest)
    return owner, lower, upper
