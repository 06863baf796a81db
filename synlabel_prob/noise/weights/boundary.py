"""More often near the decision boundary of the ground truth."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...ground_truth import GroundTruthFunction
from ...laws import ScaleParameter
from ..base import Setting, sample_parameter, stated
from ..geometry import ClassNeighbours, on_host
from .base import FittedWeight, Weight
from .neighbours import require_two_classes

_HALVINGS = 12


@fitted
class BoundaryWeight(FittedWeight):
    """A density at the distance of a row to the boundary, relative to that at the boundary."""

    function: GroundTruthFunction
    features: np.ndarray
    neighbours: ClassNeighbours = static()
    scale: Any = static()
    is_normal: bool = static()

    @property
    def runs_in_jax(self) -> bool:
        """Distances are found on the host."""
        return False

    def sample_parameters(self, prefix: str) -> Any:
        """The scale."""
        return sample_parameter(f"{prefix}.scale", self.scale)

    def context(self, source: Any) -> Any:
        """Distances, (..., 1)."""
        return on_host(lambda features: self.distances(features)[:, None], source, 1)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        reached = jnp.isfinite(jnp.asarray(context))  # 0 times infinity in the derivative where there is no boundary
        share = jnp.where(reached, context, 0.0) / parameters
        return jnp.where(reached, jnp.exp(-0.5 * share**2 if self.is_normal else -share), 0.0)

    def once_drawn(self) -> BoundaryWeight:
        """The scale is a parameter."""
        return dataclasses.replace(self, scale=1.0)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """(rows,): exact for linear scores of numbers, an upper bound otherwise."""
        linear = None if self.neighbours.coordinates.categories else self.function.linear_scores()
        if linear is None:
            return self._along_segments(features)
        return self._to_planes(features, *(np.asarray(array) for array in linear))

    def _to_planes(self, features: np.ndarray, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
        """To the nearest plane on which another class catches up."""
        scores = features @ weights.T + intercepts
        own = scores.argmax(1)
        scaled = weights * self.neighbours.coordinates.scales
        widths = np.linalg.norm(scaled[own][:, None] - scaled[None], axis=2)
        ahead = scores[np.arange(len(own)), own][:, None] - scores
        with np.errstate(invalid="ignore"):
            distances = np.where(widths > 0, ahead / np.where(widths > 0, widths, 1.0), np.inf)
        return distances.min(1)

    def _along_segments(self, features: np.ndarray) -> np.ndarray:
        """Towards the nearest row with another label, halved down to where the label changes."""
        own = np.asarray(self.function.labels(features)).astype(np.int64)
        enemies = self._nearest_enemy(features, own)
        low, high = np.zeros(len(features)), np.ones(len(features))
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            same = np.asarray(self.function.labels(self._between(features, enemies, middle))) == own
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        of = self.neighbours.coordinates.of
        return np.linalg.norm(of(self._between(features, enemies, high)) - of(features), axis=1)

    def _nearest_enemy(self, features: np.ndarray, own: np.ndarray) -> np.ndarray:
        found = [self.neighbours.nearest(features, code, 1) for code in range(self.neighbours.num_classes)]
        distances = np.concatenate([distance for distance, _ in found], 1)
        places = np.concatenate([place for _, place in found], 1)
        distances[np.arange(len(own)), own] = np.inf
        return self.features[places[np.arange(len(own)), distances.argmin(1)]]

    def _between(self, features: np.ndarray, enemies: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Points on the way; levels change at once, at its middle."""
        mixed = features + share[:, None] * (enemies - features)
        nearer = np.where(share[:, None] < 0.5, features, enemies)
        whole = np.isin(np.arange(features.shape[1]), list(self.neighbours.coordinates.categories))
        return np.where(whole, nearer, mixed)


@description
class ByBoundary(Weight):
    """A density at the distance to the decision boundary, in standard deviations of the features.

    `shape` says which: `exponential`, exp(-d / scale), or `normal`, exp(-d^2 / (2 scale^2)), with d the distance and
    `scale` its unit. It is exact for a linear ground truth of numbers; otherwise it is the distance to where the label
    changes on the way to the nearest row with another label, an upper bound.
    """

    scale: ScaleParameter = 0.5
    shape: Literal["exponential", "normal"] = "exponential"
    kind: Literal["by_boundary"] = "by_boundary"

    summary = "near the decision boundary of the ground truth"
    paper = "Bootkrajang, 2016; Du & Cai, 2015"
    depends_on = "features"

    def fit(self, setting: Setting) -> BoundaryWeight:
        """The rows of each class by themselves.

        Raises:
            InputError: all rows have one class.
        """
        require_two_classes(setting, self.kind)
        neighbours = ClassNeighbours(setting.table, setting.labels, len(setting.classes))
        normal = self.shape == "normal"
        return BoundaryWeight(setting.ground_truth, setting.table.features, neighbours, self.scale, normal)

    def explain(self) -> str:
        """In words."""
        return f"near the decision boundary ({self.shape}, scale {stated(self.scale)})"
