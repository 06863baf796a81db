"""Expressions as text: canonical spelling, and for messages the place in a text that they are about."""

from __future__ import annotations

import math
import re

from .nodes import (
    Call,
    Chain,
    Expression,
    Name,
    Node,
    Number,
    Power,
    Precedence,
    Text,
    Truth,
    Unary,
)

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
NAME = r"[^\W\d]\w*"
_RESERVED = {"and", "or", "not", "true", "false", "pi", "True", "False"}


def to_text(expression: Expression) -> str:
    """The expression in canonical spelling; parsed again it gives an equal expression."""
    return spell(expression.tree)


def spell_name(name: str) -> str:
    """A column as expressions call it, in backticks where it needs them."""
    plain = re.fullmatch(NAME, name) and name not in _RESERVED
    return name if plain else "`" + name.replace("`", "``") + "`"


def spell_text(text: str) -> str:
    """A text in quotes."""
    quote = '"' if "'" in text and '"' not in text else "'"
    return quote + text.replace(quote, quote * 2) + quote


def spell(node: Node, minimum: int = Precedence.OR) -> str:
    """A part in canonical spelling, in parentheses if it binds less tightly than `minimum`."""
    precedence = Precedence.ATOM
    match node:
        case Number(value):
            spelled = "pi" if value == math.pi else repr(value).removesuffix(".0")
        case Truth(value):
            spelled = str(value).lower()
        case Text(value):
            spelled = spell_text(value)
        case Name(name):
            spelled = spell_name(name)
        case Call(function, arguments):
            spelled = f"{function}({', '.join([spell(argument) for argument in arguments])})"
        case Unary("-", operand):
            precedence, spelled = Precedence.NEGATE, "-" + spell(operand, Precedence.NEGATE)
        case Unary(_, operand):
            precedence, spelled = Precedence.NOT, "not " + spell(operand, Precedence.NOT)
        case Power(base, exponent):
            precedence = Precedence.POWER
            spelled = f"{spell(base, Precedence.ATOM)} ** {spell(exponent, Precedence.NEGATE)}"
        case Chain(first, rest):
            precedence = node.precedence
            parts = [f" {word} {spell(operand, precedence + 1)}" for word, operand in rest]
            spelled = spell(first, precedence + 1) + "".join(parts)
    return f"({spelled})" if precedence < minimum else spelled


def short(node: Node) -> str:
    """The spelling, cut off where it is long for a message."""
    spelled = spell(node)
    return spelled if len(spelled) <= 60 else spelled[:57] + "..."


def located(text: str, position: int, sentence: str) -> str:
    """The sentence, the line that it is about, and a ^ under the place."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    place = f"column {position - start + 1}"
    if "\n" in text:
        place = f"line {text.count(chr(10), 0, position) + 1}, {place}"
    left = max(0, position - start - 60)
    shown = "".join(character if character.isprintable() else " " for character in line[left : left + 100])
    return f"The expression fails at {place}: {sentence}\n    {shown}\n    {' ' * (position - start - left)}^"
