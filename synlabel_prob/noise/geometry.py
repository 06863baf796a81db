"""Distances between rows of mixed features, and who is near whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax
from ..table import Table


class Coordinates:
    """Numbers by their standard deviation, levels in order from 0 to 1, categories at distance 1 from each other.

    Euclidean distances of `of(features)` are then the square root of a sum over the features (after Gower, 1971).
    """

    def __init__(self, table: Table) -> None:
        """Scales of a table's features."""
        spread = table.features.std(0)
        steps = [max(1, len(column.levels) - 1) for column in table.columns]
        ordinal = [column.kind == "ordinal" for column in table.columns]
        self.scales = np.where(ordinal, steps, np.where(spread > 0, spread, 1.0))
        self.categories = {
            place: len(column.levels) for place, column in enumerate(table.columns) if column.kind == "categorical"
        }

    def of(self, features: np.ndarray) -> np.ndarray:
        """(rows, coordinates) of features (rows, features)."""
        numbers = [place for place in range(len(self.scales)) if place not in self.categories]
        scaled = features[:, numbers] / self.scales[numbers]
        codes = [features[:, place].astype(np.intp) for place in self.categories]
        indicators = [np.eye(size)[code] for size, code in zip(self.categories.values(), codes, strict=True)]
        return np.concatenate([scaled, *(np.sqrt(0.5) * indicator for indicator in indicators)], 1)


class ClassNeighbours:
    """The rows of each class in a tree of their own; points that coincide with one of them do not count that one."""

    def __init__(self, table: Table, labels: np.ndarray, num_classes: int) -> None:
        """Of a table's rows, with their classes as codes (rows,)."""
        from scipy.spatial import KDTree

        self.coordinates, self.num_classes = Coordinates(table), num_classes
        points = self.coordinates.of(table.features)
        self.members = tuple(np.flatnonzero(labels == code) for code in range(num_classes))
        self.trees = tuple(KDTree(points[rows]) if len(rows) else None for rows in self.members)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """To the nearest row of each class, (rows, classes); infinite where there is none."""
        points = self.coordinates.of(features)
        found = np.full((len(points), self.num_classes), np.inf)
        for code, tree in enumerate(self.trees):
            if tree is not None:
                found[:, code] = _without_itself(tree.query(points, k=2)[0])
        return found

    def nearest(self, features: np.ndarray, code: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to, and places in the table of, the nearest rows of a class, (rows, count) each."""
        tree: Any = self.trees[code]
        rows = self.members[code]
        if tree is None:
            return np.full((len(features), count), np.inf), np.full((len(features), count), -1)
        distances, places = tree.query(self.coordinates.of(features), k=np.arange(1, count + 1))
        return distances, np.append(rows, -1)[places]


def _without_itself(nearest: np.ndarray) -> np.ndarray:
    """The nearest of two distances (rows, 2), the second where the first is 0: the row is compared with others."""
    return np.where(nearest[:, 0] == 0.0, nearest[:, 1], nearest[:, 0])


def on_host(function: Callable[[np.ndarray], np.ndarray], features: Any, *tail: int) -> Any:
    """`function` of features (rows, features) on the host, for arrays (..., features) or inside a JAX program.

    It gives numbers of shape (rows, *tail).
    """

    def flat(given: Any) -> np.ndarray:
        given = np.asarray(given, dtype=np.float64)
        return function(given.reshape(-1, given.shape[-1])).reshape(*given.shape[:-1], *tail)

    if isinstance(features, np.ndarray):
        return flat(features)
    shape = jax.ShapeDtypeStruct((*features.shape[:-1], *tail), features.dtype)
    call = lambda given: flat(given).astype(features.dtype)  # noqa: E731 - a callback needs the dtype of the moment
    return jax.pure_callback(call, shape, jax.lax.stop_gradient(features), vmap_method="expand_dims")
