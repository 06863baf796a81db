"""Noise on features in numbers, worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from synlabel_prob import feature_noise as f
from synlabel_prob.table import Table

NAN = np.nan
FRAME = pd.DataFrame(
    {
        "number": [0.0, 2.0, 4.0, 6.0, None],
        "level": pd.Categorical(["a", "b", "b", None, "a"], categories=["a", "b"]),
        "same": [3.0] * 5,
        "gone": [1.0, 2.0, 3.0, 4.0, 5.0],
    }
)


def after(**columns) -> Table:
    """The table with other values in some columns."""
    table = Table.from_frame(FRAME)
    features = table.features.copy()
    for name, values in columns.items():
        features[:, table.index([name])[0]] = values
    return dataclasses.replace(table, features=features)


def of(name: str, values: list[float]) -> f.FeatureReport:
    (found,) = f.feature_report(after(), after(**{name: values}), (name,))
    return found


def test_a_number():
    # Four cells have a value: one is lost, two change by 1 and by -3, and one stays. Errors 1, 0, -3: mean -2/3,
    # variance 10/3 - 4/9; the feature's variance is 5.
    found = of("number", [1.0, 2.0, 1.0, NAN, NAN])
    assert (found.feature, found.changed, found.lost) == ("number", 0.75, 0.25)
    assert found.relative_error == pytest.approx(np.sqrt((10 / 3 - 4 / 9) / 5))


def test_levels_have_no_error():
    assert of("level", [0.0, 0.0, 1.0, NAN, 1.0]) == ("level", 0.5, 0.0, None)


def test_a_constant_has_no_scale_for_its_error():
    assert of("same", [3.0, 3.0, 3.0, 3.0, 4.0]) == ("same", 0.2, 0.0, None)


def test_nothing_is_left_to_compare():
    assert of("gone", [NAN] * 5) == ("gone", 1.0, 1.0, None)


def test_nothing_changed_and_features_stand_in_the_order_asked_for():
    found = f.feature_report(after(), after(), ("gone", "number"))
    assert found == (("gone", 0.0, 0.0, 0.0), ("number", 0.0, 0.0, 0.0))
