"""More often in some classes than in others: by given weights, or the rarer the class."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...errors import InputError, Problems, did_you_mean
from ...ground_truth import GroundTruth
from ...laws import PositiveParameter
from ...table import Table
from ..base import Setting, class_codes, sample_parameter, stated
from .base import FittedWeight, Weight


@fitted
class AlikeWeight(FittedWeight):
    """1 everywhere."""

    def weights(self, parameters: Any, context: Any) -> Any:
        """(1,)."""
        return jnp.ones(1)


@fitted
class ClassWeight(FittedWeight):
    """The same for every row; by the code of a class, a number or a law of its weight."""

    given: tuple[Any, ...] = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self, prefix: str) -> Any:
        """(classes,)."""
        pairs = zip(self.names, self.given, strict=True)
        return jnp.stack([sample_parameter(f"{prefix}.weights.{name}", weight) for name, weight in pairs])

    def weights(self, parameters: Any, context: Any) -> Any:
        """(classes,)."""
        return parameters

    def once_drawn(self) -> ClassWeight:
        """They are parameters."""
        return ClassWeight((), ())


@description
class ByClass(Weight):
    """Weights by the class that changes: `weights = { setosa = 1, virginica = 3 }`.

    `weights` are proportions of at least 0; classes that are not named never change.
    """

    weights: dict[str, PositiveParameter]
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
        names = tuple(str(value) for value in setting.classes)
        return ClassWeight(tuple(given.get(code, 0.0) for code in range(len(names))), names)

    def explain(self) -> str:
        """In words."""
        return f"in some classes ({', '.join(f'{name} {stated(weight)}' for name, weight in self.weights.items())})"


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
        weights = np.where(shares > 0, shares[shares > 0].min() / np.where(shares > 0, shares, 1.0), 0.0)
        return ClassWeight(tuple(weights.tolist()), tuple(str(value) for value in setting.classes))

    def explain(self) -> str:
        """In words."""
        return "the rarer the class is"
