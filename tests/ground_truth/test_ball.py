"""Balls and rings against distances by NumPy, edges included."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contracts import mixed_table
from reading_cases import expect_breakpoints

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import Ball


def labels(points, **options):
    ball = Ball(("age", "height"), **options).fit(mixed_table())
    features = np.zeros((len(points), 5))
    features[:, [0, 2]] = points
    return np.asarray(ball.labels(features)).tolist()


def test_inside_is_code_0_up_to_the_edge():
    points = [(0, 0), (3, 4), (3.0001, 4), (-5, 0)]
    assert labels(points, radius=5.0) == [0, 0, 1, 0]


def test_a_ring_holds_both_its_edges():
    points = [(0, 0), (3, 0), (2.999, 0), (0, 5), (0, 5.001)]
    assert labels(points, radius=5.0, inner_radius=3.0) == [1, 0, 1, 0, 1]


def test_random_points_around_a_centre():
    points = np.random.default_rng(0).normal(size=(500, 2))
    inside = np.hypot(points[:, 0] - 0.5, points[:, 1] + 1.0) <= 1.2
    assert labels(points, radius=1.2, center=(0.5, -1.0)) == np.where(inside, 0, 1).tolist()


@pytest.mark.parametrize("options", [{"radius": 5.0}, {"radius": 5.0, "inner_radius": 2.0, "center": (1.0, -1.0)}])
def test_labels_change_at_breakpoints_only(options):
    ball = Ball(("age", "height"), **options).fit(mixed_table())
    features = np.random.default_rng(0).normal(0.0, 3.0, (40, 5))
    changes = [expect_breakpoints(ball, features, place, np.linspace(-9.0, 9.0, 1001)) for place in (0, 2)]
    assert min(changes) > 40
    assert ball.breakpoints(features, 1).shape == (40, 0)
    one = Ball(("age",), **options | {"center": (1.0,)}).fit(mixed_table())
    points = np.sort(one.breakpoints(features, 0), 1)
    inner = options.get("inner_radius", 0.0)
    np.testing.assert_allclose(points, np.tile([-4.0, 1 - inner, 1 + inner, 6.0], (40, 1)), rtol=0, atol=1e-12)


def test_names_of_the_classes():
    ball = Ball(("age",), radius=1.0, inside="near", outside="far")
    assert ball.class_values(mixed_table()) == ("near", "far")
    assert ball.explain() == "near in a ball of age (radius 1), else far"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": ()}, "`features` must name at least one feature; got none."),
        ({"inner_radius": 5.0}, "`inner_radius` must be below radius = 5; got 5."),
        ({"center": (1.0, 2.0)}, "`center` must have one number a feature (1); got 2."),
        ({"inside": "a", "outside": "a"}, "`inside` must be another class than `outside`; both are 'a'."),
        ({"radius": 0.0}, "`radius` must be above 0; got 0.0."),
    ],
)
def test_what_cannot_be_a_ball_is_refused(options, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        Ball(**({"features": ("age",), "radius": 5.0} | options))


def test_features_without_distances_and_unknown_ones_are_reported():
    problems = Problems()
    Ball(("age", "region"), radius=1.0).report_problems(mixed_table(), problems)
    Ball(("agee",), radius=1.0).report_problems(mixed_table(), problems)
    kind, unknown = problems.sentences
    assert kind.startswith("`ground_truth.features` needs continuous features; 'region' is categorical: use")
    assert unknown == "`ground_truth.features`: 'agee' is not a feature of the table: did you mean 'age'?"
