"""Saved boosting models as flat arrays, in terms of a table's features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import InputError, Problems, did_you_mean
from ...table import Column, Table
from ..trees import TreesFunction
from .columns import Source
from .dump import Dump, DumpedTree, Sides
from .seen import Seen
from .text import booster_of, dump_of_booster
from .trees import Tree, joined


class ModelColumn(NamedTuple):
    """A column of a model in terms of the features; where these are levels, the number that it sees for each code."""

    source: Source
    values: tuple[float, ...] = ()


def columns_in(dump: Dump, table: Table) -> tuple[ModelColumn, ...]:
    """The features that the model's columns are: by name, or in the table's order where the model has no names.

    Raises:
        InputError: a column is missing, or has other levels than the model.
    """
    places, problems = _places(dump, table), Problems()
    categories = _categories(dump, [table.columns[place] for place in places])
    asked = {column for tree in dump.trees for column in tree.column[list(tree.sets)].tolist()}
    found = []
    for number, place in enumerate(places):
        column = table.columns[place]
        values: tuple[float, ...] = ()
        try:
            values = _values(column, categories.get(number), number in asked, dump.what)
        except InputError as error:
            problems.add(str(error))
        found.append(ModelColumn(Source(place), values))
    problems.raise_if_any()
    return tuple(found)


def _places(dump: Dump, table: Table) -> list[int]:
    if not dump.names:
        if dump.num_columns != len(table.columns):
            names = ", ".join(table.feature_names)
            raise InputError(
                f"{dump.what} must have as many columns as the table has features, {len(table.columns)} ({names}), "
                f"because it names none; it has {dump.num_columns}: drop features, or train it with names."
            )
        return list(range(dump.num_columns))
    # LightGBM writes spaces in names as underscores.
    places = {name.replace(" ", "_"): place for place, name in reversed(list(enumerate(table.feature_names)))}
    places |= {name: place for place, name in enumerate(table.feature_names)}
    problems = Problems()
    for name in dump.names:
        if name not in places:
            problems.add(
                f"{dump.what} needs the feature {name!r}, which the table has not: "
                f"{did_you_mean(name, table.feature_names)}."
            )
    problems.raise_if_any()
    return [places[name] for name in dump.names]


def _categories(dump: Dump, columns: Sequence[Column]) -> Mapping[int, tuple]:
    if not dump.category_lists:
        return dump.categories
    discrete = [number for number, column in enumerate(columns) if column.kind != "continuous"]
    if len(discrete) != len(dump.category_lists):
        names = ", ".join(columns[number].name for number in discrete) or "none"
        raise InputError(
            f"{dump.what} has {len(dump.category_lists)} categorical columns, and of its columns the table has "
            f"{len(discrete)} that are no numbers ({names}): set the kinds of the table's columns."
        )
    return dict(zip(discrete, dump.category_lists, strict=True))


def _values(column: Column, categories: tuple | None, is_asked: bool, what: str) -> tuple[float, ...]:
    """What the model sees for each level of a feature; nothing for numbers."""
    if column.kind == "continuous":
        if categories or is_asked:
            raise InputError(
                f"{what} has categories for {column.name!r}, which is numbers in the table: set its kind to "
                "'categorical'."
            )
        return ()
    if categories is not None:
        unknown = [level for level in column.levels if level not in categories]
        if unknown:
            raise InputError(
                f"{what} does not know the level {unknown[0]!r} of {column.name!r}: its categories are "
                f"{list(categories)}."
            )
        return tuple(float(categories.index(level)) for level in column.levels)
    if any(isinstance(level, str) for level in column.levels):
        raise InputError(
            f"{what} has numbers for {column.name!r}, which has the levels {list(column.levels)} in the table: train "
            "it with categories, or give the table the numbers that it was trained with."
        )
    return tuple(float(level) for level in column.levels)


def read_boosting(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> TreesFunction | None:
    """A classifier of XGBoost or LightGBM; None for anything else, and for what is not read of it."""
    booster = booster_of(estimator)
    try:
        dump = None if booster is None else dump_of_booster(booster)
    except InputError:
        return None
    if dump is None or len(sources) != dump.num_columns or any(tree.sets for tree in dump.trees):
        return None
    return read_dump(dump, [ModelColumn(source) for source in sources], seen)


def read_dump(dump: Dump, columns: Sequence[ModelColumn], seen: Seen) -> TreesFunction:
    """A sum of trees whose labels are those of the library's `predict`."""
    sources = tuple(column.source for column in columns)
    discrete = {number: column.values for number, column in enumerate(columns) if column.values}
    trees = [_tree(tree, discrete, single=dump.single) for tree in dump.trees]
    arrays = joined(trees, dump.base, sources, single=dump.single)
    outcome = seen.outcome(dump.link, dump.rule, dump.cut, dump.scale)
    return TreesFunction.of(arrays, seen.num_features, outcome, is_mean=dump.is_mean, single=dump.single)


def _tree(tree: DumpedTree, discrete: Mapping[int, tuple[float, ...]], *, single: bool) -> Tree:
    """In nodes that compare with a threshold."""
    sides = dict(tree.sides)
    for node in np.flatnonzero((tree.left >= 0) & np.isin(tree.column, list(discrete))).tolist():
        values = np.array(discrete[int(tree.column[node])])
        sides[node] = _by_code(_goes_left(tree, node, values, single=single))
    nodes: list[list[Any]] = [
        it.tolist() for it in (tree.column, tree.threshold, tree.left, tree.right, tree.missing_left, tree.leaf_values)
    ]
    for node, it in sides.items():
        _put_in_turn(nodes, node, it)
    column, threshold, left, right, missing, values = (np.array(it) for it in nodes)
    return Tree(column, threshold, left, right, missing.astype(bool), values[:, None], tree.output)


def _goes_left(tree: DumpedTree, node: int, values: np.ndarray, *, single: bool) -> np.ndarray:
    """Whether a node sends rows with these values of its column to the left."""
    if node in tree.sets:
        codes, inside_left = tree.sets[node]
        return np.array([(int(value) in codes) == inside_left for value in values])
    if node in tree.sides:
        edges, left = tree.sides[node]
        return np.array(left)[np.searchsorted(edges, values)]
    return (values.astype(np.float32) if single else values) <= tree.threshold[node]


def _by_code(left: np.ndarray) -> Sides:
    """Codes that go to one side, as numbers: edges lie between codes."""
    edges = np.flatnonzero(left[1:] != left[:-1])
    flags = (*left[edges].tolist(), bool(left[-1]))
    if not len(edges):
        return Sides((np.inf,), (True, False)) if left[0] else Sides((-np.inf,), (True, False))
    return Sides(tuple((edges + 0.5).tolist()), flags)


def _put_in_turn(nodes: list[list[Any]], node: int, sides: Sides) -> None:
    """A node that has several edges becomes one node an edge, of which each leads to the next one.

    Missing values go where they went: on from nodes whose left is the other side.
    """
    column, threshold, left, right, missing_left, _ = nodes
    children, goes_left = {True: left[node], False: right[node]}, bool(missing_left[node])
    here = node
    for number, edge in enumerate(sides.edges):
        is_last = number == len(sides.edges) - 1
        if number:
            here = len(column)
            for own, value in zip(nodes, (column[node], edge, 0, 0, False, 0.0), strict=True):
                own.append(value)
        threshold[here], left[here] = edge, children[sides.left[number]]
        missing_left[here] = sides.left[number] == goes_left
        right[here] = children[sides.left[-1]] if is_last else len(column)
