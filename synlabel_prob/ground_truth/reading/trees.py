"""Decision trees, forests and boosting of scikit-learn as flat arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..trees import TreesFunction
from .columns import Source
from .seen import Seen
from .thresholds import goes_left, last_to_the_left


class Tree(NamedTuple):
    """One tree in the estimator's own columns; leaves have left = -1."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    leaf_values: np.ndarray
    output: int


def read_trees(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> TreesFunction | None:
    """A tree, a forest or a boosted sum of trees; None for anything else, or where splits are on sets of categories."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

    kind = type(estimator)
    if kind in (DecisionTreeClassifier, ExtraTreeClassifier):
        return _voting([estimator], sources, seen)
    if kind in (RandomForestClassifier, ExtraTreesClassifier):
        return _voting(estimator.estimators_, sources, seen)
    if kind is GradientBoostingClassifier:
        return _gradient_boosting(estimator, sources, seen)
    if kind is HistGradientBoostingClassifier and estimator.is_categorical_ is None:
        return _histogram_boosting(estimator, sources, seen)
    return None


def _voting(estimators: Any, sources: tuple[Source, ...], seen: Seen) -> TreesFunction:
    trees = [_of_tree(it.tree_, it.tree_.value[:, 0, :], -1) for it in estimators]
    base = np.zeros(trees[0].leaf_values.shape[1])
    arrays = joined(trees, base, sources, single=True)
    return TreesFunction.of(arrays, seen.num_features, seen.outcome("fractions", "largest"), is_mean=True)


def _gradient_boosting(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> TreesFunction | None:
    from sklearn.dummy import DummyClassifier

    is_constant = isinstance(estimator.init_, str) or type(estimator.init_) is DummyClassifier
    if not is_constant or estimator.loss != "log_loss":
        return None
    base = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), np.float32))[0]
    trees = [
        _of_tree(one.tree_, estimator.learning_rate * one.tree_.value[:, 0, :], output)
        for stage in estimator.estimators_
        for output, one in enumerate(stage)
    ]
    several = len(base) > 1
    outcome = seen.outcome("softmax" if several else "logistic", "largest" if several else "at_or_above")
    arrays = joined(trees, base, sources, single=True)
    return TreesFunction.of(arrays, seen.num_features, outcome, is_mean=False)


def _histogram_boosting(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> TreesFunction:
    base = np.ravel(estimator._baseline_prediction)
    trees = [_of_nodes(one.nodes, output) for stage in estimator._predictors for output, one in enumerate(stage)]
    several = len(base) > 1
    outcome = seen.outcome("softmax" if several else "logistic", "largest" if several else "above")
    arrays = joined(trees, base, sources, single=False)
    return TreesFunction.of(arrays, seen.num_features, outcome, is_mean=False)


def _of_tree(tree: Any, values: np.ndarray, output: int) -> Tree:
    missing_left = np.asarray(tree.missing_go_to_left, dtype=bool)
    children = (tree.children_left, tree.children_right)
    return Tree(tree.feature, tree.threshold, *children, missing_left, values, output)


def _of_nodes(nodes: np.ndarray, output: int) -> Tree:
    left = np.where(nodes["is_leaf"], -1, nodes["left"].astype(np.int64))
    threshold, missing_left = nodes["num_threshold"], nodes["missing_go_to_left"].astype(bool)
    right = nodes["right"].astype(np.int64)
    return Tree(nodes["feature_idx"], threshold, left, right, missing_left, nodes["value"][:, None], output)


def joined(trees: list[Tree], base: np.ndarray, sources: tuple[Source, ...], *, single: bool) -> dict[str, Any]:
    """One after another, leaves leading to themselves, in terms of the features."""
    starts = np.cumsum([0, *(len(tree.left) for tree in trees)])
    left, right = (
        np.concatenate([getattr(tree, side) + start for tree, start in zip(trees, starts, strict=False)])
        for side in ("left", "right")
    )
    is_leaf = np.concatenate([tree.left < 0 for tree in trees])
    itself = np.arange(len(is_leaf))
    column = np.where(is_leaf, -1, np.concatenate([tree.feature for tree in trees]))
    threshold = np.concatenate([tree.threshold for tree in trees])
    feature, threshold, level = _in_features(column, threshold, sources, single=single)
    values = np.concatenate([tree.leaf_values for tree in trees])
    return {
        "feature": feature,
        "threshold": threshold,
        "level": level,
        "left": np.where(is_leaf, itself, left),
        "right": np.where(is_leaf, itself, right),
        "missing_left": np.concatenate([tree.missing_left for tree in trees]) & ~is_leaf,
        "leaf_values": np.where(is_leaf[:, None], values, 0.0),
        "roots": starts[:-1],
        "output": [tree.output for tree in trees],
        "base": base,
    }


def _in_features(
    column: np.ndarray, threshold: np.ndarray, sources: tuple[Source, ...], *, single: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places, thresholds and levels (nodes,) of the features, from the estimator's columns and thresholds."""
    feature, level = np.full(column.shape, -1), np.full(column.shape, -1)
    moved = np.zeros(column.shape)
    for place in np.unique(column[column >= 0]):
        here, source = column == place, sources[place]
        feature[here] = source.place
        if source.level == -1:
            moved[here] = last_to_the_left(source, threshold[here], single=single)
            continue
        without, given = (
            goes_left(source, np.full(here.sum(), flag), threshold[here], single=single) for flag in (0.0, 1.0)
        )
        level[here] = np.where(without & ~given, source.level, -1)
        moved[here] = np.where(without, np.inf, -np.inf)
    return feature, moved, level
