"""Linear scores with given weights: the class with the highest score, probabilities by softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter

from .._lazy import jax, jnp
from ..descriptions import constant, description, fitted, static, to_plain
from ..errors import InputError, Problems
from ..table import Table
from .ball import continuous_features
from .base import GroundTruth, GroundTruthFunction
from .crossings import crossings_of_lines
from .decisions import Argmax, Decision


@fitted
class LinearFunction(GroundTruthFunction):
    """scores = features @ weights.T + intercepts; weights (classes, features)."""

    weights: np.ndarray
    intercepts: np.ndarray
    decision: Decision = static()
    classes: tuple = static()
    saved_as = "linear"

    @property
    def has_probabilities(self) -> bool:
        """By softmax."""
        return True

    def labels(self, features: Any) -> Any:
        """Class codes; exact."""
        if isinstance(self.decision, Argmax):
            return jnp.argmax(self.scores(features), -1)
        return self.decision.decide(self.probabilities(features), self.classes)

    def probabilities(self, features: Any) -> Any:
        """Softmax of the scores."""
        return jax.nn.softmax(self.scores(features), -1)

    def scores(self, features: Any) -> Any:
        """Linear scores, shape (..., classes)."""
        return jnp.asarray(features) @ constant(self.weights).T + constant(self.intercepts)

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """Where the scores of two classes cross; None under other decisions than argmax."""
        if not isinstance(self.decision, Argmax):
            return None
        start = jnp.asarray(features).at[..., place].set(0.0)
        return crossings_of_lines(self.scores(start), constant(self.weights)[:, place], 0.0)

    def linear_scores(self) -> tuple[Any, Any] | None:
        """As they are; None under other decisions than argmax."""
        return (self.weights, self.intercepts) if isinstance(self.decision, Argmax) else None

    def lines(self, features: Any, places: tuple[int, ...]) -> tuple[Any, Any] | None:
        """The scores at 0, and the weights; None under other decisions than argmax."""
        if not isinstance(self.decision, Argmax):
            return None
        start = jnp.asarray(features).at[np.array(places)].set(0.0)
        return jnp.nan_to_num(self.scores(start), neginf=-1e300), constant(self.weights)[:, np.array(places)]

    def values(self) -> dict[str, Any]:
        """Weights, intercepts (as text where a class is excluded by an infinite one), and the decision."""
        intercepts = [float(value) if np.isfinite(value) else str(value) for value in self.intercepts]
        return {"weights": self.weights.tolist(), "intercepts": intercepts, "decision": to_plain(self.decision)}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> LinearFunction:
        """From the same values."""
        intercepts = np.array([float(value) for value in saved["intercepts"]])
        decision = TypeAdapter(Decision).validate_python(saved["decision"])
        return cls(np.array(saved["weights"], dtype=np.float64), intercepts, decision, tuple(saved["classes"]))


@description
class Linear(GroundTruth):
    """Scores from weights by class and feature; features that are not named have weight 0.

    `weights = { yes = { age = 1.0, income = -0.5 }, no = {} }`, `intercepts = { yes = 0.2 }`. Ties go to the class
    that is declared first.
    """

    weights: dict[str, dict[str, float]]
    intercepts: dict[str, float] = Field(default_factory=dict)
    decision: Decision = Argmax()
    kind: Literal["linear"] = "linear"

    summary = "linear scores with given weights, probabilities by softmax"

    def __post_init__(self) -> None:
        if len(self.weights) < 2:
            raise InputError(f"weights must have at least two classes; got {list(self.weights)}.")
        unknown = [name for name in self.intercepts if name not in self.weights]
        if unknown:
            raise InputError(
                f"intercepts name the class {unknown[0]!r}, which has no weights: there is {list(self.weights)}."
            )

    def class_values(self, table: Table) -> tuple:
        """In the order of the weights."""
        return tuple(self.weights)

    def report_problems(self, table: Table, problems: Problems) -> None:
        """Unknown features, and a decision about an unknown class."""
        for label, weights in self.weights.items():
            continuous_features(tuple(weights), table, problems, f"ground_truth.weights.{label}")
        self.decision.report_problems(self.class_values(table), problems)

    def fit(self, table: Table) -> LinearFunction:
        """Nothing is learned."""
        matrix = np.zeros((len(self.weights), len(table.columns)))
        for row, weights in enumerate(self.weights.values()):
            matrix[row, list(table.index(tuple(weights)))] = list(weights.values())
        intercepts = np.array([self.intercepts.get(label, 0.0) for label in self.weights])
        return LinearFunction(matrix, intercepts, self.decision, self.class_values(table))

    def explain(self) -> str:
        """In words."""
        return f"the class with the highest linear score ({len(self.weights)} classes), {self.decision.explain()}"
