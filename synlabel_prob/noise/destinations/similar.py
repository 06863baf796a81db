"""Destinations learned from the rows: classes whose centres are near, classes that a classifier confuses, enemies."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jnp
from ...descriptions import constant, description, fitted, static
from ...errors import InputError, Problems
from ...ground_truth import GroundTruth, Learned
from ...laws import ScaleParameter
from ...table import Table
from ..base import Setting, sample_parameter, stated
from ..geometry import ClassNeighbours, Coordinates, on_host
from .base import Destination, FittedDestination, FixedDestination, ProportionalDestination, without_diagonal


@fitted
class SimilarDestination(ProportionalDestination):
    """Exp(-excess / scale), `excess (classes, classes)` being how much farther a mean is than the nearest."""

    excess: np.ndarray
    scale: Any = static()

    def proportions(self, prefix: str) -> Any:
        """Infinitely far means get nothing."""
        near = jnp.isfinite(constant(self.excess))  # 0 times infinity in the derivative otherwise
        excess = jnp.where(near, constant(self.excess), 0.0)
        return jnp.where(near, jnp.exp(-excess / sample_parameter(f"{prefix}.scale", self.scale)), 0.0)

    def once_drawn(self) -> SimilarDestination:
        """The shares are parameters."""
        return dataclasses.replace(self, scale=1.0)


@description
class ToSimilar(Destination):
    """To classes whose mean is near, in proportion to exp(-distance / scale), in standard deviations of the features.

    A small `scale` leaves the nearest class. A class that no row has goes to any other alike.
    """

    scale: ScaleParameter = 1.0
    kind: Literal["to_similar"] = "to_similar"

    summary = "classes whose mean is near"

    def fit(self, setting: Setting) -> SimilarDestination:
        """The means of the classes."""
        points = Coordinates(setting.table).of(setting.table.features)
        size = len(setting.classes)
        present = [code for code in range(size) if (setting.labels == code).any()]
        centres = np.stack([points[setting.labels == code].mean(0) for code in present])
        apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
        np.fill_diagonal(apart, np.inf)
        excess = np.zeros((size, size))
        if len(present) > 1:
            excess[present] = np.inf
            excess[np.ix_(present, present)] = apart - apart.min(1, keepdims=True)
        return SimilarDestination(excess, self.scale)

    def explain(self) -> str:
        """In words."""
        return f"to classes whose mean is near (scale {stated(self.scale)})"


@description
class ToConfused(Destination):
    """To the classes that a classifier takes for the row's, by its cross-validated confusion matrix.

    `classifier` is fitted to the ground truth's labels, on `folds` parts of the rows in turn; a class that it never
    mistakes goes to any other alike.
    """

    classifier: Learned = Learned("LogisticRegression")
    folds: Annotated[int, Field(ge=2)] = 5
    kind: Literal["to_confused"] = "to_confused"

    summary = "classes that a classifier confuses with it"

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """More folds than rows."""
        if self.folds > table.num_rows:
            problems.add(f"`{place}.folds` must be at most the number of rows, {table.num_rows}; got {self.folds}.")

    def fit(self, setting: Setting) -> FixedDestination:
        """The confusion matrix."""
        size = len(setting.classes)
        counts = np.zeros((size, size))
        for learned_from, asked in _folds(len(setting.labels), self.folds):
            if len(np.unique(setting.labels[learned_from])) < 2:
                continue  # a classifier needs two classes
            function = self.classifier.fit(_labelled(setting, learned_from))
            said = np.asarray(function.labels(setting.table.features[asked])).astype(np.int64)
            np.add.at(counts, (setting.labels[asked], said), 1.0)
        others = np.where(np.eye(size, dtype=bool), 0.0, counts)
        return without_diagonal(np.where(others.any(1, keepdims=True), others, 1.0))

    def explain(self) -> str:
        """In words."""
        return f"to classes that a classifier confuses with it ({self.classifier.explain()})"


def _folds(rows: int, folds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places to learn from and to ask about; rows are dealt out in a fixed random order."""
    order = np.random.default_rng(0).permutation(rows)
    return [(np.setdiff1d(order, part), np.sort(part)) for part in np.array_split(order, folds)]


def _labelled(setting: Setting, places: np.ndarray) -> Table:
    """These rows with the ground truth's labels as their target."""
    whole = dataclasses.replace(setting.table, classes=setting.classes, target=setting.labels, target_name="label")
    return whole.take(places)


@fitted
class EnemyDestination(FittedDestination):
    """Classes of the nearest rows with another label than the one that changes."""

    neighbours: ClassNeighbours = static()
    count: int = static()

    @property
    def runs_in_jax(self) -> bool:
        """Rows are searched on the host."""
        return False

    def context(self, source: Any) -> Any:
        """(..., classes, classes) shares."""
        size = self.neighbours.num_classes
        return on_host(self._of_rows, source, size, size)

    def towards(self, parameters: Any, context: Any) -> Any:
        """As found."""
        return jnp.asarray(context)

    def _of_rows(self, features: np.ndarray) -> np.ndarray:
        """Of the nearest `count` enemies, the share of each class, (rows, classes, classes)."""
        size = self.neighbours.num_classes
        distances = np.stack([self.neighbours.nearest(features, code, self.count)[0] for code in range(size)], 1)
        shares = np.zeros((len(features), size, size))
        codes = np.repeat(np.arange(size), self.count)
        for code in range(size):
            others = distances.copy()
            others[:, code] = np.inf
            nearest = np.argsort(others.reshape(len(features), -1), axis=1, kind="stable")[:, : self.count]
            found = np.isfinite(np.take_along_axis(others.reshape(len(features), -1), nearest, 1))
            for place in range(nearest.shape[1]):
                np.add.at(shares[:, code], (np.arange(len(features)), codes[nearest[:, place]]), found[:, place])
        return shares / shares.sum(-1, keepdims=True)


@description
class ToEnemy(Destination):
    """To the class of the nearest row with another label; of several `neighbours`, to each by its share.

    Distances are to the table's rows with the ground truth's labels, numbers standardised.
    """

    neighbours: Annotated[int, Field(ge=1)] = 1
    kind: Literal["to_enemy"] = "to_enemy"

    summary = "the class of the nearest row with another label"
    depends_on = "features"

    def fit(self, setting: Setting) -> EnemyDestination:
        """The rows of each class by themselves.

        Raises:
            InputError: all rows have one class, or one class and few rows of others.
        """
        if np.count_nonzero(setting.class_marginal) < 2:
            raise InputError(
                f"'to_enemy' needs rows of two classes, but the ground truth gives all rows the class "
                f"{setting.classes[int(setting.labels[0])]!r}: use another destination."
            )
        return EnemyDestination(ClassNeighbours(setting.table, setting.labels, len(setting.classes)), self.neighbours)

    def explain(self) -> str:
        """In words."""
        rows = "row" if self.neighbours == 1 else f"{self.neighbours} rows"
        return f"to the class of the nearest {rows} with another label"
