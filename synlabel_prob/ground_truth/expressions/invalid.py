"""Rows in which an expression has no value, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .columns import Column, frozen
from .evaluation import Evaluation
from .nodes import Expression, Node, names_in
from .spelling import short, spell_name


def invalid_rows(expression: Expression, columns: Sequence[Column], features: Any) -> Any:
    """Find the rows where the expression divides by zero or makes something not finite from finite numbers.

    Args:
        expression: From `parse`; it fits the columns.
        columns: As for `compile_expression`.
        features: `(..., columns)`, a NumPy or JAX array.

    Returns:
        Truth values `(...)`; exact. What `and`, `or` or a chained comparison do not reach in a row does not
        count.
    """
    invalid: Any = False

    def watch(part: Node, failed: Any, reason: str) -> None:
        nonlocal invalid
        invalid = invalid | failed

    evaluation = Evaluation(frozen(columns), features, watch)
    evaluation.run(expression.tree)
    return invalid | evaluation.namespace.zeros(evaluation.shape, dtype=bool)


def describe_invalid(expression: Expression, columns: Sequence[Column], features: Any) -> str | None:
    """Say where and why the expression has no value.

    Args:
        expression: From `parse`; it fits the columns.
        columns: As for `compile_expression`.
        features: `(..., columns)`, concrete; rows are counted along all but the last axis.

    Returns:
        A sentence with the number of rows, the first of them, the part that fails there and its values; None
        if all rows have a value.
    """
    rows = np.asarray(features).reshape(-1, np.shape(features)[-1])
    invalid = invalid_rows(expression, columns, rows)
    if not invalid.any():
        return None
    row = int(invalid.argmax())
    found: list[tuple[Node, str]] = []
    evaluation = Evaluation(
        frozen(columns),
        rows[row],
        lambda part, failed, reason: found.append((part, reason)) if failed else None,
    )
    evaluation.run(expression.tree)
    part, reason = found[0]
    values = ", ".join(f"{spell_name(name)} = {evaluation.shown(name)}" for name in names_in(part))
    return (
        f"The expression has no value in {int(invalid.sum())} of {len(rows)} rows, first in row {row} "
        f"(counted from 0), where {short(part)} {reason}{' with ' + values if values else ''}; change the "
        "expression or put a condition in front that such rows fail, as in x != 0 and 1 / x > 2."
    )
