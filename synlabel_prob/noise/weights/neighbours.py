"""More often near rows of other classes, or where rows are sparse or dense: weights by distances to other rows."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...errors import InputError
from ...laws import ScaleParameter
from ..base import Setting, sample_parameter
from ..geometry import ClassNeighbours, Coordinates, Nearest, on_host
from .base import FittedWeight, Weight, power


@fitted
class NeighbourWeight(FittedWeight):
    """By r = distance to the nearest row of the class over that to the nearest row of any other.

    `ranked (rows,)` holds the sorted shares of the table's own rows, or is None.
    """

    ranked: np.ndarray | None
    neighbours: ClassNeighbours = static()
    exponent: Any = static()

    @property
    def runs_in_jax(self) -> bool:
        """Rows are searched on the host."""
        return False

    def sample_parameters(self, prefix: str) -> Any:
        """The exponent."""
        return sample_parameter(f"{prefix}.exponent", self.exponent)

    def context(self, source: Any) -> Any:
        """The ratio, or its rank, (..., classes)."""
        return on_host(self._of_rows, source, self.neighbours.num_classes)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., classes)."""
        return power(context, parameters)

    def once_drawn(self) -> NeighbourWeight:
        """The exponent is a parameter."""
        return dataclasses.replace(self, exponent=1.0)

    def _of_rows(self, features: np.ndarray) -> np.ndarray:
        shares = near_others(self.neighbours.distances(features))
        if self.ranked is not None:
            shares = np.searchsorted(self.ranked, shares, side="right") / len(self.ranked)
        return shares


def near_others(distances: np.ndarray) -> np.ndarray:
    """R / (1 + r) = same / (same + other), (rows, classes), from distances to each class (rows, classes).

    0 where only the class itself is near, 1 where only others are, 1/2 where both are at the same distance (0 too).
    """
    others = np.stack([np.delete(distances, code, 1).min(1) for code in range(distances.shape[1])], 1)
    with np.errstate(invalid="ignore"):
        share = distances / (distances + others)
    both_none = np.isinf(distances) & np.isinf(others)
    share = np.where((distances == others) | both_none, 0.5, share)
    return np.where(np.isinf(distances) & ~both_none, 1.0, share)


@description
class ByNeighbours(Weight):
    """By the nearest row of the same class and the nearest one of another: d_same / (d_same + d_other).

    Distances are to the table's rows with the ground truth's labels, numbers standardised; a row is not compared with
    itself. `ranked` takes the share of rows with a value at most as large instead, so that the rate falls evenly from
    the least to the most typical row (the paper's NNAR). `exponent` makes it fall faster.
    """

    ranked: bool = False
    exponent: ScaleParameter = 1.0
    kind: Literal["by_neighbours"] = "by_neighbours"

    summary = "near rows of other classes (nearest-neighbour ratio; NNAR)"
    paper = "Garcia et al., 2019; de Vries & Thierens, 2023"
    depends_on = "features"

    def fit(self, setting: Setting) -> NeighbourWeight:
        """The rows of each class by themselves.

        Raises:
            InputError: all rows have one class.
        """
        require_two_classes(setting, self.kind)
        neighbours = ClassNeighbours(setting.table, setting.labels, len(setting.classes))
        if not self.ranked:
            return NeighbourWeight(None, neighbours, self.exponent)
        shares = near_others(neighbours.distances(setting.table.features))
        own = np.sort(shares[np.arange(len(shares)), setting.labels])
        return NeighbourWeight(own, neighbours, self.exponent)

    def explain(self) -> str:
        """In words."""
        return "where rows of other classes are near"


def require_two_classes(setting: Setting, kind: str) -> None:
    """An error where no row has an enemy."""
    if np.count_nonzero(setting.class_marginal) < 2:
        raise InputError(
            f"{kind!r} compares rows of different classes, but the ground truth gives all rows the class "
            f"{setting.classes[int(setting.labels[0])]!r}: use a weight or destination that does not."
        )


@fitted
class DensityWeight(FittedWeight):
    """The mean distance to the nearest rows, or its inverse."""

    nearest: Nearest = static()
    coordinates: Any = static()
    neighbours: int = static()
    power: float = static()
    largest: float = static()

    @property
    def runs_in_jax(self) -> bool:
        """Rows are searched on the host."""
        return False

    def context(self, source: Any) -> Any:
        """The weights themselves, (..., 1)."""
        return on_host(self._of_rows, source, 1)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        return jnp.asarray(context)

    def _of_rows(self, features: np.ndarray) -> np.ndarray:
        mean = mean_distance(self.nearest, self.coordinates.of(features), self.neighbours)
        with np.errstate(divide="ignore"):
            return np.minimum(mean**self.power, self.largest)[:, None]


def mean_distance(nearest: Nearest, points: np.ndarray, count: int) -> np.ndarray:
    """To the nearest `count` rows other than the point itself, (rows,)."""
    distances = nearest(points, count + 1)[0]
    itself = distances[:, 0] == 0.0
    return np.where(itself, distances[:, 1:].mean(1), distances[:, :-1].mean(1))


@description
class ByDensity(Weight):
    """By how close the nearest rows of any class are.

    `where` they are far apart (`sparse`: the weight is the mean distance to the nearest `neighbours` rows) or close
    together (`dense`: one over it, at most 100 times its median).
    """

    where: Literal["sparse", "dense"] = "sparse"
    neighbours: Annotated[int, Field(ge=1)] = 10
    kind: Literal["by_density"] = "by_density"

    summary = "where rows are sparse, or dense"
    depends_on = "features"

    def fit(self, setting: Setting) -> DensityWeight:
        """All rows.

        Raises:
            InputError: there are no more rows than neighbours.
        """
        if setting.table.num_rows <= self.neighbours:
            raise InputError(
                f"'by_density' needs more rows than neighbours = {self.neighbours}; got {setting.table.num_rows} rows."
            )
        coordinates = Coordinates(setting.table)
        points = coordinates.of(setting.table.features)
        nearest, power = Nearest(points), {"sparse": 1.0, "dense": -1.0}[self.where]
        with np.errstate(divide="ignore"):
            middle = float(np.median(mean_distance(nearest, points, self.neighbours) ** power))
        largest = 100.0 * middle if np.isfinite(middle) and middle > 0 else 1.0
        return DensityWeight(nearest, coordinates, self.neighbours, power, largest)

    def explain(self) -> str:
        """In words."""
        return f"where rows are {self.where}"
