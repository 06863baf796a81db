"""What an expression needs to know of the columns of the features."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from .nodes import Name, Node, Text
from .spelling import NUMBER


@runtime_checkable
class Column(Protocol):
    """What an expression needs to know of a column of the features."""

    @property
    def name(self) -> str:
        """What expressions call it."""
        ...

    @property
    def kind(self) -> str:
        """`continuous`, `ordinal` or `categorical`."""
        ...

    @property
    def levels(self) -> Iterable[Any]:
        """The labels in the order of their codes; none for continuous columns."""
        ...


@dataclass(frozen=True)
class FrozenColumn:
    """The part of a column that an expression depends on."""

    name: str
    kind: str
    levels: tuple[Any, ...]

    @property
    def labels(self) -> list[str]:
        """The levels as texts."""
        return [str(level) for level in self.levels]

    @property
    def level_values(self) -> list[float] | None:
        """The levels as numbers, or None where one is none; a table may hold 1, 2, 3 as text."""
        for level in self.levels:
            is_number = isinstance(level, numbers.Real) and not isinstance(level, bool)
            if not is_number and not (isinstance(level, str) and re.fullmatch(f"-?{NUMBER}", level)):
                return None
        return [float(level) for level in self.levels]

    @property
    def is_number(self) -> bool:
        """Whether an expression can calculate with it."""
        return self.kind == "continuous" or self.level_values is not None


def frozen(columns: Iterable[Column]) -> tuple[FrozenColumn, ...]:
    """Copies of the columns that hold only what an expression depends on, hashable."""
    return tuple(FrozenColumn(column.name, column.kind, tuple(column.levels)) for column in columns)


def compares_labels(left: Node, right: Node, columns: dict[str, FrozenColumn]) -> bool:
    """Whether levels are compared by their codes, instead of numbers by their values."""
    if isinstance(left, Name) and isinstance(right, Name):
        return not any(name not in columns or columns[name].is_number for name in (left.name, right.name))
    return isinstance(left, Text) or isinstance(right, Text)
