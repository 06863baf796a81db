"""The joint mixture: its conditional by hand, one component, known groups; its sampler is in `test_calibration`."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import log_densities, mixed_table, numbers_table
from scipy import stats

from synlabel_prob.priors import GaussianRegression, JointMixture, mixture_columns
from synlabel_prob.table import Table
from synlabel_prob.testing import reference_rows


@pytest.mark.slow
def test_the_conditional_is_joint_over_marginal(key):
    # SciPy's normal laws of all numbers and of the observed ones alone, component by component and draw by draw.
    reference = reference_rows(numbers_table(), ("income", "age"))
    prior = JointMixture(components=3, draws=2, warmup=20).fit(reference, key)
    values = (np.concatenate([reference.observed, reference.hidden], 1) - prior.columns.means) / prior.columns.scales
    found = 0.0
    for draw in range(2):
        joint, observed = 0.0, 0.0
        for component in range(3):
            root = prior.kept.precision_roots[draw, component]
            covariance, mean = np.linalg.inv(root @ root.T), prior.kept.locations[draw, component]
            weight = prior.kept.weights[draw, component]
            joint += weight * stats.multivariate_normal(mean, covariance).pdf(values)
            observed += weight * stats.multivariate_normal(mean[:1], covariance[:1, :1]).pdf(values[:, :1])
        found += 0.5 * joint / observed
    expected = np.log(found) - np.log(prior.columns.scales[1:]).sum()
    np.testing.assert_allclose(log_densities(prior, reference), expected, rtol=1e-8)


@pytest.mark.slow
def test_one_component_is_a_gaussian_regression(key):
    # Both average the same normal law over nearly the same posterior. Its 9 parameters cost a row 9 / 1000 nats, and
    # 100 draws leave a tenth of that; the priors differ. A covariance that is off by a tenth costs 0.02.
    reference = reference_rows(numbers_table(500), ("income", "age"))
    mixture = JointMixture(components=1, draws=100, warmup=50).fit(reference, key)
    exact = log_densities(GaussianRegression().fit(reference, key), reference)
    assert abs((log_densities(mixture, reference) - exact).mean()) < 0.01


@pytest.mark.slow
def test_two_groups_are_found(key):
    generator = np.random.default_rng(0)
    group = generator.integers(2, size=300)
    table = numbers_table(300)
    frame = table.to_frame().assign(
        income=np.where(group, 5.0, -5.0) + generator.normal(0, 0.5, 300), height=group + generator.normal(0, 0.1, 300)
    )
    reference = reference_rows(type(table).from_frame(frame), ("income",))
    prior = JointMixture(components=8, draws=10, warmup=100).fit(reference, key)
    with jax.enable_x64(True):
        draws = jax.vmap(lambda u, row: prior.quantile(prior.theta_at(0), u, row), (0, 0))(
            generator.uniform(size=(300, 2)), reference.rows
        )
    # A row's height tells its group; the draws of the other group's income are rare.
    assert np.mean((np.asarray(draws)[:, 0] > 0) == (group == 1)) > 0.97


@pytest.mark.slow
def test_hidden_levels_alone_have_in_one_component_the_smoothed_shares(key):
    # The mean of a Dirichlet posterior, (n_k + 1/2) / (n + K / 2); a draw's share has a deviation of 0.022, the mean of
    # 40 nearly independent ones of 0.0035.
    reference = reference_rows(mixed_table(500), ("region",))
    prior = JointMixture(components=1, draws=40, warmup=20).fit(reference, key)
    counts = np.bincount(reference.hidden[:, 0].astype(int), minlength=3)
    expected = (counts + 0.5) / (500 + 1.5)
    found = [
        np.exp(log_densities(prior, dataclasses.replace(reference, hidden=np.full((500, 1), float(code)))))
        for code in range(3)
    ]
    np.testing.assert_allclose(np.sum(found, 0), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.mean(found, 1), expected, atol=0.02)
    with jax.enable_x64(True):
        uniforms = np.random.default_rng(0).uniform(size=(500, 2))
        draws = jax.vmap(lambda own, row: prior.quantile(prior.theta_at(0), own, row))(uniforms, reference.rows)
    assert set(np.unique(draws)) == {0.0, 1.0, 2.0}


@pytest.mark.slow
@pytest.mark.parametrize("conditions_on", ["nothing", "observed"])
def test_latent_classes_alone(conditions_on, key):
    # Two columns of levels that agree in nine of ten rows. 400 rows leave a deviation of 0.015 in that share.
    generator = np.random.default_rng(0)
    first = generator.integers(2, size=400)
    second = np.where(generator.random(400) < 0.9, first, 1 - first)
    frame = pd.DataFrame({"first": np.array(["k", "l"])[first], "second": np.array(["u", "v"])[second]})
    reference = reference_rows(Table.from_frame(frame), ("second",))
    prior = JointMixture(conditions_on, components=4, draws=20, warmup=200).fit(reference, key)
    shares = np.exp(log_densities(prior, dataclasses.replace(reference, hidden=first[:, None].astype(float))))
    assert abs(shares.mean() - (0.9 if conditions_on == "observed" else 0.5)) < 0.05


def test_levels_and_the_label_are_columns_too():
    reference = reference_rows(mixed_table(), ("size", "income"))
    columns, numbers, codes, counts = mixture_columns.arrays(reference, "observed_and_label")
    assert mixture_columns.names_of(reference, columns) == (("age", "height", "income"), ("region", "label", "size"))
    assert (numbers.shape, codes.shape, counts) == ((80, 3), (80, 3), (3, 3, 3))
    np.testing.assert_array_equal(codes[:, 1], reference.labels)
