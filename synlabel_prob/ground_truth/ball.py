"""A ball or a ring: inside or outside by the Euclidean distance to a centre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jnp
from ..descriptions import constant, description, fitted, static
from ..errors import InputError, Problems
from ..table import Table
from .base import GroundTruth, GroundTruthFunction, no_probabilities


@fitted
class BallFunction(GroundTruthFunction):
    """Code 0 where inner_radius <= distance <= radius, else code 1."""

    center: np.ndarray
    inner_radius: float
    radius: float
    columns: tuple[int, ...] = static()
    classes: tuple = static()
    saved_as = "ball"

    @property
    def has_probabilities(self) -> bool:
        """A rule has none."""
        return False

    def labels(self, features: Any) -> Any:
        """Class codes; exact."""
        center = self.center if isinstance(features, np.ndarray) else constant(self.center)
        squared = ((features[..., list(self.columns)] - center) ** 2).sum(-1)
        inside = (squared >= self.inner_radius**2) & (squared <= self.radius**2)
        return jnp.where(inside, 0, 1)

    def probabilities(self, features: Any) -> Any:
        """Always an error."""
        raise no_probabilities("a ball rule")

    def breakpoints(self, features: Any, place: int) -> Any:
        """Where a line along that feature goes through the sphere, or both; none for a feature without a part in it."""
        array = np if isinstance(features, np.ndarray) else jnp
        center = self.center if isinstance(features, np.ndarray) else constant(self.center)
        if place not in self.columns:
            return array.zeros((*features.shape[:-1], 0))
        others = [index for index, own in enumerate(self.columns) if own != place]
        gaps = features[..., [self.columns[index] for index in others]] - center[np.array(others, dtype=int)]
        repeats = len(self.columns) - len(others)
        here = center[self.columns.index(place)]
        found = []
        for radius in (self.radius, self.inner_radius):
            squared = (radius**2 - (gaps**2).sum(-1)) / repeats
            half = array.where(squared >= 0, array.sqrt(array.where(squared < 0, 0.0, squared)), np.inf)
            found += [array.where(squared >= 0, here - half, np.inf), here + half]
        return array.stack(found, -1)

    def values(self) -> dict[str, Any]:
        """Centre, radii and places of the features."""
        radii = {"inner_radius": float(self.inner_radius), "radius": float(self.radius)}
        return {"center": self.center.tolist(), **radii, "columns": list(self.columns)}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> BallFunction:
        """From the same values."""
        radii = (saved["inner_radius"], saved["radius"])
        return cls(np.array(saved["center"]), *radii, tuple(saved["columns"]), tuple(saved["classes"]))


@description
class Ball(GroundTruth):
    """Inside where inner_radius <= distance to the centre <= radius; inner_radius above 0 makes a ring."""

    features: tuple[str, ...]
    radius: Annotated[float, Field(gt=0)]
    inner_radius: Annotated[float, Field(ge=0)] = 0.0
    center: tuple[float, ...] | None = None
    inside: str = "inside"
    outside: str = "outside"
    kind: Literal["ball"] = "ball"

    summary = "inside or outside by the distance to a centre (a ring with inner_radius)"
    gives_probabilities = False

    def __post_init__(self) -> None:
        if not self.features:
            raise InputError("features must name at least one feature; got none.")
        if self.inner_radius >= self.radius:
            raise InputError(f"inner_radius must be below radius = {self.radius:g}; got {self.inner_radius:g}.")
        if self.center is not None and len(self.center) != len(self.features):
            raise InputError(f"center must have one number a feature ({len(self.features)}); got {len(self.center)}.")
        if self.inside == self.outside:
            raise InputError(f"inside must be another class than `outside`; both are {self.inside!r}.")

    def class_values(self, table: Table) -> tuple:
        """Inside first."""
        return (self.inside, self.outside)

    def report_problems(self, table: Table, problems: Problems) -> None:
        """Unknown features and features that have no distance."""
        continuous_features(self.features, table, problems, "ground_truth.features")

    def fit(self, table: Table) -> BallFunction:
        """Nothing is learned."""
        return BallFunction(
            center=np.asarray(self.center or (0.0,) * len(self.features), dtype=np.float64),
            inner_radius=self.inner_radius,
            radius=self.radius,
            columns=tuple(int(i) for i in table.index(self.features)),
            classes=self.class_values(table),
        )

    def explain(self) -> str:
        """In words."""
        shape = "ring" if self.inner_radius else "ball"
        return f"{self.inside} in a {shape} of {', '.join(self.features)} (radius {self.radius:g}), else {self.outside}"


def continuous_features(names: tuple[str, ...], table: Table, problems: Problems, where: str) -> None:
    """Note names that the table lacks and features that are not continuous."""
    try:
        positions = table.index(names)
    except InputError as error:
        problems.add(f"`{where}`: {error}")
        return
    for position in positions:
        column = table.columns[position]
        if column.kind != "continuous":
            problems.add(
                f"`{where}` needs continuous features; {column.name!r} is {column.kind}: use an expression or "
                "a learned function for it."
            )
