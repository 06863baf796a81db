"""Trees and sums of trees, as flat arrays: what decision trees, forests and boosting are read out into."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from .base import Boxes
from .leaf_masks import LeafMasks
from .leaf_regions import boxes_of, leaves_of
from .leaf_tables import LeafTables, leaf_masks, leaf_tables, placed, votes
from .outcome import Outcome, module_of
from .plain import from_plain_numbers, plain_numbers
from .scored import ScoredFunction
from .traversal import sums_of_leaves

_INTEGERS = ("feature", "level", "left", "right", "roots", "output")
_NUMBERS = ("threshold", "leaf_values", "base")


@fitted
class TreesFunction(ScoredFunction):
    """The nodes of all trees one after another; labels are those of the estimator's `predict`, row by row.

    A row goes left where `x[feature] <= threshold`, or, where the node asks for a level, where the code is another one
    than `level`. Missing values go where `missing_left` says. Casts to single precision and scalers that the estimator
    applies first are in the thresholds already, so that features are compared as they are, in double precision. XLA
    takes numbers below 2.2e-308 for 0; NumPy's arrays, labelled in NumPy, are spared that.

    Attributes:
        feature: (nodes,) places of features; -1 in leaves, which lead to themselves.
        threshold: (nodes,) float64.
        level: (nodes,) codes; -1 where the node compares with its threshold.
        left: (nodes,) indices of nodes.
        right: the same.
        missing_left: (nodes,) flags.
        leaf_values: (nodes, outputs), or (nodes, 1) where each tree adds to one output; 0 but in leaves.
        roots: (trees,) indices of nodes.
        output: (trees,) the output that a tree adds to; -1 for all.
        base: (outputs,) where sums start.
        splits: distinct thresholds, feature by feature; `split_starts` says where those of each begin.
        discrete: places of features of which nodes ask for levels.
        depth: the most steps from a root to a leaf.
        is_mean: whether sums are divided by the number of trees that add to an output.
        single: whether sums run in single precision.
        outcome: how sums become labels.
    """

    feature: np.ndarray
    threshold: np.ndarray
    level: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    leaf_values: np.ndarray
    roots: np.ndarray
    output: np.ndarray
    base: np.ndarray
    splits: np.ndarray
    split_starts: tuple[int, ...] = static()
    discrete: tuple[int, ...] = static()
    depth: int = static()
    is_mean: bool = static()
    single: bool = static()
    outcome: Outcome = static()
    classes: tuple = static()
    saved_as = "trees"

    @classmethod
    def of(
        cls, arrays: Mapping[str, Any], num_features: int, outcome: Outcome, *, is_mean: bool, single: bool = False
    ) -> TreesFunction:
        """From the arrays by name; what follows from them is worked out here."""
        whole = {name: np.asarray(arrays[name], dtype=np.int32) for name in _INTEGERS}
        numbers = {name: np.asarray(arrays[name], dtype=np.float64) for name in _NUMBERS}
        flags = np.asarray(arrays["missing_left"], dtype=bool)
        splits = _splits(whole["feature"], whole["level"], numbers["threshold"], num_features)
        return cls(
            **whole,
            **numbers,
            missing_left=flags,
            splits=np.concatenate(splits),
            split_starts=tuple(int(start) for start in np.cumsum([0, *map(len, splits)])),
            discrete=tuple(np.unique(whole["feature"][whole["level"] >= 0]).tolist()),
            depth=_depth(whole["left"], whole["right"], whole["roots"]),
            is_mean=is_mean,
            single=single,
            outcome=outcome,
            classes=outcome.classes,
        )

    def scores(self, features: Any) -> Any:
        """Sums over trees, or their mean: (rows, outputs), in double precision."""
        counted = self._votes(features)
        if counted is not None:
            return counted / float(len(self.roots))
        sums = sums_of_leaves(self, features)
        if not self.is_mean:
            return sums
        each = len(self.base) if self.leaf_values.shape[1] < len(self.base) else 1
        count = float(len(self.roots) // each)
        if isinstance(features, np.ndarray):
            return sums / count
        # XLA multiplies by the inverse of a constant, which rounds differently, so the number is made to vary.
        return sums / jnp.where(jnp.isnan(sums), 1.0, count)

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """The distinct thresholds on that feature; None for levels."""
        if place in self.discrete:
            return None
        own = self.splits[self.split_starts[place] : self.split_starts[place + 1]]
        array, own = module_of(features), own if isinstance(features, np.ndarray) else constant(own)
        return array.broadcast_to(own, (*features.shape[:-1], own.shape[0]))

    def boxes(self) -> Boxes | None:
        """The leaves of one tree, with each run of neighbouring levels apart; None of several trees."""
        if len(self.roots) > 1:
            return None
        leaves = leaves_of(self)
        owner, lower, upper = boxes_of(leaves)
        return Boxes(lower, upper, self.outcome.labels(self._scores_of(leaves.nodes))[owner])

    def at_draws(self, hidden: tuple[int, ...], observed: tuple[int, ...]) -> LeafMasks | None:
        """By leaf masks, for rows without missing values; None where these would be too large."""
        if not hidden or self._leaf_tables is None:
            return None
        return leaf_masks(self, self._leaf_tables, hidden, observed)

    @functools.cached_property
    def _leaf_tables(self) -> LeafTables | None:
        # Kept, since they take as long as many draws and do not depend on what is hidden; where programs want them.
        with jax.enable_x64(True):
            return placed(leaf_tables(self))

    def _votes(self, features: Any) -> np.ndarray | None:
        """How many trees vote for each class, where leaf masks are there already: they take a quarter of the time."""
        tables: LeafTables | None = self.__dict__.get("_leaf_tables")
        if tables is None or not tables.segments or not isinstance(features, np.ndarray) or np.isnan(features).any():
            return None
        return votes(tables, features)

    def _scores_of(self, leaves: np.ndarray) -> np.ndarray:
        """Of leaves of the only tree."""
        scores = np.tile(self.base, (len(leaves), 1))
        columns = slice(None) if self.output[0] < 0 else slice(self.output[0], self.output[0] + 1)
        scores[:, columns] += self.leaf_values[leaves]
        return scores

    def values(self) -> dict[str, Any]:
        """The arrays as lists, and how sums become labels."""
        whole = {name: np.asarray(getattr(self, name)).tolist() for name in _INTEGERS}
        numbers = {name: plain_numbers(getattr(self, name)) for name in _NUMBERS}
        arrays = {**whole, **numbers, "missing_left": np.asarray(self.missing_left).tolist()}
        features = len(self.split_starts) - 1
        return {**arrays, "features": features, "is_mean": self.is_mean, "single": self.single, **self.outcome.values()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> TreesFunction:
        """From the same values."""
        numbers = {name: from_plain_numbers(saved[name]) for name in _NUMBERS}
        outcome = Outcome.restored(saved)
        flags = {"is_mean": saved["is_mean"], "single": saved["single"]}
        return cls.of({**saved, **numbers}, saved["features"], outcome, **flags)


def _splits(feature: np.ndarray, level: np.ndarray, threshold: np.ndarray, num_features: int) -> list[np.ndarray]:
    """Distinct finite thresholds of each feature."""
    compares = (level < 0) & np.isfinite(threshold)
    return [np.unique(threshold[compares & (feature == place)]) for place in range(num_features)]


def _depth(left: np.ndarray, right: np.ndarray, roots: np.ndarray) -> int:
    """The most steps from a root to a leaf."""
    depth, nodes = 0, roots
    while len(nodes := nodes[left[nodes] != nodes]):
        depth, nodes = depth + 1, np.concatenate([left[nodes], right[nodes]])
    return depth
