"""What does not fit the columns is reported all at once, each with its place."""

from __future__ import annotations

import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import expressions

COLUMNS = "there is x, sepal length (cm), sex, partner, size, rooms, floors, smoker."
USED = "is used as a number; compare it with a level, as in"

DOES_NOT_FIT = [
    ("`sepal length` > 1", [(1, "there is no column 'sepal length'; did you mean 'sepal length (cm)'?")]),
    ("age > 1", [(1, f"there is no column 'age'; {COLUMNS}")]),
    ("sex == 'mal'", [(8, "the column 'sex' has no level 'mal'; did you mean 'male'?")]),
    ("'big' < size", [(1, "the column 'size' has no level 'big'; there is low, middle, high.")]),
    ("x == 'low'", [(6, "the continuous column 'x' is compared with a text; give a number instead.")]),
    (
        "sex < 'male'",
        [
            (
                1,
                "the levels of the categorical column 'sex' have no order for '<'; use == or !=, or declare "
                "it ordinal.",
            )
        ],
    ),
    ("smoker > 0", [(1, f"the categorical column 'smoker' {USED} smoker == 'False'.")]),
    ("sex != size", [(1, "'sex' and 'size' differ in their levels; compare each with a text.")]),
    (
        "sex + 1 > size and abs(size) > 0",
        [
            (1, f"the categorical column 'sex' {USED} sex == 'male'."),
            (11, f"the ordinal column 'size' {USED} size == 'low'."),
            (24, f"the ordinal column 'size' {USED} size == 'low'."),
        ],
    ),
    (
        "y > 1 or 'male' == sex == x",
        [
            (1, f"there is no column 'y'; {COLUMNS}"),
            (20, f"the categorical column 'sex' {USED} sex == 'male'."),
        ],
    ),
]


@pytest.mark.parametrize(("text", "problems"), DOES_NOT_FIT)
def test_what_does_not_fit_the_columns_is_reported_all_at_once(mixed_columns, text, problems):
    parsed = expressions.parse(text)
    lines = [
        f"The expression fails at column {column}: {sentence}\n    {text}\n    {' ' * (column - 1)}^"
        for column, sentence in problems
    ]
    for function in (expressions.check, expressions.compile_expression):
        with pytest.raises(InputError) as caught:
            function(parsed, mixed_columns)
        assert str(caught.value) == "\n".join(lines)


def test_a_deeply_nested_comparison_is_checked_in_linear_time():
    text = "true == (" * 45 + "true" + ") == true" * 45
    expressions.compile_expression(expressions.parse(text), ())(np.zeros((1, 0)))
