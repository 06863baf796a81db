"""The words and signs of an expression."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import InputError
from .nodes import FUNCTIONS
from .spelling import NAME, NUMBER, located

_TOKEN = re.compile(
    rf"""(?P<space>\s+)|(?P<number>{NUMBER}(?P<tail>[\w.]*))|(?P<name>{NAME})|(?P<column>`(?:[^`]|``)+`)
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<operator>\*\*|[<>=!]=|[-+*<>(),]|/(?!/))
    |(?P<other>//|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
ALLOWED = (
    "only numbers, column names (in backticks if they hold more than letters, digits and _), text in quotes, "
    "+ - * / **, comparisons, and, or, not, true, false, pi and the functions "
    f"{', '.join(FUNCTIONS)} can be used"
)
_INSTEAD = {
    "=": "to compare, write ==",
    **dict.fromkeys(("&", "&&"), "write and"),
    **dict.fromkeys(("|", "||"), "write or"),
    **dict.fromkeys(("!", "~"), "write not"),
    **dict.fromkeys(("'", '"', "`"), "it opens a text or a name that is not closed, so add the closing one"),
    "^": "a power is written **",
    "//": "write floor(a / b)",
    "%": "write a - b * floor(a / b)",
}


class Token(NamedTuple):
    """A word or sign: its kind, itself without quotes or backticks, and where it starts in the text."""

    kind: str
    text: str
    position: int


def read_tokens(text: str) -> Iterator[Token]:
    """The tokens in order and an `end`; an `InputError` at the first sign that none starts with."""
    for match in _TOKEN.finditer(text):
        kind, word, position = str(match.lastgroup), match[0], match.start()
        if kind == "other":
            sentence = f"{word!r} cannot be used here; {_INSTEAD.get(word, ALLOWED)}."
            raise InputError(located(text, position, sentence))
        if match["tail"]:
            sentence = f"{word!r} is no number; a number is written 1.5 or 1e-3, and a product 2 * x."
            raise InputError(located(text, position, sentence))
        if kind == "number" and not math.isfinite(float(word)):
            raise InputError(located(text, position, f"{word} is too large; numbers go up to 1.79e308."))
        if kind in ("column", "text"):
            word = word[1:-1].replace(word[0] * 2, word[0])
        elif word in ("and", "or", "not"):
            kind = "operator"
        if kind != "space":
            yield Token(kind, word, position)
    yield Token("end", "", len(text))
