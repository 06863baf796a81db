"""Leaf regions: every row is in the region of the leaf that the estimator finds, and boxes fill the space once."""

from __future__ import annotations

import numpy as np
import pytest
from leaf_cases import Case, case, missing_alone
from sklearn.pipeline import Pipeline

from synlabel_prob.ground_truth.leaf_regions import Leaves, boxes_of, leaves_of

NAMES = ["tree", "forest", "extra", "shallow forest", "levels"]


def _places(leaves: Leaves, features: np.ndarray) -> np.ndarray:
    """The interval of each value, by comparing with all edges, (rows, features)."""
    return np.stack([(column[:, None] > edge).sum(1) for edge, column in zip(leaves.edges, features.T, strict=True)], 1)


def _inside(leaves: Leaves, features: np.ndarray) -> np.ndarray:
    """Which leaves' regions each row lies in, (rows, leaves)."""
    places = _places(leaves, features)
    reached = [
        leaves.reached(feature, np.arange(len(edge) + 1))[places[:, feature]]
        for feature, edge in enumerate(leaves.edges)
    ]
    return np.logical_and.reduce(reached)


def _applied(example: Case, features: np.ndarray) -> np.ndarray:
    """The estimator's own leaf of each row in each tree, as a node of the function, (rows, trees)."""
    frame, estimator = example.table.to_frame(features), example.estimator
    if isinstance(estimator, Pipeline):
        frame, estimator = estimator[:-1].transform(frame), estimator[-1]
    return np.reshape(estimator.apply(frame), (len(features), -1)) + np.asarray(example.function.roots)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_lies_in_the_region_of_the_leaf_that_the_estimator_finds(name: str):
    example = case(name)
    leaves, features = leaves_of(example.function), example.drawn((500,), 1)
    inside = _inside(leaves, features)
    assert (inside.sum(1) == len(example.function.roots)).all()
    leaf = np.nonzero(inside)[1]
    assert (leaves.trees[leaf].reshape(500, -1) == np.arange(len(example.function.roots))).all()
    np.testing.assert_array_equal(leaves.nodes[leaf].reshape(500, -1), _applied(example, features))
    assert len(np.unique(leaf)) > 0.5 * len(leaves.nodes)


@pytest.mark.parametrize("name", NAMES)
def test_boxes_fill_the_space_and_do_not_overlap(name: str):
    """By their numbers of cells between thresholds: exact integers that add up to all cells, and no cell is in two."""
    example = case(name)
    leaves = leaves_of(example.function)
    owner, lower, upper = boxes_of(leaves)
    assert set(owner) == set(range(len(leaves.nodes)))
    # A box starts after its lower end, at the cell of the next value, and ends with the cell of its upper end.
    first, after = _places(leaves, np.nextafter(lower, np.inf)), _places(leaves, upper) + 1
    first[lower == -np.inf] = 0
    cells = [len(edge) + 1 for edge in leaves.edges]
    for tree in range(len(example.function.roots)):
        own = leaves.trees[owner] == tree
        volume = np.prod(after[own] - first[own], axis=1, dtype=object).sum()
        assert volume == np.prod(cells, dtype=object)
        low = np.maximum(first[own][:, None], first[own][None])
        high = np.minimum(after[own][:, None], after[own][None])
        assert ((low < high).all(-1).sum(1) == 1).all()  # each with itself alone


def test_levels_in_runs_take_several_boxes():
    leaves = leaves_of(case("levels").function)
    owner, _, _ = boxes_of(leaves)
    assert np.bincount(owner).max() > 1 and leaves.level_starts


def test_everything_is_left_of_an_infinite_threshold():
    """What trees ask about missing values alone leaves no region on the right to complete rows."""
    function = missing_alone().function
    assert (function.threshold == np.inf).any()
    leaves = leaves_of(function)
    complete = np.random.default_rng(0).normal(0.0, 1e3, (300, 4))
    inside = _inside(leaves, complete)
    assert (inside.sum(1) == len(function.roots)).all()
    expected = function.scores(complete)
    values = np.asarray(function.leaf_values)[leaves.nodes, 0]
    output = np.asarray(function.output)[leaves.trees]
    found = np.stack([(inside * values)[:, output == place].sum(1) for place in range(len(function.base))], 1)
    np.testing.assert_allclose(function.base + found, expected, rtol=0, atol=1e-12)
