"""Values and rows without a value, by NumPy and by JAX."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import expressions
from synlabel_prob.table import Column

ABC = (Column("a", "continuous"), Column("b", "continuous"), Column("c", "continuous"))
ROWS = np.array(
    [
        [0.0, 5.1, 0, 0, 2, 0, 0, 0],
        [2.0, 4.9, 1, 0, 0, 2, 1, 1],
        [-1.0, 6.0, 1, 1, 1, 1, 1, 0],
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sex == 'female'", [False, True, True]),
        ('"female" != sex', [True, False, False]),
        ("sex == partner", [True, False, True]),
        ("size > 'low'", [True, False, True]),
        ("'low' < size <= 'middle'", [False, False, True]),
        ("rooms * 2 == 8", [False, True, False]),
        ("rooms <= 2 and rooms > 1", [False, False, True]),
        ("rooms == '4' or size == 'high'", [True, True, False]),
        ("floors > 20", [True, False, False]),
        ("floors == '30'", [True, False, False]),
        ("smoker == 'True'", [False, True, False]),
        ("`sepal length (cm)` - 5 > 0", [True, False, True]),
        ("(sex == 'male') != (x > 0)", [True, True, False]),
        ("x != 0 and 1 / x > 0", [False, True, False]),
        ("true", [True, True, True]),
    ],
)
def test_levels_are_compared_as_labels_or_as_numbers(mixed_columns, text, expected):
    parsed = expressions.parse(text)
    assert expressions.compile_expression(parsed, mixed_columns)(ROWS).tolist() == expected
    assert not expressions.invalid_rows(parsed, mixed_columns, ROWS).any()


INVALID = [
    ("1 / x > 0", [0], "1 / x divides by zero with x = 0.0"),
    ("x / (x - 2) / 3 > 0", [1], "x / (x - 2) divides by zero with x = 2.0"),
    ("1 / 0 > x", [0, 1, 2], "1 / 0 divides by zero"),
    ("log(x) + sqrt(x) > 0", [0, 2], "log(x) is not a finite number with x = 0.0"),
    ("sqrt(x) > 0", [2], "sqrt(x) is not a finite number with x = -1.0"),
    ("x ** 0.5 > 0 or x > 5", [2], "x ** 0.5 is not a finite number with x = -1.0"),
    ("exp(500 * x) > 0", [1], "exp(500 * x) is not a finite number with x = 2.0"),
    ("sex == 'female' and 1 / (rooms - 2) > 0", [2], "1 / (rooms - 2) divides by zero with rooms = 2"),
]


@pytest.mark.parametrize(("text", "rows", "reason"), INVALID)
def test_rows_without_a_value_are_found_and_described(mixed_columns, text, rows, reason):
    parsed = expressions.parse(text)
    for features in (ROWS, jnp.asarray(ROWS)):
        assert np.flatnonzero(expressions.invalid_rows(parsed, mixed_columns, features)).tolist() == rows
    assert expressions.describe_invalid(parsed, mixed_columns, ROWS) == (
        f"The expression has no value in {len(rows)} of 3 rows, first in row {rows[0]} (counted from 0), "
        f"where {reason}; change the expression or put a condition in front that such rows fail, as in "
        "x != 0 and 1 / x > 2."
    )
    # No warning: those are errors here.
    expressions.compile_expression(parsed, mixed_columns)(ROWS)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("x != 0 and 1 / x > 0", []),
        ("x == 0 or 1 / x > 0", []),
        ("x == 0 and 1 / x > 0", [0]),
        ("0 < x < log(x)", []),
        ("0 <= x < log(x)", [0]),
        ("not x <= 0 and log(x) > 0", []),
        ("(x != 0 or 1 / x > 0) and x > 1", [0]),
    ],
)
def test_only_what_is_reached_counts_as_invalid(mixed_columns, text, rows):
    parsed = expressions.parse(text)
    assert np.flatnonzero(expressions.invalid_rows(parsed, mixed_columns, ROWS)).tolist() == rows


def test_values_that_are_not_finite_in_the_data_are_not_blamed_on_the_expression():
    features = np.array([[np.nan], [np.inf], [1.0]])
    parsed = expressions.parse("2 * x + sqrt(x) > 1")
    assert not expressions.invalid_rows(parsed, [Column("x", "continuous")], features).any()
    divided = expressions.parse("x / 0 > 1")
    assert expressions.invalid_rows(divided, [Column("x", "continuous")], features).all()


@pytest.mark.parametrize(
    "text",
    [case[0] for case in INVALID]
    + [
        "x ** 2 + `sepal length (cm)` ** 3 - 4",
        "-x * 2 / 3",
        "min(x, rooms, 1) + max(x, floors)",
        "rooms",
        "pi",
    ]
    + [
        "tanh(x) + cos(x) * sin(x) - exp(-x)",
        "floor(`sepal length (cm)`)",
        "abs(x) ** 1.5",
        "true",
        "smoker == 'True'",
    ]
    + ["sex == partner", "'low' < size <= 'middle'", "not x > 0 or rooms == 4 and 0 < x < 3", "floors >= 20"],
)
def test_jax_agrees_with_numpy_under_jit_and_vmap(mixed_columns, text):
    parsed = expressions.parse(text, condition=False)
    compiled = expressions.compile_expression(parsed, mixed_columns)
    features = np.concatenate([ROWS + shift for shift in (0.0, 0.25)])
    features[3:, 2:] = ROWS[:, 2:]
    expected = compiled(features)
    expected_invalid = expressions.invalid_rows(parsed, mixed_columns, features)
    with jax.enable_x64(True), jax.numpy_rank_promotion("raise"):
        given = jnp.asarray(features)
        for result in (
            compiled(given),
            jax.jit(compiled)(given),
            jax.vmap(compiled)(given),
            jax.jit(jax.vmap(jax.vmap(compiled)))(given.reshape(2, 3, -1)).ravel(),
        ):
            assert isinstance(result, jax.Array) and result.dtype == expected.dtype
            np.testing.assert_allclose(result, expected, rtol=1e-12)
        invalid = jax.jit(lambda rows: expressions.invalid_rows(parsed, mixed_columns, rows))(given)
    assert np.asarray(invalid).tolist() == expected_invalid.tolist()


def test_shapes_types_and_ownership_of_the_result():
    compiled = expressions.compile_expression(expressions.parse("a", condition=False), ABC)
    features = np.arange(24.0).reshape(2, 4, 3)
    result = compiled(features)
    assert type(result) is np.ndarray and result.shape == (2, 4)
    result[:] = -1
    assert features[0, 0, 0] == 0
    assert compiled(features.astype(np.float32)).dtype == np.float32
    assert compiled(features.astype(int)).dtype == np.float64
    assert compiled(jnp.arange(3)).shape == ()
    inverse = expressions.compile_expression(expressions.parse("a ** -1", condition=False), ABC)
    assert inverse(np.array([2, 0, 0])) == 0.5
    with pytest.raises(InputError, match=r"^features: expected an array whose last axis has length 3, got the shape"):
        compiled(np.zeros((5, 2)))


def test_equal_text_and_columns_give_equal_functions_that_are_compiled_once():
    def function(text, columns=ABC):
        return expressions.compile_expression(expressions.parse(text), columns)

    same = function("a+b>1")
    assert same == function("a + b > 1") and hash(same) == hash(function("(a + b) > 1"))
    assert same != function("a + b > 2") and same != function("b + a > 1")
    assert same != function("a + b > 1", (*ABC, Column("d", "continuous")))
    traces = []

    def apply(rule, features):
        traces.append(rule)
        return rule(features)

    jitted = jax.jit(apply, static_argnums=0)
    for text in ("a+b>1", "a + b > 1"):
        assert jitted(function(text), jnp.ones((2, 3))).tolist() == [True, True]
    assert len(traces) == 1


def test_numpy_features_are_evaluated_without_importing_jax():
    program = (
        "import sys, numpy, types\n"
        "from synlabel_prob.ground_truth import expressions\n"
        "column = types.SimpleNamespace(name='x', kind='continuous', levels=())\n"
        "rule = expressions.compile_expression(expressions.parse('sqrt(x) > 1'), [column])\n"
        "assert rule(numpy.array([[4.0], [0.0]])).tolist() == [True, False]\n"
        "assert 'jax' not in sys.modules\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
