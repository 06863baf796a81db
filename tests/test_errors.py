"""Problems are collected; an unknown name is answered with the nearest one."""

from __future__ import annotations

import pytest

from synlabel_prob.errors import InputError, Problems, did_you_mean


def test_all_problems_are_raised_together_and_each_once():
    problems = Problems()
    problems.raise_if_any()
    for sentence in ("One is wrong.", "Two is wrong.", "One is wrong."):
        problems.add(sentence)
    with pytest.raises(InputError, match=r"^One is wrong\.\nTwo is wrong\.$"):
        problems.raise_if_any()


def test_an_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize(
    ("name", "known", "answer"),
    [
        ("incme", ["age", "income"], "did you mean 'income'?"),
        ("zzz", ["age", "income"], "there is age, income"),
        ("zzz", [], "there is none"),
        ("12", [12, 30], "did you mean '12'?"),
        ("zzz", list("abcdefghijklmn"), "there is a, b, c, d, e, f, g, h, i, j, k, l, ..."),
    ],
)
def test_the_nearest_known_name(name, known, answer):
    assert did_you_mean(name, known) == answer
