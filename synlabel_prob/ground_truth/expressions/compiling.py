"""Expressions as functions of the features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .checking import check
from .columns import Column, FrozenColumn, frozen
from .evaluation import Evaluation
from .nodes import Expression


def compile_expression(expression: Expression, columns: Sequence[Column]) -> CompiledExpression:
    """Make a function of the features from an expression.

    Args:
        expression: From `parse`.
        columns: One object with `name`, `kind` and `levels` for each feature, in the order of the features.

    Returns:
        A pure function from features `(..., columns)` to values `(...)`.

    Raises:
        InputError: The expression does not fit the columns, see `check`.
    """
    check(expression, columns)
    return CompiledExpression(expression, frozen(columns))


@dataclass(frozen=True)
class CompiledExpression:
    """A function of the features; hashable, and equal to another of equal expression and columns."""

    expression: Expression
    columns: tuple[FrozenColumn, ...]

    def __call__(self, features: Any) -> Any:
        """Evaluate the expression: exact, pure and without warnings; works under `jit` and `vmap`.

        Args:
            features: `(..., columns)`, categorical and ordinal columns as codes. A NumPy array is evaluated
                by NumPy, anything else by JAX.

        Returns:
            `(...)`, truth values or numbers; in `invalid_rows` they follow the rules for infinities and NaN.

        Raises:
            InputError: The features have another number of columns.
        """
        evaluation = Evaluation(self.columns, features)
        values = evaluation.run(self.expression.tree)
        # A copy, because the values of a bare name would be a window into the caller's features.
        return evaluation.namespace.array(evaluation.namespace.broadcast_to(values, evaluation.shape))
