"""The copula: a Gaussian regression where marginals are normal, and any scale of the features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from contracts import log_densities, mixed_table

from synlabel_prob.errors import InputError
from synlabel_prob.priors import GaussianCopula, GaussianRegression
from synlabel_prob.table import Table
from synlabel_prob.testing import reference_rows


def frame(rows=1500):
    generator = np.random.default_rng(3)
    x = generator.normal(size=rows)
    return pd.DataFrame({"x": x, "h": 0.8 * x + 0.6 * generator.normal(size=rows)})


@pytest.mark.slow
def test_normal_features_have_the_law_of_the_regression(key):
    # Kernel densities are wider than the data by a tenth; the mean log density differs by less than 0.05.
    reference = reference_rows(Table.from_frame(frame()), ("h",))
    copula = log_densities(GaussianCopula().fit(reference, key), reference).mean()
    assert copula == pytest.approx(log_densities(GaussianRegression().fit(reference, key), reference).mean(), abs=0.05)


def test_a_skewed_scale_changes_the_density_by_its_slope(key):
    # h -> exp(h) on the hidden feature: scores, and with them the dependence, stay as they are.
    plain, skewed = frame(), frame().assign(h=lambda it: np.exp(it.h))
    first, second = (reference_rows(Table.from_frame(it), ("h",)) for it in (plain, skewed))
    before = log_densities(GaussianCopula(bandwidth=0.05).fit(first, key), first)
    after = log_densities(GaussianCopula(bandwidth=0.05).fit(second, key), second) + plain["h"].to_numpy()
    assert after.mean() == pytest.approx(before.mean(), abs=0.05)
    regression = log_densities(GaussianRegression().fit(second, key), second).mean() + plain["h"].mean()
    assert after.mean() > regression + 0.2  # what the linear regression loses on a skewed feature


def test_hidden_levels_have_draws_but_no_density(key):
    reference = reference_rows(mixed_table(), ("size", "income"))
    prior = GaussianCopula().fit(reference, key)
    assert not prior.has_density and not prior.has_pit
    with pytest.raises(InputError, match=r"use `chained` or `joint_mixture` where these are needed\.$"):
        prior.log_density(prior.theta_at(0), reference.hidden[0], reference.row(0))
