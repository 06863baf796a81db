"""More often in some classes than in others: by given weights, or the rarer the class."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jnp
from ...descriptions import description, fitted
from ...errors import InputError, Problems, did_you_mean
from ...ground_truth import GroundTruth
from ...table import Table
from ..base import Setting, class_codes
from .base import FittedWeight, Weight


@fitted
class ClassWeight(FittedWeight):
    """The same for every row, `weights (classes,)`."""

    weights: np.ndarray

    def at(self, source: Any) -> Any:
        """(classes,)."""
        return jnp.asarray(self.weights)


@description
class ByClass(Weight):
    """Weights by the class that changes: `weights = { setosa = 1, virginica = 3 }`.

    `weights` are proportions of at least 0; classes that are not named never change.
    """

    weights: dict[str, Annotated[float, Field(ge=0)]]
    kind: Literal["by_class"] = "by_class"

    summary = "in some classes, by given weights"

    def __post_init__(self) -> None:
        if not any(self.weights.values()):
            raise InputError("weights must name at least one class with a weight above 0; got none.")

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.weights:
            if name not in known:
                problems.add(f"`{place}.weights` names the class {name!r}: {did_you_mean(name, known)}")

    def fit(self, setting: Setting) -> ClassWeight:
        """Nothing is learned."""
        given = class_codes(self.weights, setting.classes)
        return ClassWeight(np.array([given.get(code, 0.0) for code in range(len(setting.classes))]))

    def explain(self) -> str:
        """In words."""
        return f"in some classes ({', '.join(f'{name} {weight:g}' for name, weight in self.weights.items())})"


@description
class ByRarity(Weight):
    """One over the class's frequency among the ground truth's labels (Zhu & Wu, 2004).

    A class that no row has does not change.
    """

    kind: Literal["by_rarity"] = "by_rarity"

    summary = "the rarer the class (proportional to one over its frequency)"
    paper = "Zhu & Wu, 2004"

    def fit(self, setting: Setting) -> ClassWeight:
        """The frequencies."""
        shares = setting.class_marginal
        return ClassWeight(np.where(shares > 0, shares[shares > 0].min() / np.where(shares > 0, shares, 1.0), 0.0))

    def explain(self) -> str:
        """In words."""
        return "the rarer the class is"
