"""The probability that a linear score of two features is the largest, on random and on degenerate scores."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from exact_cases import on_a_line
from quick import only
from scipy import stats
from scipy.spatial import ConvexHull
from test_exact_half_spaces import found as by_differences

from synlabel_prob.soft_labels.exact.polygons import polygons


def found(means: np.ndarray, directions: np.ndarray, nu: float | None = None) -> np.ndarray:
    """Of scores means (cases, classes) + directions (cases, classes, 2) z."""
    with jax.enable_x64(True):
        return np.asarray(jax.jit(jax.vmap(functools.partial(polygons, degrees_of_freedom=nu)))(means, directions))


def around(means: np.ndarray, directions: np.ndarray, nu: float | None, angles: int = 4000) -> np.ndarray:
    """The same by the mean over even angles; on each ray scores are lines in the distance, whose law is known."""
    turn = 2 * np.pi * (np.arange(angles) + 0.5) / angles
    slopes = np.stack([np.cos(turn), np.sin(turn)], -1) @ directions.T
    first, second = np.triu_indices(len(means), 1)
    with np.errstate(divide="ignore"):
        cuts = (means[second] - means[first]) / (slopes[:, first] - slopes[:, second])
    ends = np.sort(np.where(cuts > 0, cuts, np.inf), 1)
    ends = np.concatenate([np.zeros((angles, 1)), ends, np.full((angles, 1), np.inf)], 1)
    capped = np.minimum(ends, 1e6)
    inside = 0.5 * (capped[:, :-1] + capped[:, 1:])
    largest = (means + slopes[:, None] * inside[..., None]).argmax(-1)
    beyond = np.exp(-0.5 * ends**2) if nu is None else (1 + ends**2 / nu) ** (-0.5 * nu)
    return np.bincount(largest.ravel(), (beyond[:, :-1] - beyond[:, 1:]).ravel(), len(means)) / angles


@pytest.mark.parametrize("nu", only([6.5], [None, 1.0, 6.5]))
def test_three_classes_have_the_cdf_of_two_differences(nu):
    random = np.random.default_rng(0)
    means = random.normal(size=(600, 3)) * 10.0 ** random.uniform(-9, 1, (600, 1))
    directions = random.normal(size=(600, 3, 2))
    own = found(means, directions, nu)
    np.testing.assert_allclose(own, by_differences(means, directions, nu), atol=1e-13)
    np.testing.assert_allclose(own.sum(1), 1.0, atol=1e-14)


@pytest.mark.parametrize("nu", [None, 4.5])
@pytest.mark.parametrize("classes", [2, 4, 20])
def test_scores_along_one_direction(classes, nu):
    # Whole numbers: classes that are the same, and several that are equal along one line.
    random = np.random.default_rng(classes)
    means = random.integers(-2, 3, (200, classes)) * 1.0
    slopes = random.integers(-3, 4, (200, classes)) * 1.0
    law = stats.norm if nu is None else stats.t(nu)
    expected = [on_a_line(*case, law) for case in zip(means, slopes, strict=True)]
    own = found(means, slopes[..., None] * np.array([0.6, -0.8]), nu)
    np.testing.assert_allclose(own, expected, atol=1e-12)


@pytest.mark.parametrize("size", [0.0, 1e-200, 1e-17])
def test_classes_that_meet_in_one_point_have_the_outer_angles_of_their_slopes(size):
    # At 0 the largest score is that of a corner of the slopes' hull, in a wedge as wide as the corner is sharp.
    random = np.random.default_rng(3)
    means, directions = size * random.normal(size=(100, 7)), random.normal(size=(100, 7, 2))
    for own, slopes in zip(found(means, directions), directions, strict=True):
        corners = ConvexHull(slopes).vertices
        sides = np.diff(slopes[np.append(corners, corners[0])], axis=0)
        turns = np.arctan2(sides[:, 1], sides[:, 0])
        outer = (turns - np.roll(turns, 1)) % (2 * np.pi) / (2 * np.pi)
        np.testing.assert_allclose(own, np.bincount(corners, outer, len(slopes)), atol=1e-13)


@pytest.mark.parametrize("nu", [None, 3.0])
@pytest.mark.parametrize("classes", only([7], [4, 7, 20]))
def test_any_scores_by_the_mean_over_rays(classes, nu):
    random = np.random.default_rng(classes)
    means, directions = random.normal(size=(5, classes)), random.normal(size=(5, classes, 2))
    expected = [around(*case, nu) for case in zip(means, directions, strict=True)]
    np.testing.assert_allclose(found(means, directions, nu), expected, atol=2e-5)


def test_a_class_that_is_never_predicted_and_scores_that_never_change():
    random = np.random.default_rng(1)
    means, directions = random.normal(size=(50, 4)), random.normal(size=(50, 4, 2))
    means[:, 1] = -1e300
    own = found(means, directions)
    assert not own[:, 1].any()
    np.testing.assert_allclose(own[:, [0, 2, 3]], found(means[:, [0, 2, 3]], directions[:, [0, 2, 3]]), atol=1e-15)
    equal = np.array([[0.1, 0.2, 0.2, 0.0]])
    np.testing.assert_array_equal(found(equal, np.zeros((1, 4, 2))), [[0, 1, 0, 0]])
