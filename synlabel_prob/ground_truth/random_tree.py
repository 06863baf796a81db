"""Trees with random splits: ground truths whose complexity is their number of leaves."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from ..descriptions import description
from ..errors import InputError
from ..table import Table
from .balance import asked_rows, check_classes, complete_rows, places_of, stated_shares
from .decisions import Argmax
from .outcome import Outcome
from .random_function import RandomFunction
from .trees import TreesFunction


@description
class RandomTree(RandomFunction):
    """A complete tree with 2^depth leaves that splits random features at random quantiles, and classes of given shares.

    Each node takes one of `features`, all continuous ones by default, and cuts between two neighbouring values of the
    rows that reach it, where the share to the left is nearest to a number drawn uniformly from [1/4, 3/4]; each side
    keeps two rows for each of its leaves where it can, else one. Leaves, the largest first, go to the class that lacks
    the most rows of its share in `balance`. Each class then has the rows asked for to within (1 - 1 / classes) of those
    of the largest leaf. A class that would get no leaf gets one of the smallest, and what such leaves hold is added to
    that bound. `random_state` fixes all.
    """

    classes: tuple[str, ...]
    depth: Annotated[int, Field(ge=1, le=14)] = 4
    features: tuple[str, ...] = ()
    balance: dict[str, float] = Field(default_factory=dict)
    random_state: Annotated[int, Field(ge=0)] = 0
    kind: Literal["random_tree"] = "random_tree"

    summary = "a complete tree with random splits, of given depth; classes of given shares"
    gives_probabilities = False

    def __post_init__(self) -> None:
        check_classes(self.classes, self.balance)
        if len(self.classes) > 2**self.depth:
            raise InputError(
                f"depth must be at least {(len(self.classes) - 1).bit_length()} for {len(self.classes)} classes; got "
                f"{self.depth}, which makes {2**self.depth} leaves."
            )

    def fit(self, table: Table) -> TreesFunction:
        """The tree of the rows that miss no value; exact.

        Raises:
            InputError: the rows, or the values that differ, are too few for so many leaves.
        """
        places = places_of(self.features, table)
        rows = complete_rows(table, places)
        if len(rows) < 2**self.depth:
            raise InputError(
                f"`ground_truth.depth` is {self.depth}, which makes {2**self.depth} leaves, more than there are rows "
                f"without missing values ({len(rows)}): lower it."
            )
        generator = np.random.default_rng(self.random_state)
        grown = _grown(rows, self.depth, generator)
        codes = leaf_codes(grown.sizes, asked_rows(self.classes, self.balance, len(rows)), generator)
        return self._function(grown, places, codes, len(table.columns))

    def _function(self, grown: _Grown, places: np.ndarray, codes: np.ndarray, num_features: int) -> TreesFunction:
        inner, every = len(grown.threshold), 2 * len(grown.threshold) + 1
        nodes, is_leaf = np.arange(every), np.arange(every) >= inner
        leaf_values = np.zeros((every, len(self.classes)))
        leaf_values[nodes[is_leaf], codes] = 1.0
        arrays = {
            "feature": np.append(places[grown.column], np.full(inner + 1, -1)),
            "threshold": np.append(grown.threshold, np.zeros(inner + 1)),
            "level": np.full(every, -1),
            "left": np.where(is_leaf, nodes, 2 * nodes + 1),
            "right": np.where(is_leaf, nodes, 2 * nodes + 2),
            "missing_left": np.zeros(every, dtype=bool),
            "leaf_values": leaf_values,
            "roots": [0],
            "output": [-1],
            "base": np.zeros(len(self.classes)),
        }
        outcome = Outcome("none", "largest", tuple(range(len(self.classes))), Argmax(), self.classes)
        return TreesFunction.of(arrays, num_features, outcome, is_mean=True)

    def explain(self) -> str:
        """In words."""
        seen = ", ".join(self.features) or "all continuous features"
        shares = stated_shares(self.classes, self.balance)
        return f"a random tree with {2**self.depth} leaves on {seen}, labelled so that the classes are near {shares}"


class _Grown(NamedTuple):
    """Inner nodes, level by level: columns (nodes,), thresholds (nodes,); rows in each leaf (leaves,)."""

    column: np.ndarray
    threshold: np.ndarray
    sizes: np.ndarray


def _grown(values: np.ndarray, depth: int, generator: np.random.Generator) -> _Grown:
    columns, thresholds, level = [], [], [np.arange(len(values))]
    for remaining in range(depth, 0, -1):
        below = []
        for rows in level:
            column, threshold = _split(values[rows], 2 ** (remaining - 1), generator, depth)
            columns.append(column)
            thresholds.append(threshold)
            to_left = values[rows, column] <= threshold
            below += [rows[to_left], rows[~to_left]]
        level = below
    return _Grown(np.array(columns), np.array(thresholds), np.array([len(rows) for rows in level]))


def _split(values: np.ndarray, leaves: int, generator: np.random.Generator, depth: int) -> tuple[int, float]:
    """A random column and the threshold on it; each side gets two rows a leaf where it can, else one."""
    share, order = generator.uniform(0.25, 0.75), generator.permutation(values.shape[1])
    for least, column in itertools.product((2 * leaves, leaves), order):
        own = np.sort(values[:, column])
        cuts = np.arange(least, len(own) - least + 1)
        cuts = cuts[own[cuts - 1] < own[cuts]]
        if len(cuts):
            cut = cuts[np.abs(cuts - share * len(own)).argmin()]
            return int(column), _between(float(own[cut - 1]), float(own[cut]))
    raise InputError(
        f"`ground_truth.depth` is {depth}, which is too much for this table: {len(values)} rows of a node differ too "
        "little to be split further: lower it, or name features that vary more."
    )


def _between(low: float, high: float) -> float:
    """A number t with low <= t < high, the middle but for rounding."""
    middle = low + (high - low) / 2
    return middle if middle < high else low


def leaf_codes(sizes: np.ndarray, asked: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The class of each leaf (leaves,), from their rows and the rows that each class is to have.

    The largest leaf first, to the class that lacks the most; leaves of one size in random order. The last leaves are
    kept for classes that have none yet.
    """
    shuffled = generator.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    lacking, has_leaf = asked.astype(float), np.zeros(len(asked), dtype=bool)
    codes = np.zeros(len(sizes), dtype=int)
    for left, leaf in zip(range(len(sizes), 0, -1), order, strict=True):
        reserved = left <= (~has_leaf).sum()
        code = np.where(has_leaf & reserved, -np.inf, lacking).argmax()
        codes[leaf], has_leaf[code] = code, True
        lacking[code] -= sizes[leaf]
    return codes
