"""Distances between rows of mixed features, and who is near whom."""

from __future__ import annotations

import functools
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


class Nearest:
    """The nearest of some points, in memory that does not grow with their number times that of the questions."""

    def __init__(self, points: np.ndarray) -> None:
        """Of points (points, coordinates): by a tree where these are few, by blocks of matrix products elsewhere."""
        from sklearn.neighbors import NearestNeighbors

        self.points, self.search = points, NearestNeighbors().fit(points)

    def __call__(self, asked: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to, and places of, the nearest `count` points, (asked, count) each; infinite and -1 beyond them."""
        known = min(count, len(self.points))
        places = self.search.kneighbors(asked, known, return_distance=False)
        # Worked out anew: the products of large numbers leave distances that should be 0 above it.
        exact = np.stack([np.linalg.norm(asked - self.points[place], axis=1) for place in places.T], 1)
        order = np.argsort(exact, 1, kind="stable")
        pad = ((0, 0), (0, count - known))
        distances = np.pad(np.take_along_axis(exact, order, 1), pad, constant_values=np.inf)
        return distances, np.pad(np.take_along_axis(places, order, 1), pad, constant_values=-1)


class ClassNeighbours:
    """The rows of each class by themselves; points that coincide with one of them do not count that one."""

    def __init__(self, table: Table, labels: np.ndarray, num_classes: int) -> None:
        """Of a table's rows, with their classes as codes (rows,)."""
        self.coordinates, self.num_classes, self.features = Coordinates(table), num_classes, table.features
        points = self.coordinates.of(table.features)
        self.members = tuple(np.flatnonzero(labels == code) for code in range(num_classes))
        self.searches = tuple(Nearest(points[rows]) if len(rows) else None for rows in self.members)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """To the nearest row of each class, (rows, classes); infinite where there is none."""
        return self._of_table if np.array_equal(features, self.features) else self._distances(features)

    @functools.cached_property
    def _of_table(self) -> np.ndarray:
        return self._distances(self.features)

    def _distances(self, features: np.ndarray) -> np.ndarray:
        points = self.coordinates.of(features)
        found = np.full((len(points), self.num_classes), np.inf)
        for code, search in enumerate(self.searches):
            if search is not None:
                found[:, code] = _without_itself(search(points, 2)[0])
        return found

    def nearest(self, features: np.ndarray, code: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to, and places in the table of, the nearest rows of a class, (rows, count) each."""
        search, rows = self.searches[code], self.members[code]
        if search is None:
            return np.full((len(features), count), np.inf), np.full((len(features), count), -1)
        distances, places = search(self.coordinates.of(features), count)
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
