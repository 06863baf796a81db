"""Text becomes a tree by climbing the precedences; what cannot be read is a sentence with its place."""

from __future__ import annotations

import keyword
import math
from typing import Literal, NoReturn

from ...errors import InputError, did_you_mean
from .nodes import (
    FUNCTIONS,
    PRECEDENCES,
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
    kind_of,
)
from .spelling import located, short, spell
from .tokens import ALLOWED, Token, read_tokens

_LONGEST = 20_000
# A level costs up to four Python frames, and Python allows a thousand in all, the caller's included.
_DEEPEST = 100


def parse(text: object, *, condition: bool = True) -> Expression:
    """Read an expression.

    Args:
        text: A rule in the grammar of this package.
        condition: Whether the whole must be true or false; otherwise it may also be a number.

    Returns:
        Its tree, in which numbers are calculated with, and truth values joined by logic, but never mixed.

    Raises:
        InputError: The text is no such expression; the message points at the place.
    """
    if not isinstance(text, str) or not text.strip():
        got = "an empty text" if isinstance(text, str) else f"{text!r}"
        raise InputError(f"An expression is a text such as 'x ** 2 + y ** 2 < 1', got {got}; write one.")
    if len(text) > _LONGEST:
        raise InputError(f"An expression has at most {_LONGEST} characters, got {len(text)}; shorten it.")
    tree = _Parser(text).whole()
    if condition and kind_of(tree) == "number":
        sentence = f"a condition is true or false, got the number {short(tree)}; compare it, as in x > 0."
        raise InputError(located(text, tree.position, sentence))
    return Expression(tree, text)


class _Parser:
    """Climbs the precedences; whatever is nested passes through `level`, which counts the depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(read_tokens(text))
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def whole(self) -> Node:
        tree = self.level(Precedence.OR)
        if self.token.kind != "end":
            self.unexpected("an operator or the end")
        self.refuse_text(tree)
        return tree

    def level(self, minimum: int) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            sentence = f"it is nested more than {_DEEPEST} levels deep; write it with fewer parentheses."
            self.fail(self.token.position, sentence)
        left = self.prefix(minimum)
        while (precedence := self.precedence()) >= minimum:
            left = self.power(left) if precedence == Precedence.POWER else self.chain(left, precedence)
        self.depth -= 1
        return left

    def prefix(self, minimum: int) -> Node:
        if self.next_is("-"):
            return self.unary("-", Precedence.NEGATE, "number")
        if self.next_is("not"):
            if minimum > Precedence.NOT:
                self.fail(self.token.position, "'not' follows an operator; put it in parentheses.")
            return self.unary("not", Precedence.NOT, "truth value")
        if self.next_is("("):
            opened = self.advance()
            inner = self.level(Precedence.OR)
            self.close(opened)
            return inner
        if self.token.kind in ("operator", "end"):
            self.unexpected("a number, a column name, a text, a function or '('")
        token = self.advance()
        return self.call(token) if token.kind == "name" and self.next_is("(") else self.atom(token)

    def unary(self, word: Literal["-", "not"], precedence: int, kind: str) -> Node:
        token = self.advance()
        operand = self.level(precedence)
        self.need(kind, operand, word)
        return Unary(word, operand, position=token.position)

    def power(self, base: Node) -> Node:
        self.advance()
        exponent = self.level(Precedence.NEGATE)
        for operand in (base, exponent):
            self.need("number", operand, "**")
        return Power(base, exponent, position=base.position)

    def chain(self, first: Node, precedence: int) -> Node:
        rest = []
        while self.precedence() == precedence:
            rest.append((self.advance().text, self.level(precedence + 1)))
        chain = Chain(first, tuple(rest), position=first.position)
        for left, word, right in chain.steps:
            if precedence == Precedence.COMPARE:
                self.comparable(left, word, right)
            else:
                for operand in (left, right):
                    self.need("truth value" if precedence <= Precedence.AND else "number", operand, word)
        return chain

    def call(self, token: Token) -> Node:
        if token.text not in FUNCTIONS:
            nearest = did_you_mean(token.text, FUNCTIONS)
            hint = f"{nearest} The functions are {', '.join(FUNCTIONS)}"
            sentence = f"there is no function {token.text!r}; {hint if '?' in nearest else ALLOWED}."
            self.fail(token.position, sentence)
        opened = self.advance()
        arguments = [] if self.next_is(")") else [self.level(Precedence.OR)]
        while self.next_is(","):
            self.advance()
            arguments.append(self.level(Precedence.OR))
        self.close(opened)
        several = token.text in ("min", "max")
        if len(arguments) < 2 if several else len(arguments) != 1:
            sentence = f"{token.text} needs {'two or more arguments' if several else 'one argument'}"
            self.fail(token.position, f"{sentence}, got {len(arguments)}; separate arguments by commas.")
        for argument in arguments:
            self.need("number", argument, token.text)
        return Call(token.text, tuple(arguments), position=token.position)

    def atom(self, token: Token) -> Node:
        match token:
            case Token("number", word, position):
                return Number(float(word), position=position)
            case Token("text", word, position):
                return Text(word, position=position)
            case Token("name", "pi", position):
                return Number(math.pi, position=position)
            case Token("name", "true" | "false" as word, position):
                return Truth(word == "true", position=position)
            case Token("name", "True" | "False" as word, position):
                self.fail(position, f"{word!r} is written {word.lower()}; a column of that name is `{word}`.")
        return Name(token.text, position=token.position)

    def next_is(self, word: str) -> bool:
        return self.token.kind == "operator" and self.token.text == word

    def precedence(self) -> int:
        return PRECEDENCES.get(self.token.text, 0) if self.token.kind == "operator" else 0

    def advance(self) -> Token:
        self.index += 1
        return self.tokens[self.index - 1]

    def close(self, opened: Token) -> None:
        if not self.next_is(")"):
            self.unexpected(f"an operator or the ')' that closes the '(' at character {opened.position + 1}")
        self.advance()

    def fail(self, position: int, sentence: str) -> NoReturn:
        raise InputError(located(self.text, position, sentence))

    def unexpected(self, expected: str) -> NoReturn:
        for near in (self.tokens[self.index - 1], self.token):
            if near.kind == "name" and keyword.iskeyword(near.text):
                self.fail(near.position, f"{near.text!r} cannot be used here; {ALLOWED}.")
        kind, word, position = self.token
        advice = "remove it or write what is missing"
        if kind == "end":
            advice = "write what is missing"
        elif kind != "operator" or word == "(":
            advice = "a name that holds more than letters, digits and _ goes in backticks, and a product needs *"
        self.fail(position, f"expected {expected}, got {repr(word) if word else 'the end'}; {advice}.")

    def refuse_text(self, node: Node) -> None:
        if isinstance(node, Text):
            sentence = f"the text {spell(node)} can only be compared with a column, as in colour == 'red'"
            self.fail(node.position, f"{sentence}; the name of a column goes in backticks.")

    def need(self, kind: str, node: Node, word: str) -> None:
        self.refuse_text(node)
        if kind_of(node) != kind:
            advice = "compare it, as in x > 0" if kind == "truth value" else "calculate with numbers only"
            sentence = f"{word!r} needs a {kind}, got the {kind_of(node)} {short(node)}; {advice}."
            self.fail(node.position, sentence)

    def comparable(self, left: Node, word: str, right: Node) -> None:
        for node, other in ((left, right), (right, left)):
            if not isinstance(other, Name):
                self.refuse_text(node)
        kinds = {kind_of(left), kind_of(right)}
        if kinds == {"number", "truth value"}:
            sentence = (
                f"{word!r} compares the {kind_of(left)} {short(left)} with the {kind_of(right)} "
                f"{short(right)}; compare a column of true and false with a text, as in smoker == 'True'."
            )
            self.fail(left.position, sentence)
        if kinds == {"truth value"} and word not in ("==", "!="):
            sentence = f"{word!r} needs numbers, got the truth value {short(left)}; use ==, !=, and, or."
            self.fail(left.position, sentence)
