"""Expressions against the columns that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import Problems, did_you_mean
from .columns import Column, FrozenColumn, compares_labels, frozen
from .nodes import Chain, Expression, Name, Node, Precedence, Text, children
from .spelling import located, spell_name, spell_text


def check(expression: Expression, columns: Sequence[Column]) -> None:
    """Check that the expression fits the columns.

    Args:
        expression: From `parse`.
        columns: One object with `name`, `kind` and `levels` for each feature.

    Raises:
        InputError: Lists, each with its place, every name that is no column, text that is no level of the
            column it is compared with, label used as a number, and order asked of a categorical column.
    """
    checker = _Checker(expression.text, columns)
    checker.visit(expression.tree)
    checker.problems.raise_if_any()


class _Checker:
    """Visits every part once and collects what does not fit the columns."""

    def __init__(self, text: str, columns: Iterable[Column]) -> None:
        self.text = text
        self.columns = {column.name: column for column in frozen(columns)}
        self.problems = Problems()

    def problem(self, node: Node, sentence: str) -> None:
        self.problems.add(located(self.text, node.position, sentence))

    def visit(self, node: Node) -> None:
        if isinstance(node, Name):
            self.number(node)
        elif isinstance(node, Chain) and node.precedence == Precedence.COMPARE:
            self.comparison(node)
        else:
            for child in children(node):
                self.visit(child)

    def comparison(self, chain: Chain) -> None:
        as_numbers = {}
        for left, word, right in chain.steps:
            if not compares_labels(left, right, self.columns):
                as_numbers |= {id(left): left, id(right): right}
            elif isinstance(left, Name) and isinstance(right, Name):
                self.same_levels(left, word, right)
            else:
                name, text = (left, right) if isinstance(left, Name) else (right, left)
                self.level(name, word, text)
        for node in as_numbers.values():
            self.visit(node)

    def number(self, node: Name) -> None:
        column = self.find(node)
        if column and not column.is_number:
            example = f"{spell_name(column.name)} == {spell_text(column.labels[0])}"
            sentence = f"the {column.kind} column {column.name!r} is used as a number; compare it with a level"
            self.problem(node, f"{sentence}, as in {example}.")

    def level(self, name: Node, word: str, text: Node) -> None:
        assert isinstance(name, Name) and isinstance(text, Text)
        column = self.find(name)
        if not column:
            return
        if column.kind == "continuous":
            sentence = f"the continuous column {column.name!r} is compared with a text; give a number instead."
            self.problem(text, sentence)
            return
        if text.value not in column.labels:
            hint = _hint(text.value, column.labels)
            self.problem(text, f"the column {column.name!r} has no level {text.value!r}; {hint}")
        self.ordered(name, word, column)

    def same_levels(self, left: Name, word: str, right: Name) -> None:
        if self.columns[left.name].labels != self.columns[right.name].labels:
            sentence = f"{left.name!r} and {right.name!r} differ in their levels; compare each with a text."
            self.problem(left, sentence)
        for name in (left, right):
            self.ordered(name, word, self.columns[name.name])

    def ordered(self, name: Name, word: str, column: FrozenColumn) -> None:
        if column.kind == "categorical" and word not in ("==", "!="):
            sentence = f"the levels of the categorical column {column.name!r} have no order for {word!r}"
            self.problem(name, f"{sentence}; use == or !=, or declare it ordinal.")

    def find(self, node: Name) -> FrozenColumn | None:
        if node.name not in self.columns:
            self.problem(node, f"there is no column {node.name!r}; {_hint(node.name, self.columns)}")
        return self.columns.get(node.name)


def _hint(name: str, known: Iterable[str]) -> str:
    nearest = did_you_mean(name, known)
    return nearest if nearest.endswith("?") else nearest + "."
