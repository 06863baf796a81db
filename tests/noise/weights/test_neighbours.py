"""Weights by distances to other rows, against all pairs of rows."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from noise_examples import mixed_setting, setting_of, weights_of

from synlabel_prob import noise as n
from synlabel_prob.errors import InputError
from synlabel_prob.noise.geometry import Coordinates
from synlabel_prob.noise.weights.neighbours import near_others
from synlabel_prob.table import Table


def all_pairs(table: Table) -> np.ndarray:
    """Distances between rows, feature by feature; a row is infinitely far from itself."""
    total = np.zeros((table.num_rows, table.num_rows))
    for place, column in enumerate(table.columns):
        values = table.features[:, place]
        difference = values[:, None] - values[None]
        if column.kind == "categorical":
            total += difference != 0
        else:
            scale = max(1, len(column.levels) - 1) if column.kind == "ordinal" else values.std()
            total += (difference / scale) ** 2
    np.fill_diagonal(total, np.inf)
    return np.sqrt(total)


def test_coordinates_have_the_distances_of_mixed_features():
    table = mixed_setting().table
    points = Coordinates(table).of(table.features)
    found = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(found, np.inf)
    np.testing.assert_allclose(found, all_pairs(table), atol=1e-12)


def test_the_ratio_of_the_nearest_of_each_class():
    setting = mixed_setting()
    pairs, size = all_pairs(setting.table), len(setting.classes)
    nearest = np.stack([np.where(setting.labels == code, pairs, np.inf).min(1) for code in range(size)], 1)
    expected = np.stack(
        [nearest[:, code] / (nearest[:, code] + np.delete(nearest, code, 1).min(1)) for code in range(size)], 1
    )
    found = weights_of(n.ByNeighbours().fit(setting), setting.table.features)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_ranks_fall_evenly_over_the_rows():
    # The weight of the paper's NNAR: one over the number of rows for the most typical row, 1 for the least.
    setting = setting_of(3)
    weights = weights_of(n.ByNeighbours(ranked=True).fit(setting), setting.table.features)
    own = np.sort(weights[np.arange(len(setting.labels)), setting.labels])
    np.testing.assert_allclose(own, (1 + np.arange(len(own))) / len(own), atol=1e-12)


def test_edge_cases_of_the_ratio():
    far = np.inf
    shares = near_others(np.array([[far, 2.0], [0.0, 0.0], [1.0, 0.0], [1.0, 3.0]]))
    np.testing.assert_array_equal(shares, [[1.0, 0.0], [0.5, 0.5], [1.0, 0.0], [0.25, 0.75]])


def test_density_is_the_mean_distance_to_the_nearest_others():
    setting = mixed_setting()
    nearest = np.sort(all_pairs(setting.table), 1)[:, :5].mean(1)
    sparse = weights_of(n.ByDensity(neighbours=5).fit(setting), setting.table.features)[:, 0]
    np.testing.assert_allclose(sparse, nearest, atol=1e-9)
    dense = weights_of(n.ByDensity("dense", 5).fit(setting), setting.table.features)[:, 0]
    np.testing.assert_allclose(dense, 1 / nearest, rtol=1e-9)


def test_it_runs_inside_a_jax_program_and_under_vmap():
    setting = mixed_setting()
    fitted, features = n.ByNeighbours().fit(setting), setting.table.features[:6]
    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(fitted.context))(jnp.asarray(features).reshape(2, 3, -1))
    np.testing.assert_array_equal(np.asarray(found).reshape(6, 3), fitted.context(features))


def test_one_class_or_too_few_rows_are_refused():
    setting = setting_of(3)
    alone = n.Setting(setting.table, setting.ground_truth, np.zeros_like(setting.labels))
    for description in (n.ByNeighbours(), n.ByBoundary()):
        with pytest.raises(InputError, match="all rows the class 'c0'"):
            description.fit(alone)
    with pytest.raises(InputError, match="more rows than neighbours = 200"):
        n.ByDensity(neighbours=200).fit(setting)
