"""The density network: a bend and a spread that depends on the row, which a linear regression misses."""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
import pytest

from synlabel_prob.priors import DensityNetwork, GaussianRegression
from synlabel_prob.table import Table
from synlabel_prob.testing import reference_rows


def reference(rows, seed):
    generator = np.random.default_rng(seed)
    x = generator.uniform(-2, 2, rows)
    h = x**2 + (0.1 + 0.3 * np.abs(x)) * generator.normal(size=rows)
    return reference_rows(Table.from_frame(pd.DataFrame({"x": x, "h": h})), ("h",)), x, h


@pytest.mark.slow
def test_it_learns_a_bend_and_a_spread(key):
    made, *_ = reference(400, 0)
    new, x, h = reference(400, 1)
    deviation = 0.1 + 0.3 * np.abs(x)
    truth = -0.5 * ((h - x**2) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)
    found = {}
    for description in (DensityNetwork(steps=1000), GaussianRegression()):
        prior = description.fit(made, key)
        with jax.enable_x64(True):
            logs = jax.vmap(prior.log_density, (None, 0, 0))(prior.theta_at(0), new.hidden, new.rows)
        found[description.kind] = np.asarray(logs) - truth
    # Mean log densities of new rows below the truth's: the network's within 0.25, the regression's more than 1.
    assert found["density_network"].mean() > -0.25
    assert found["gaussian_regression"].mean() < -1.0


def test_the_weights_are_those_of_the_least_held_out_loss(key):
    made, *_ = reference(100, 0)
    prior = DensityNetwork(steps=300).fit(made, key)
    assert prior.history.shape == (300,) and prior.history.min() < prior.history[0]
