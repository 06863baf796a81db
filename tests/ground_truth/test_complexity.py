"""Complexity along lines: against both ends, boxes, and activation patterns on a fine grid."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest
from contracts import LINEAR, by_income, mixed_table, numbers_table
from sklearn.ensemble import RandomForestClassifier

from synlabel_prob import ground_truth as g
from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth.along_lines import pieces, thresholds_crossed
from synlabel_prob.ground_truth.complexity import ends_of_lines

KEY = jax.random.key(0)
ABC = ("a", "b", "c")


def ends(table, lines=30):
    generator = np.random.default_rng(0)
    return (table.features[generator.choice(table.num_rows, lines)] for _ in range(2))


def test_a_linear_rule_of_two_classes_changes_where_the_ends_differ():
    table = numbers_table()
    function = g.RandomNetwork(("a", "b"), depth=0).fit(table)
    found = g.complexity(function, table, KEY, 400)
    # A line changes once or not at all, so that the mean is a share, and pairs of 40 and 40 rows differ in 40 of 79.
    share = found.label_changes
    np.testing.assert_allclose(found.standard_error, np.sqrt(share * (1 - share) / 399), rtol=1e-12)
    # False alarm below 6e-7 at 5 standard errors; the share of pairs of any rows, 0.5, is no different at this size.
    assert abs(share - 40 / 79) < 5 * found.standard_error
    assert (found.pieces_crossed, found.leaves, found.lines, found.exact) == (0.0, None, 400, True)


@pytest.mark.parametrize(
    "build", [lambda: g.Linear(LINEAR), lambda: g.Learned("LogisticRegression"), lambda: g.Learned("LinearSVC")]
)
def test_linear_scores_of_three_classes_change_twice_at_most(build):
    table = mixed_table()
    function = build().fit(table)
    first, second = ends(table)
    second[:, 3:] = first[:, 3:]
    grid = np.linspace(0, 1, 4001)[:, None]
    with jax.enable_x64(True):
        found = pieces(function, first, second, (0, 1, 2))
        for line, (start, end) in enumerate(zip(first, second, strict=True)):
            labels = np.asarray(function.labels((1 - grid) * start + grid * end))
            changed = grid[1:, 0][labels[1:] != labels[:-1]]
            assert len(changed) <= 2
            near = np.abs(found[line].crossings()[:, None] - changed).min(0, initial=1.0)
            assert (near <= 1 / 4000).all()
    assert g.complexity(function, table, KEY).exact


def changes_by_boxes(boxes, start, end):
    """In which order a line goes through boxes, from where it enters and leaves each of them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = np.stack([(boxes.lower - start) / (end - start), (boxes.upper - start) / (end - start)])
    still = (start == end) & (boxes.lower < start) & (start <= boxes.upper)
    enter = np.where(start == end, np.where(still, 0.0, 2.0), sides.min(0)).max(1).clip(0)
    leave = np.where(start == end, np.where(still, 1.0, -1.0), sides.max(0)).min(1).clip(max=1)
    passed = np.flatnonzero(leave > enter)
    codes = boxes.codes[passed[np.argsort(enter[passed])]]
    return int((np.diff(codes) != 0).sum())


@pytest.mark.parametrize("depth", [3, 6])
def test_the_changes_of_a_tree_are_those_of_the_boxes_on_the_way(depth):
    table = numbers_table()
    function = g.RandomTree(ABC, depth).fit(table)
    found = g.complexity(function, table, KEY, 200)
    first, second = ends_of_lines(table, KEY, 200)
    expected = [changes_by_boxes(function.boxes(), *line) for line in zip(first, second, strict=True)]
    assert found.label_changes == np.mean(expected) > 0.5
    np.testing.assert_allclose(found.standard_error, np.std(expected, ddof=1) / np.sqrt(200), rtol=1e-12)
    assert (found.leaves, found.pieces_crossed, found.exact) == (2**depth, None, True)


def test_thresholds_on_the_way():
    table = numbers_table()
    function = g.RandomTree(("a", "b"), 2, ("age",)).fit(table)
    start, end = np.array([10.0, 1.0, 1.0]), np.array([90.0, 1.0, 1.0])
    np.testing.assert_allclose(10 + 80 * np.sort(thresholds_crossed(function, start, end)), function.splits)


def test_a_forest_has_the_leaves_of_all_its_trees():
    table = numbers_table()
    forest = g.Learned(RandomForestClassifier(5, max_depth=3, random_state=0)).fit(table)
    found = g.complexity(forest, table, KEY, 64)
    assert found.leaves == (forest.feature < 0).sum() > 15 and found.exact


@pytest.mark.parametrize("classes", [ABC, ("a", "b")])
def test_the_pieces_of_a_network_are_those_of_a_fine_grid(classes):
    table = numbers_table()
    function = g.RandomNetwork(classes, width=7, depth=2, weight_scale=2.0).fit(table)
    first, second = ends(table)
    found = pieces(function, first, second, (0, 1, 2))
    grid, compared, crossed, changed = np.linspace(0, 1, 20001)[:, None], 0, 0, 0
    for own, start, end in zip(found, first, second, strict=True):
        points = (1 - grid) * start + grid * end
        inputs, patterns = (points - table.features.mean(0)) / table.features.std(0), []
        for weights, intercepts in zip(function.weights[:-1], function.intercepts[:-1], strict=True):
            sums = inputs @ weights + intercepts
            patterns.append(sums > 0)
            inputs = np.where(sums > 0, sums, 0)
        borders = np.flatnonzero((np.diff(np.concatenate(patterns, 1).astype(int), axis=0) != 0).any(1))
        labels = function.labels(points)
        assert len(borders) <= len(own.knots) - 2
        if np.diff(own.knots).min() > 1e-4:  # else two borders may lie in one step of the grid
            compared, crossed = compared + 1, crossed + len(borders)
            assert len(borders) == len(own.knots) - 2
            np.testing.assert_allclose(own.knots[1:-1], grid[borders, 0] + 2.5e-5, rtol=0, atol=2.6e-5)
        moved = grid[np.flatnonzero(np.diff(labels)), 0] + 2.5e-5
        changed += len(moved)
        assert (np.abs(own.crossings()[:, None] - moved).min(0, initial=1.0) <= 2.6e-5).all()
    assert compared >= 20 and crossed > 60 and changed > 15


def test_a_wider_network_of_the_same_depth_crosses_more_pieces():
    table = numbers_table()
    found = [g.complexity(g.RandomNetwork(ABC, width=width).fit(table), table, KEY, 64) for width in (4, 16, 64)]
    crossed = [it.pieces_crossed for it in found]
    # Each unit of one layer is crossed or not, whatever the others do: four times the units, about four times as many.
    assert 2 < crossed[1] / crossed[0] < 8 and 2 < crossed[2] / crossed[1] < 8
    assert all(it.exact and it.leaves is None for it in found)


@pytest.mark.parametrize(
    "build",
    [
        lambda: g.RandomNetwork(ABC, activation="tanh"),
        lambda: g.Ball(("age", "height"), radius=10.0, center=(40.0, 1.7)),
        lambda: g.PythonFunction(by_income, ("low", "high")),
    ],
)
def test_other_functions_are_counted_on_a_grid(build):
    table = mixed_table()
    function = build().fit(table)
    found = g.complexity(function, table, KEY, 50)
    first, second = ends_of_lines(table, KEY, 50)
    np.testing.assert_array_equal(first[:, 3:], second[:, 3:])  # levels stay
    assert (first[:, :3] != second[:, :3]).all()
    grid = np.linspace(0, 1, 257)[:, None]
    changes = [
        (np.diff(np.asarray(function.labels((1 - grid) * start + grid * end))) != 0).sum()
        for start, end in zip(first, second, strict=True)
    ]
    assert found.label_changes == np.mean(changes) > 0
    assert (found.pieces_crossed, found.leaves, found.exact) == (None, None, False)


def test_the_key_fixes_the_lines():
    table = numbers_table()
    function = g.RandomTree(ABC).fit(table)
    first, again, other = (g.complexity(function, table, jax.random.key(seed), 64) for seed in (0, 0, 1))
    assert first == again != other


def test_what_cannot_be_asked_for():
    table = numbers_table()
    function = g.RandomTree(ABC).fit(table)
    with pytest.raises(InputError, match=re.escape("`lines` must be at least 2, for a standard error; got 1.")):
        g.complexity(function, table, KEY, 1)
    with pytest.raises(InputError, match=re.escape("`table` must have at least 2 rows without missing values; it has")):
        g.complexity(function, table.take([0]), KEY)
