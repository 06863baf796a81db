"""Columns of every kind, shared by the tests of expressions."""

from __future__ import annotations

import pytest

from synlabel_prob.table import Column


@pytest.fixture(scope="package")
def mixed_columns() -> tuple[Column, ...]:
    return (
        Column("x", "continuous"),
        Column("sepal length (cm)", "continuous"),
        Column("sex", "categorical", ("male", "female")),
        Column("partner", "categorical", ("male", "female")),
        Column("size", "ordinal", ("low", "middle", "high")),
        Column("rooms", "ordinal", (1, 2, 4)),
        Column("floors", "categorical", ("30", "10")),
        Column("smoker", "categorical", (False, True)),
    )
