"""One pass over the features, by NumPy or JAX, that works out an expression and can watch where it fails."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..._lazy import jnp
from ...errors import InputError
from .columns import FrozenColumn, compares_labels
from .nodes import FUNCTIONS, Call, Chain, Name, Node, Number, Power, Precedence, Text, Truth, Unary, children

_COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


class Evaluation:
    """One pass over the features; with `watch`, `reached` holds the rows that a part is needed for."""

    def __init__(
        self,
        columns: tuple[FrozenColumn, ...],
        features: Any,
        watch: Callable[[Node, Any, str], Any] | None = None,
    ) -> None:
        """Take the features.

        Args:
            columns: One for each feature, in the order of the features.
            features: `(..., columns)`; NumPy arrays stay with NumPy, anything else goes to JAX.
            watch: Is told of every part that could fail: the part, a mask of where it does, and how.

        Raises:
            InputError: The features have another number of columns.
        """
        self.namespace: Any = np if isinstance(features, np.ndarray) else jnp
        self.columns = {column.name: column for column in columns}
        self.indices = {column.name: index for index, column in enumerate(columns)}
        self.watch = watch
        features = self.namespace.asarray(features)
        if features.ndim == 0 or features.shape[-1] != len(columns):
            raise InputError(
                f"features: expected an array whose last axis has length {len(columns)}, got the shape "
                f"{features.shape}; give the columns that the expression was made for."
            )
        is_float = self.namespace.issubdtype(features.dtype, self.namespace.floating)
        self.features = features if is_float else features.astype(float)
        self.shape = features.shape[:-1]

    def run(self, tree: Node) -> Any:
        """The values of the tree, `(...)` or a scalar where it names no column."""
        with np.errstate(all="ignore"):
            return self._value(tree, self.namespace.ones(self.shape, dtype=bool) if self.watch else None)

    def _value(self, node: Node, reached: Any) -> Any:
        match node:
            case Number(value):
                return self.namespace.asarray(value, dtype=self.features.dtype)
            case Truth(value):
                return self.namespace.asarray(value)
            case Name(name):
                return self._column(name)
            case Unary("-", operand):
                return -self._value(operand, reached)
            case Unary(_, operand):
                return ~self._value(operand, reached)
            case Chain():
                if node.precedence == Precedence.COMPARE:
                    return self._comparison(node, reached)
                return (self._logic if node.precedence <= Precedence.AND else self._arithmetic)(node, reached)
        operands = [self._value(child, reached) for child in children(node)]
        return self._checked(node, operands, self._function(node)(*operands), reached)

    def _function(self, node: Node) -> Callable[..., Any]:
        if isinstance(node, Power):
            squares = node.exponent == Number(2.0)
            # Exact, and in JAX much faster than the general power.
            return lambda base, exponent: (
                self.namespace.square(base) if squares else self.namespace.power(base, exponent)
            )
        assert isinstance(node, Call)
        function = getattr(self.namespace, FUNCTIONS[node.function])
        return function if len(node.arguments) == 1 else lambda *several: functools.reduce(function, several)

    def _checked(self, node: Node, operands: Sequence[Any], result: Any, reached: Any) -> Any:
        if self.watch:
            finite = functools.reduce(operator.and_, map(self.namespace.isfinite, operands))
            failed = reached & finite & ~self.namespace.isfinite(result)
            self.watch(node, failed, "is not a finite number")
        return result

    def _column(self, name: str) -> Any:
        codes = self.features[..., self.indices[name]]
        if self.columns[name].kind == "continuous":
            return codes
        values = self.namespace.asarray(self.columns[name].level_values, dtype=self.features.dtype)
        known = (codes >= 0) & (codes < len(values))
        return self.namespace.where(known, values[self.namespace.where(known, codes, 0).astype(int)], np.nan)

    def _arithmetic(self, chain: Chain, reached: Any) -> Any:
        result = self._value(chain.first, reached)
        for index, (word, operand) in enumerate(chain.rest):
            left, right = result, self._value(operand, reached)
            result = _ARITHMETIC[word](left, right)
            if self.watch:
                part = replace(chain, rest=chain.rest[: index + 1])
                if word == "/":
                    self.watch(part, reached & (right == 0), "divides by zero")
                self._checked(part, (left, right), result, reached)
        return result

    def _comparison(self, chain: Chain, reached: Any) -> Any:
        result, before = None, None
        for left, word, right in chain.steps:
            if compares_labels(left, right, self.columns):
                operands, before = (self._code(left, right), self._code(right, left)), None
            else:
                operands = (
                    self._value(left, reached) if before is None else before,
                    self._value(right, reached),
                )
                before = operands[1]
            pair = _COMPARISONS[word](*operands)
            result = pair if result is None else result & pair
            reached = reached & result if self.watch else None
        return result

    def _code(self, node: Node, other: Node) -> Any:
        if isinstance(node, Name):
            return self.features[..., self.indices[node.name]]
        assert isinstance(node, Text) and isinstance(other, Name)
        return self.columns[other.name].labels.index(node.value)

    def _logic(self, chain: Chain, reached: Any) -> Any:
        result = self._value(chain.first, reached)
        for word, operand in chain.rest:
            if self.watch:
                reached = reached & (result if word == "and" else ~result)
            value = self._value(operand, reached)
            result = result & value if word == "and" else result | value
        return result

    def shown(self, name: str) -> str:
        """What a column holds in a pass over a single row, as text for a message."""
        value, labels = self.features[..., self.indices[name]], self.columns[name].labels
        return labels[int(value)] if 0 <= value < len(labels) else str(value)
