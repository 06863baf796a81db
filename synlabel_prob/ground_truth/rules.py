"""Rules written as conditions on feature names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..table import Column, Table
from . import expressions
from .base import GroundTruth, GroundTruthFunction, no_probabilities


@fitted
class RulesFunction(GroundTruthFunction):
    """The class of the first condition that holds, else the last class."""

    conditions: tuple = static()
    classes: tuple = static()
    saved_as = "rules"

    @property
    def has_probabilities(self) -> bool:
        """Rules have none."""
        return False

    def labels(self, features: Any) -> Any:
        """Class codes; exact."""
        array = np if isinstance(features, np.ndarray) else jnp
        codes = array.full(features.shape[:-1], len(self.conditions))
        for code, condition in reversed(list(enumerate(self.conditions))):
            codes = array.where(condition(features), code, codes)
        return codes

    def probabilities(self, features: Any) -> Any:
        """Always an error."""
        raise no_probabilities("a set of rules")

    def values(self) -> dict[str, Any]:
        """The conditions as text, and the columns that they speak of."""
        columns = self.conditions[0].columns
        named = [{"name": it.name, "kind": it.kind, "levels": list(it.levels)} for it in columns]
        return {"conditions": [expressions.to_text(it.expression) for it in self.conditions], "columns": named}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> RulesFunction:
        """From the same values."""
        columns = [Column(it["name"], it["kind"], tuple(it["levels"])) for it in saved["columns"]]
        parsed = [expressions.parse(text) for text in saved["conditions"]]
        conditions = tuple(expressions.compile_expression(item, columns) for item in parsed)
        return cls(conditions=conditions, classes=tuple(saved["classes"]))


@description
class Rules(GroundTruth):
    """Conditions in feature names, tried in order: the first that holds gives the class, else `otherwise`.

    `when = { high = "income > 40 and not (region == 'north')", middle = "income > 20" }, otherwise = "low"`.
    Arithmetic, comparisons, logic and a few functions; names with spaces go between backticks.
    """

    when: dict[str, str]
    otherwise: str
    kind: Literal["rules"] = "rules"

    summary = "conditions in feature names, tried in order"
    gives_probabilities = False

    def __post_init__(self) -> None:
        if not self.when:
            raise InputError("when must hold at least one condition; got none.")
        if self.otherwise in self.when:
            raise InputError(f"otherwise must be a class of its own; {self.otherwise!r} has a condition already.")
        problems = Problems()
        for label, text in self.when.items():
            try:
                expressions.parse(text)
            except InputError as error:
                problems.add(f"when.{label}: {error}")
        problems.raise_if_any()

    def class_values(self, table: Table) -> tuple:
        """In the order of the conditions, `otherwise` last."""
        return (*self.when, self.otherwise)

    def report_problems(self, table: Table, problems: Problems) -> None:
        """Unknown names, wrong kinds, and rows of the table where a condition cannot be worked out."""
        for label, text in self.when.items():
            parsed = expressions.parse(text)
            try:
                expressions.check(parsed, table.columns)
            except InputError as error:
                problems.add(f"`ground_truth.when.{label}`: {error}")
                continue
            invalid = expressions.describe_invalid(parsed, table.columns, table.features)
            if invalid:
                problems.add(f"`ground_truth.when.{label}`: {invalid}")

    def fit(self, table: Table) -> RulesFunction:
        """Nothing is learned."""
        parsed = [expressions.parse(text) for text in self.when.values()]
        conditions = tuple(expressions.compile_expression(item, table.columns) for item in parsed)
        return RulesFunction(conditions=conditions, classes=self.class_values(table))

    def explain(self) -> str:
        """In words."""
        clauses = [f"{label} where {' '.join(text.split())}" for label, text in self.when.items()]
        return f"{', '.join(clauses)}, else {self.otherwise}"
