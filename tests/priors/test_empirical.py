"""Resampled values: exactly the observed ones, each as often as it occurs."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import mixed_table

from synlabel_prob.errors import InputError
from synlabel_prob.priors import Empirical, Row
from synlabel_prob.testing import reference_rows

HIDDEN = ("region", "income")


def draws(prior, number):
    grid = ((np.arange(number) + 0.5) / number)[:, None].repeat(prior.uniform_dims, 1)
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(lambda u: prior.quantile(prior.theta_at(0), u, Row(np.zeros(0), 0, -1)))(grid))


def test_rows_are_drawn_whole_and_alike(key):
    reference = reference_rows(mixed_table(), HIDDEN)
    found = draws(Empirical().fit(reference, key), 3 * len(reference.hidden))
    assert sorted(map(tuple, found)) == sorted(map(tuple, np.repeat(reference.hidden, 3, 0)))


def test_values_are_drawn_feature_by_feature(key):
    reference = reference_rows(mixed_table(), HIDDEN)
    found = draws(Empirical(joint=False).fit(reference, key), len(reference.hidden))
    np.testing.assert_array_equal(found, np.sort(reference.hidden, 0))


@pytest.mark.parametrize("joint", [True, False])
def test_there_is_no_density(joint, key):
    reference = reference_rows(mixed_table(), HIDDEN)
    prior = Empirical(joint=joint).fit(reference, key)
    assert not prior.has_density
    with pytest.raises(InputError, match=r"has no density: (smooth it by a kernel density|give it a `smoothing`)\.$"):
        prior.log_density(prior.theta_at(0), reference.hidden[0], reference.row(0))
