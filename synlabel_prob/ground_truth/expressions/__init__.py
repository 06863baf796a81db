"""Rules over feature names, such as `(x - 1) ** 2 + y ** 2 < 4 and sex == 'female'`.

Text is parsed against a small grammar into frozen dataclasses; nothing in it is ever run as Python. The
grammar: numbers; names of columns, in backticks if they hold more than letters, digits and underscores; text
in quotes, compared with the levels of a column; `+ - * / **`; `< <= > >= == !=`, which chain; `and`, `or`,
`not`; `true`, `false`, `pi`; the functions of `FUNCTIONS`. A quote or backtick in its own kind is doubled.

Precedence and order of evaluation are Python's: what follows `and`, `or` or a chained comparison counts only
in the rows that reach it, so `x != 0 and 1 / x > 2` has a value where x is 0.
"""

from .checking import check
from .columns import Column
from .compiling import CompiledExpression, compile_expression
from .invalid import describe_invalid, invalid_rows
from .nodes import (
    FUNCTIONS,
    Call,
    Chain,
    Expression,
    Name,
    Node,
    Number,
    Power,
    Text,
    Truth,
    Unary,
    names,
)
from .parser import parse
from .spelling import to_text

__all__ = [
    "FUNCTIONS",
    "Call",
    "Chain",
    "Column",
    "CompiledExpression",
    "Expression",
    "Name",
    "Node",
    "Number",
    "Power",
    "Text",
    "Truth",
    "Unary",
    "check",
    "compile_expression",
    "describe_invalid",
    "invalid_rows",
    "names",
    "parse",
    "to_text",
]
