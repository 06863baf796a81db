"""Random expressions have the values that Python gives them; their spelling reads back as the same tree."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synlabel_prob.ground_truth import expressions
from synlabel_prob.table import Column

ABC = (Column("a", "continuous"), Column("b", "continuous"), Column("c", "continuous"))


class Real(float):
    """A float whose every operation raises ArithmeticError where the result is not a finite real number."""

    @classmethod
    def of(cls, value):
        if isinstance(value, complex) or not math.isfinite(value):
            raise ArithmeticError(value)
        return cls(value)


def real_operation(name: str):
    return lambda *operands: Real.of(getattr(float, name)(*operands))


for name in ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "__neg__"):
    setattr(Real, name, real_operation(name))


def real(function):
    def checked(*arguments):
        with np.errstate(all="ignore"):
            return Real.of(float(function(*map(np.float64, arguments))))

    return checked


PYTHON = {
    **{
        "__builtins__": {},
        "R": Real,
        "pi": Real(math.pi),
        "true": True,
        "false": False,
        "min": min,
        "max": max,
    },
    **{name: real(getattr(np, name)) for name in ("abs", "sqrt", "exp", "log", "sin", "cos", "tanh", "floor")},
}


def python_value(text: str, row: dict[str, float]):
    """What Python makes of the text, or None where something is divided by zero or not finite on the way."""
    literals = re.sub(r"(?<!\w)[0-9.]+(e-?[0-9]+)?", r"R(\g<0>)", text)
    try:
        return eval(literals, PYTHON | {name: Real(value) for name, value in row.items()})
    except ArithmeticError:
        return None


leaves = st.sampled_from(["a", "b", "c", "2", "0.5", "3.", "1e-1", "0", "pi"])


def joined(operands, operators):
    return st.builds(
        lambda first, rest: first + "".join(f" {word} {operand}" for word, operand in rest),
        operands,
        st.lists(st.tuples(st.sampled_from(operators), operands), min_size=1, max_size=3),
    )


def larger_numbers(inner):
    # Without parentheses of its own, so that precedence decides what belongs together.
    return (
        joined(inner, ["+", "-", "*", "/", "**"])
        | inner.map("-{}".format)
        | inner.map("({})".format)
        | st.builds("{}({})".format, st.sampled_from(["abs", "sqrt", "exp", "log", "sin", "cos", "tanh"]), inner)
        | st.builds("{}({})".format, st.just("floor"), leaves)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner)
    )


number_texts = st.recursive(leaves, larger_numbers, max_leaves=8)
comparisons = joined(number_texts, ["<", "<=", ">", ">=", "==", "!="])
condition_texts = st.recursive(
    comparisons | st.sampled_from(["true", "false"]),
    lambda inner: (
        joined(inner, ["and", "or"])
        | inner.map("not {}".format)
        | inner.map("({})".format)
        | st.builds("({}) {} ({})".format, inner, st.sampled_from(["==", "!="]), inner)
    ),
    max_leaves=5,
)
values = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0])
tables = st.lists(st.tuples(values, values, values), min_size=1, max_size=5)
oracle_settings = settings(max_examples=300)


@oracle_settings
@given(text=number_texts | condition_texts, table=tables)
def test_values_and_invalid_rows_are_those_of_python(text, table):
    parsed = expressions.parse(text, condition=False)
    features = np.array(table)
    expected = [python_value(text, dict(zip("abc", row, strict=True))) for row in table]
    invalid = expressions.invalid_rows(parsed, ABC, features)
    assert invalid.tolist() == [value is None for value in expected]
    computed = expressions.compile_expression(parsed, ABC)(features)
    assert computed.shape == (len(table),)
    for got, value in zip(computed, expected, strict=True):
        if isinstance(value, bool):
            assert got.dtype == bool and bool(got) is value
        elif value is not None:
            assert got == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert (expressions.describe_invalid(parsed, ABC, features) is None) == (None not in expected)


@oracle_settings
@given(text=number_texts | condition_texts)
def test_canonical_text_reads_back_as_the_same_tree(text):
    parsed = expressions.parse(text, condition=False)
    spelled = expressions.to_text(parsed)
    again = expressions.parse(spelled, condition=False)
    assert again == parsed and hash(again) == hash(parsed)
    assert expressions.to_text(again) == spelled
