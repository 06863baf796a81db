"""How complex a function is on a table: label changes and linear pieces along lines between rows, and leaves."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._lazy import jax
from ..errors import InputError
from ..table import Table
from .along_lines import pieces, thresholds_crossed
from .base import GroundTruthFunction
from .trees import TreesFunction

_STEPS = 256


@dataclasses.dataclass(frozen=True)
class Complexity:
    """How complex a function is on the rows of a table.

    Attributes:
        label_changes: the mean number of changes of the label along a straight line between two rows.
        standard_error: of that mean, over the lines that were drawn.
        pieces_crossed: the mean number of borders between linear pieces along the same lines, which are changes of the
            activation pattern of a network of relu units; 0 of linear scores, None of functions without pieces.
        leaves: of one tree, or of all trees together; None of functions without trees.
        lines: how many were drawn.
        exact: whether all changes along a line were counted: else the label was taken at 257 points of each, so that
            changes that cancel between two points were missed.
    """

    label_changes: float
    standard_error: float
    pieces_crossed: float | None
    leaves: int | None
    lines: int
    exact: bool


def complexity(function: GroundTruthFunction, table: Table, key: Any, lines: int = 256) -> Complexity:
    """Of any fitted function, by Monte Carlo over lines between two different rows of the table.

    Numbers move along a line; categorical and ordinal features stay those of its first row, and rows with missing
    values are left out. Along a line all changes are counted for trees and sums of trees, for linear scores and for
    networks of relu units, under `argmax`; for others on a grid of 257 points. Features are not rescaled: lines are the
    same in all units.

    Args:
        function: fitted.
        table: with the columns that it was fitted to.
        key: fixes the lines, the same ones for every function.
        lines: how many.

    Returns:
        Means over the lines.

    Raises:
        InputError: fewer than 2 lines, or fewer than 2 rows without missing values.
    """
    if lines < 2:
        raise InputError(f"`lines` must be at least 2, for a standard error; got {lines}.")
    starts, ends = ends_of_lines(table, key, lines)
    with jax.enable_x64(True):
        cuts, borders = _cuts(function, starts, ends, table)
        changes = _changes(function, starts, ends, cuts)
    return Complexity(
        label_changes=float(changes.mean()),
        standard_error=float(changes.std(ddof=1) / np.sqrt(lines)),
        pieces_crossed=None if borders is None else float(np.mean(borders)),
        leaves=int((np.asarray(function.feature) < 0).sum()) if isinstance(function, TreesFunction) else None,
        lines=lines,
        exact=cuts is not None,
    )


def ends_of_lines(table: Table, key: Any, lines: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of different rows, (lines, features) each, which differ in numbers only."""
    rows = table.features[~np.isnan(table.features).any(axis=1)]
    if len(rows) < 2:
        raise InputError(f"`table` must have at least 2 rows without missing values; it has {len(rows)}.")
    own, other = jax.random.split(key)
    first = np.asarray(jax.random.randint(own, (lines,), 0, len(rows)))
    second = (first + np.asarray(jax.random.randint(other, (lines,), 1, len(rows)))) % len(rows)
    moves = np.array([column.kind == "continuous" for column in table.columns])
    return rows[first], np.where(moves, rows[second], rows[first])


def _cuts(
    function: Any, starts: np.ndarray, ends: np.ndarray, table: Table
) -> tuple[list[np.ndarray] | None, list[int] | None]:
    """Of each line: places between which the label is constant, and how many borders; None where they are not known."""
    if isinstance(function, TreesFunction):
        return [thresholds_crossed(function, start, end) for start, end in zip(starts, ends, strict=True)], None
    numbers = tuple(place for place, column in enumerate(table.columns) if column.kind == "continuous")
    found = pieces(function, starts, ends, numbers)
    if found is None:
        return None, None
    return [np.concatenate([own.knots, own.crossings()]) for own in found], [len(own.knots) - 2 for own in found]


def _changes(function: Any, starts: np.ndarray, ends: np.ndarray, cuts: list[np.ndarray] | None) -> np.ndarray:
    """How often the label changes along each line, (lines,); all points of all lines are one batch."""
    grid = np.linspace(0.0, 1.0, _STEPS + 1)
    points = [grid] * len(starts) if cuts is None else [_points(own) for own in cuts]
    line = np.repeat(np.arange(len(points)), [len(own) for own in points])
    along = np.concatenate(points)[:, None]
    labels = np.asarray(function.labels((1 - along) * starts[line] + along * ends[line]))
    changed = (labels[1:] != labels[:-1]) & (line[1:] == line[:-1])
    return np.bincount(line[1:][changed], minlength=len(points))


def _points(cuts: np.ndarray) -> np.ndarray:
    """Both ends and the middle of every interval between cuts."""
    edges = np.unique(np.concatenate([[0.0, 1.0], cuts[(cuts > 0) & (cuts < 1)]]))
    return np.concatenate([[0.0], (edges[1:] + edges[:-1]) / 2, [1.0]])
