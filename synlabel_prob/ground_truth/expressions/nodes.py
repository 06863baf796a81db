"""The parts of an expression: its tree as frozen dataclasses, and what can be said of a tree alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Literal

FUNCTIONS = {
    **{name: name for name in ("abs", "sqrt", "exp", "log", "sin", "cos", "tanh", "floor")},
    **{"min": "minimum", "max": "maximum"},
}
"""The functions an expression may call, and the name of each in NumPy and JAX."""


class Precedence(IntEnum):
    """How tightly operators bind, the loosest first."""

    OR = 1
    AND = 2
    NOT = 3
    COMPARE = 4
    ADD = 5
    MULTIPLY = 6
    NEGATE = 7
    POWER = 8
    ATOM = 9


PRECEDENCES = {
    **{"or": Precedence.OR, "and": Precedence.AND, "+": Precedence.ADD, "-": Precedence.ADD},
    **{"*": Precedence.MULTIPLY, "/": Precedence.MULTIPLY, "**": Precedence.POWER},
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), Precedence.COMPARE),
}
"""Of every operator with two operands."""


@dataclass(frozen=True)
class _Node:
    position: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Number(_Node):
    """A number."""

    value: float


@dataclass(frozen=True)
class Truth(_Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class Text(_Node):
    """The label of a level, in quotes."""

    value: str


@dataclass(frozen=True)
class Name(_Node):
    """A column."""

    name: str


@dataclass(frozen=True)
class Call(_Node):
    """One of `FUNCTIONS` of its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(_Node):
    """`-` or `not` of an operand."""

    operator: Literal["-", "not"]
    operand: Node


@dataclass(frozen=True)
class Power(_Node):
    """`base ** exponent`."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Chain(_Node):
    """Operands and operators of one precedence, left to right; thus a sum of many terms is no deep tree."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    @property
    def precedence(self) -> int:
        """How tightly its operators bind."""
        return PRECEDENCES[self.rest[0][0]]

    @property
    def steps(self) -> Iterator[tuple[Node, str, Node]]:
        """Each operator with its two neighbours."""
        operands = [self.first, *(operand for _, operand in self.rest)]
        for (left, right), (word, _) in zip(pairwise(operands), self.rest, strict=True):
            yield left, word, right


Node = Number | Truth | Text | Name | Call | Unary | Power | Chain


@dataclass(frozen=True)
class Expression:
    """A parsed text; equal to every other that has the same tree, however it is spelt."""

    tree: Node
    text: str = field(compare=False)


def names(expression: Expression) -> tuple[str, ...]:
    """The columns that the expression uses, each once, in the order in which they first appear."""
    return names_in(expression.tree)


def kind_of(node: Node) -> str:
    """`number`, `truth value` or `text`; a name counts as a number until the columns are known."""
    match node:
        case Text():
            return "text"
        case Truth() | Unary("not"):
            return "truth value"
        case Chain():
            return "truth value" if node.precedence <= Precedence.COMPARE else "number"
    return "number"


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly below, left to right."""
    match node:
        case Call(_, arguments):
            return arguments
        case Unary(_, operand):
            return (operand,)
        case Power(base, exponent):
            return (base, exponent)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and every part below it, left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_in(node: Node) -> tuple[str, ...]:
    """As `names`, of a part."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))
