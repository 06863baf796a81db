"""Neighbours against scikit-learn's, a row's own place, and the label."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import numbers_table
from sklearn.neighbors import NearestNeighbors

from synlabel_prob.errors import InputError
from synlabel_prob.priors import SimilarRows
from synlabel_prob.testing import reference_rows

GRID = ((np.arange(400) + 0.5) / 400)[:, None]


def drawn(prior, row):
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(lambda u: prior.quantile(prior.theta_at(0), u, row))(GRID))[:, 0]


@pytest.mark.parametrize("own", [True, False])
def test_the_nearest_rows_are_scikit_learns(own, key):
    reference = reference_rows(numbers_table(), ("income",))
    prior = SimilarRows(neighbors=8, leave_self_out=not own).fit(reference, key)
    scaled = reference.observed / reference.observed.std(0)
    places = NearestNeighbors(n_neighbors=9).fit(scaled).kneighbors(scaled, return_distance=False)
    for row in (0, 5, 40):
        expected = places[row, :8] if own else places[row, 1:]
        values, counts = np.unique(drawn(prior, reference.row(row)), return_counts=True)
        np.testing.assert_array_equal(values, np.sort(reference.hidden[expected, 0]))
        assert (counts == 50).all()


def test_rows_of_the_label_come_first(key):
    reference = reference_rows(numbers_table(), ("income",))
    prior = SimilarRows("observed_and_label", neighbors=5).fit(reference, key)
    for row in (0, 9, 33):
        found = np.isin(reference.hidden[:, 0], drawn(prior, reference.row(row)))
        assert (reference.labels[found] == reference.labels[row]).all()


def test_neighbors_and_bandwidth_exclude_each_other():
    with pytest.raises(InputError, match=r"`neighbors` and bandwidth exclude each other: give one of them\."):
        SimilarRows(neighbors=3, bandwidth=0.2)
