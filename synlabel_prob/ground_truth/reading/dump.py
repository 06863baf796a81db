"""What a saved boosting model says, whichever library wrote it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...errors import InputError
from ..outcome import Link, Rule


class Sides(NamedTuple):
    """Where the numbers of a node go that one threshold cannot say: interval i lies up to the i-th edge, that included.

    `left` has one flag more than there are edges.
    """

    edges: tuple[float, ...]
    left: tuple[bool, ...]


class CategorySet(NamedTuple):
    """A node that sends the categories in `codes` to one side, and all others to the other one."""

    codes: frozenset[int]
    inside_left: bool


class DumpedTree(NamedTuple):
    """One tree in the model's columns; inner nodes and leaves in one numbering, the root is 0.

    Attributes:
        column: (nodes,) which one a node asks; of leaves anything.
        threshold: (nodes,) the last value of the column, in the model's precision, that goes left.
        left: (nodes,) -1 in leaves; `right` likewise.
        missing_left: (nodes,) flags.
        leaf_values: (nodes,).
        output: which sum the tree adds to.
        sides: node to where its numbers go, where that is not by one threshold.
        sets: node to the categories that it asks for.
    """

    column: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    leaf_values: np.ndarray
    output: int
    sides: Mapping[int, Sides]
    sets: Mapping[int, CategorySet]


@dataclasses.dataclass(frozen=True, eq=False)
class Dump:
    """A model.

    Attributes:
        what: what messages call it, at the start of a sentence.
        names: of its columns; empty where it has none.
        num_columns: how many there are.
        trees: in the order in which they are summed.
        base: (outputs,) where sums start.
        num_classes: that it tells apart.
        link: how sums become probabilities.
        rule: how sums become labels.
        cut: see `Outcome`; `scale` likewise.
        single: whether features and sums are in single precision.
        is_mean: whether sums are divided by the number of trees of an output.
        categories: column to the values of its categories, by their codes.
        category_lists: the same of columns that it does not name, in the order of the columns.
    """

    what: str
    names: tuple[str, ...]
    num_columns: int
    trees: tuple[DumpedTree, ...]
    base: np.ndarray
    num_classes: int
    link: Link
    rule: Rule
    cut: float = 0.0
    scale: float = 1.0
    single: bool = False
    is_mean: bool = False
    categories: Mapping[int, tuple] = dataclasses.field(default_factory=dict)
    category_lists: tuple[tuple, ...] = ()


def checked(dump: Dump) -> Dump:
    """The same, seen to be whole, with trees of all outputs in turn.

    Raises:
        InputError: it has no trees, more of one output than of another, or nodes that lead nowhere or in a circle, ask
            for columns that are not there, or have leaves that are no numbers.
    """
    if not dump.trees:
        raise InputError(f"{dump.what} must have at least one tree; it has none: train it, and save it again.")
    for number, tree in enumerate(dump.trees):
        if problem := _problem(tree, dump.num_columns, len(dump.base)):
            raise incomplete(dump.what, f"tree {number} {problem}")
    outputs = np.array([tree.output for tree in dump.trees])
    counts = np.bincount(outputs, minlength=len(dump.base))
    if (counts != counts[0]).any():
        raise incomplete(dump.what, f"that classes have {counts.tolist()} trees")
    # XGBoost's forests have those of one class together; each class is a sum of its own, so that its order is kept.
    in_turn = np.argsort(outputs, kind="stable").reshape(len(dump.base), -1).T.ravel()
    return dataclasses.replace(dump, trees=tuple(dump.trees[number] for number in in_turn))


def _problem(tree: DumpedTree, num_columns: int, outputs: int) -> str:
    inner, nodes = tree.left >= 0, len(tree.left)
    children = np.concatenate([tree.left[inner], tree.right[inner]])
    if not nodes or (children < 0).any() or (children >= nodes).any():
        return "has nodes that lead nowhere"
    reached, here = np.zeros(nodes, dtype=np.int64), np.array([0])
    while len(here):
        np.add.at(reached, here, 1)
        if reached.max() > 1:
            return "has nodes that are reached twice"
        here = here[inner[here]]
        here = np.concatenate([tree.left[here], tree.right[here]])
    asked, values = tree.column[inner & (reached > 0)], tree.leaf_values[~inner & (reached > 0)]
    if ((asked < 0) | (asked >= num_columns)).any():
        return f"asks for other columns than the {num_columns} that there are"
    if not np.isfinite(values).all():
        return "has leaves that are no finite numbers"
    return "" if 0 <= tree.output < outputs else "adds to a class that is not there"


def incomplete(what: str, reason: Any) -> InputError:
    """The error of a model that is cut off, or written by a version that writes otherwise."""
    return InputError(
        f"{what} must be a whole model of a version that is known; reading says {' '.join(str(reason).split())}: save "
        "it again, with a current version of the library."
    )
