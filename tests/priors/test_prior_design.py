"""Regressors: those of many rows are those of each."""

from __future__ import annotations

import jax
import numpy as np
from exact_cases import table

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob import process
from synlabel_prob.priors.design import encoded


def test_regressors_of_many_rows_are_those_of_each():
    rows = table(20)
    made = process.fit(
        process.Process(g.Rules({"c0": "a > 0"}, otherwise="c1"), ("a", "b"), p.GaussianRegression()), rows
    )
    design, given = made.prior.design, made.rows.given
    found = encoded(design, given)
    assert isinstance(found, np.ndarray) and found.dtype == np.float64 and found.shape == (20, len(design.names))
    with jax.enable_x64(True):
        each = [np.asarray(design.encode(jax.tree_util.tree_map(lambda it, at=at: it[at], given))) for at in range(20)]
    np.testing.assert_allclose(found, each, rtol=1e-15)
    assert len(np.unique(found[:, -1])) > 1
