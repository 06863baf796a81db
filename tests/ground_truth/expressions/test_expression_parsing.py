"""Text becomes a tree with Python's precedence; what cannot be read is one sentence with its place."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import expressions
from synlabel_prob.table import Column


@pytest.mark.parametrize(
    ("text", "canonical", "value"),
    [
        ("-3**2", "-3 ** 2", -9.0),
        ("(-3)**2", "(-3) ** 2", 9.0),
        ("2**3**2", "2 ** 3 ** 2", 512.0),
        ("(2**3)**2", "(2 ** 3) ** 2", 64.0),
        ("2**-1", "2 ** -1", 0.5),
        ("--2", "--2", 2.0),
        ("7-4-2", "7 - 4 - 2", 1.0),
        ("7-(4-2)", "7 - (4 - 2)", 5.0),
        ("12/2*3", "12 / 2 * 3", 18.0),
        ("-2*3+4", "-2 * 3 + 4", -2.0),
        ("1e-3+.5", "0.001 + 0.5", 0.501),
        ("2*pi", "2 * pi", 2 * math.pi),
        ("max(1, min(5, 3), 2)", "max(1, min(5, 3), 2)", 3.0),
        ("floor(-1.5)", "floor(-1.5)", -2.0),
        ("1+1<3 and 2*2==4", "1 + 1 < 3 and 2 * 2 == 4", True),
        ("true or true and false", "true or true and false", True),
        ("(true or true) and false", "(true or true) and false", False),
        ("not 1 > 2 and false", "not 1 > 2 and false", False),
        ("not (1 > 2 and false)", "not (1 > 2 and false)", True),
        ("not not true", "not not true", True),
        ("3 > 2 > 1", "3 > 2 > 1", True),
        ("(3 > 2) == (2 > 1)", "(3 > 2) == (2 > 1)", True),
        ("1 < 3 > 2 != 2", "1 < 3 > 2 != 2", False),
    ],
)
def test_precedence(text, canonical, value):
    parsed = expressions.parse(text, condition=False)
    assert expressions.to_text(parsed) == canonical
    computed = expressions.compile_expression(parsed, ())(np.zeros((1, 0)))
    assert computed.tolist() == [pytest.approx(value)]


ALLOWED = (
    "only numbers, column names (in backticks if they hold more than letters, digits and _), text in quotes, "
    "+ - * / **, comparisons, and, or, not, true, false, pi and the functions abs, sqrt, exp, log, sin, cos, "
    "tanh, floor, min, max can be used."
)
EXPECTED = "expected a number, a column name, a text, a function or '(', got"
QUOTES = "can only be compared with a column, as in colour == 'red'; the name of a column goes in backticks."
BACKTICKS = "a name that holds more than letters, digits and _ goes in backticks, and a product needs *."

CANNOT_BE_READ = [
    ("x +", 4, f"{EXPECTED} the end; write what is missing."),
    ("* x > 1", 1, f"{EXPECTED} '*'; remove it or write what is missing."),
    ("x > 1)", 6, "expected an operator or the end, got ')'; remove it or write what is missing."),
    (
        "2 * (x > 1",
        11,
        "expected an operator or the ')' that closes the '(' at character 5, got the end; write what is missing.",
    ),
    ("sepal length > 1", 7, f"expected an operator or the end, got 'length'; {BACKTICKS}"),
    ("2 (x) > 1", 3, f"expected an operator or the end, got '('; {BACKTICKS}"),
    ("2x > 1", 1, "'2x' is no number; a number is written 1.5 or 1e-3, and a product 2 * x."),
    ("x > 1.2.3", 5, "'1.2.3' is no number; a number is written 1.5 or 1e-3, and a product 2 * x."),
    ("x < 1e999", 5, "1e999 is too large; numbers go up to 1.79e308."),
    ("x = 1", 3, "'=' cannot be used here; to compare, write ==."),
    ("x ^ 2 > 1", 3, "'^' cannot be used here; a power is written **."),
    ("x > 1 && x < 2", 7, "'&&' cannot be used here; write and."),
    ("x // 2 > 1", 3, "'//' cannot be used here; write floor(a / b)."),
    (
        "sex == 'male",
        8,
        '"\'" cannot be used here; it opens a text or a name that is not closed, so add the closing one.',
    ),
    ("x == True", 6, "'True' is written true; a column of that name is `True`."),
    ("import os", 1, f"'import' cannot be used here; {ALLOWED}"),
    ("x.size > 1", 2, f"'.' cannot be used here; {ALLOWED}"),
    ("x[0] > 1", 2, f"'[' cannot be used here; {ALLOWED}"),
    ("lambda x > 1", 1, f"'lambda' cannot be used here; {ALLOWED}"),
    ("1 if x > 1 else 2", 3, f"'if' cannot be used here; {ALLOWED}"),
    ("__import__('os')", 1, f"there is no function '__import__'; {ALLOWED}"),
    ("x(1) > 0", 1, f"there is no function 'x'; {ALLOWED}"),
    (
        "1 < sine(x)",
        5,
        "there is no function 'sine'; did you mean 'sin'? "
        "The functions are abs, sqrt, exp, log, sin, cos, tanh, floor, min, max.",
    ),
    ("min(x) > 1", 1, "min needs two or more arguments, got 1; separate arguments by commas."),
    ("abs(x, x) > 1", 1, "abs needs one argument, got 2; separate arguments by commas."),
    ("abs() > 1", 1, "abs needs one argument, got 0; separate arguments by commas."),
    ("x + 1", 1, "a condition is true or false, got the number x + 1; compare it, as in x > 0."),
    ("x > 1 and y", 11, "'and' needs a truth value, got the number y; compare it, as in x > 0."),
    ("not x", 5, "'not' needs a truth value, got the number x; compare it, as in x > 0."),
    ("1 + (x > 2) > 0", 6, "'+' needs a number, got the truth value x > 2; calculate with numbers only."),
    ("abs(true) > 0", 5, "'abs' needs a number, got the truth value true; calculate with numbers only."),
    (
        "smoker == true",
        1,
        "'==' compares the number smoker with the truth value true; compare a column of true and false with "
        "a text, as in smoker == 'True'.",
    ),
    ("(x > 1) < (x > 2)", 2, "'<' needs numbers, got the truth value x > 1; use ==, !=, and, or."),
    ("x == not x > 1", 6, "'not' follows an operator; put it in parentheses."),
    ("'male'", 1, f"the text 'male' {QUOTES}"),
    ("'sepal length (cm)' > 5", 1, f"the text 'sepal length (cm)' {QUOTES}"),
    ("x + 'a' > 1", 5, f"the text 'a' {QUOTES}"),
    (
        "(" * 101 + "x > 1" + ")" * 101,
        101,
        "it is nested more than 100 levels deep; write it with fewer parentheses.",
    ),
]


@pytest.mark.parametrize(("text", "column", "sentence"), CANNOT_BE_READ)
def test_what_cannot_be_read_is_a_sentence_with_its_place(text, column, sentence):
    with pytest.raises(InputError) as caught:
        expressions.parse(text)
    first, shown, caret = str(caught.value).split("\n")
    assert first == f"The expression fails at column {column}: {sentence}"
    place = caret.index("^")
    assert shown.startswith("    ") and caret.strip() == "^"
    assert shown[place : place + 20] == text[column - 1 : column + 19]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "An expression is a text such as 'x ** 2 + y ** 2 < 1', got an empty text; write one."),
        (3, "An expression is a text such as 'x ** 2 + y ** 2 < 1', got 3; write one."),
        ("x" * 20_001, "An expression has at most 20000 characters, got 20001; shorten it."),
    ],
)
def test_what_is_no_expression_at_all(text, sentence):
    with pytest.raises(InputError) as caught:
        expressions.parse(text)
    assert str(caught.value) == sentence


def test_the_place_in_a_text_of_several_lines():
    with pytest.raises(InputError) as caught:
        expressions.parse("x > 1\n\tand x ** > 2")
    assert str(caught.value) == (
        f"The expression fails at line 2, column 11: {EXPECTED} '>'; remove it or write what is missing.\n"
        "     and x ** > 2\n"
        "              ^"
    )


@pytest.mark.parametrize(
    "text",
    [
        "(" * 98 + "x > 1" + ")" * 98,
        "not " * 98 + "x > 1",
        "-" * 98 + "x > 1",
        "x" + " ** x" * 98 + " > 1",
        "abs(" * 98 + "x" + ")" * 98 + " > 1",
        " + ".join(["x"] * 4900) + " > 1",
        " and ".join(["x > 1"] * 2000),
    ],
)
def test_the_deepest_and_longest_are_evaluated(text):
    parsed = expressions.parse(text)
    assert expressions.parse(expressions.to_text(parsed)) == parsed
    assert repr(parsed) and expressions.names(parsed) == ("x",)
    assert expressions.compile_expression(parsed, [Column("x", "continuous")])(np.array([[1.0]])).shape == (1,)


@pytest.mark.parametrize("link", ["(", "not ", "-", "x ** ", "abs(", "1 - (", "x > 1 or (x > 2 and ("])
def test_too_deep_is_a_sentence_and_no_recursion_error(link):
    with pytest.raises(InputError, match="nested more than 100 levels deep; write it with fewer parentheses"):
        expressions.parse(link * 200)


def test_names_are_listed_once_in_order_of_appearance():
    parsed = expressions.parse("b > `a b` and not max(c, b) ** z < 1 or u == 'v' or b < 0")
    assert expressions.names(parsed) == ("b", "a b", "c", "z", "u")


def test_quotes_and_backticks_in_names_and_texts():
    column = Column("it`s 'odd'", "categorical", ("it's", 'a "b"', "c'\"d"))
    codes = np.array([[0], [1], [2]])
    for text, code in [('"it\'s"', 0), ("'it''s'", 0), ("'a \"b\"'", 1), ("'c''\"d'", 2)]:
        parsed = expressions.parse(f"`it``s 'odd'` == {text}")
        assert expressions.parse(expressions.to_text(parsed)) == parsed
        selected = expressions.compile_expression(parsed, [column])(codes)
        assert selected.tolist() == [level == code for level in range(3)]
    for name in ("and", "true", "pi", "True", "1x", "\u00e9t\u00e9", "lambda", "max"):
        bare = expressions.Expression(expressions.Name(name), "")
        assert expressions.parse(expressions.to_text(bare), condition=False) == bare
