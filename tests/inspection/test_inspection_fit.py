"""The tree of a prior's fit, its summary and its sentences."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import mixed_table
from runs import over_iris, run

from synlabel_prob import ground_truth as g
from synlabel_prob import inspection
from synlabel_prob import priors as p
from synlabel_prob.inference import Diagnostics
from synlabel_prob.inspection.calibration import simultaneous_band
from synlabel_prob.priors.matrix_normal import Regression
from synlabel_prob.process import Process, fit
from synlabel_prob.table import Table

PREDICTIVE = ("chain", "draw", "row", "hidden_feature")


@functools.cache
def sampled():
    """A regression fitted by a NUTS that is far too short."""
    rows = np.arange(0, 80, 4)
    truth = g.Rules({"high": "income > 40000"}, otherwise="low")
    process = Process(truth, ("income",), p.GaussianRegression(fit_by="nuts", draws=16))
    return fit(process, mixed_table().take(rows), jax.random.key(0))


@functools.cache
def tree_of(name):
    return inspection.fit_datatree(run(name)[0], jax.random.key(1), theta_draws=32)


@pytest.mark.parametrize("name", ["plain", pytest.param("mixed", marks=pytest.mark.slow)])
def test_every_group_is_named_and_labelled(name):
    fitted, tree = run(name)[0], tree_of(name)
    groups = ["prior", "prior_predictive", "posterior", "posterior_predictive", "log_likelihood"]
    assert set(tree.children) == {*groups, "observed_data", "constant_data"}
    for group in tree.children.values():
        for variable in group.data_vars.values():
            assert all("_dim_" not in dim for dim in variable.dims), variable.name
            assert set(variable.dims) <= set(variable.coords), variable.name
    for group in ("prior_predictive", "posterior_predictive"):
        hidden = tree[f"{group}/hidden"]
        assert hidden.dims == PREDICTIVE
        assert (hidden.sizes["chain"], hidden.sizes["draw"]) == (4, 8)
        assert list(hidden.coords["hidden_feature"].values) == list(fitted.process.hidden)
    assert tree["log_likelihood/hidden"].dims == ("chain", "draw", "row")
    np.testing.assert_array_equal(tree["observed_data/hidden"], fitted.table.features[:, list(fitted.hidden)])
    np.testing.assert_array_equal(tree["constant_data/observed"], fitted.table.features[:, list(fitted.observed)])


def test_the_log_likelihood_is_the_density_under_the_draws_of_theta():
    fitted, tree = run("plain")[0], tree_of("plain")
    posterior = tree["posterior"].to_dataset().stack(sample=("chain", "draw"))
    logs = tree["log_likelihood/hidden"].stack(sample=("chain", "draw"))
    hidden = fitted.table.features[:, list(fitted.hidden)]
    for place in (0, 9, 31):
        values = [
            posterior[f"prior.{name}"].isel(sample=place).values for name in ("coefficients", "residual_cholesky")
        ]
        theta = Regression(*values)
        with jax.enable_x64(True):
            expected = jax.vmap(fitted.prior.log_density, (None, 0, 0))(theta, hidden, fitted.rows.given)
        np.testing.assert_allclose(logs.isel(sample=place), expected, rtol=1e-9)


@pytest.mark.slow
def test_kept_draws_come_as_they_are_with_what_the_sampler_said():
    fitted = sampled()
    tree = inspection.fit_datatree(fitted, jax.random.key(1))
    coefficients, found = tree["posterior/prior.coefficients"], fitted.prior.diagnostics()
    assert (found.draws, found.chains) == (16, 2)
    np.testing.assert_array_equal(coefficients, fitted.prior.draws.coefficients.reshape(2, 8, -1, 1))
    assert int(tree["sample_stats/diverging"].sum()) == found.divergences
    assert tree["sample_stats/energy"].dims == ("chain", "draw")
    hidden, given = fitted.table.features[:, list(fitted.hidden)], fitted.rows.given
    with jax.enable_x64(True):
        expected = jax.vmap(fitted.prior.log_density, (None, 0, 0))(fitted.prior.theta_at(11), hidden, given)
    np.testing.assert_allclose(tree["log_likelihood/hidden"][1, 3], expected, rtol=1e-9)


def test_a_prior_without_parameters_has_one_predictive_and_one_density():
    tree = inspection.fit_datatree(run("without_noise")[0], theta_draws=16)
    assert set(tree.children) == {"posterior_predictive", "log_likelihood", "observed_data", "constant_data"}
    assert tree["log_likelihood/hidden"].shape[:2] == (1, 1)
    assert tree["posterior_predictive/hidden"].shape[:2] == (4, 4)


def test_a_prior_without_density_has_no_log_likelihood():
    fitted = fit(over_iris(prior=p.Empirical()), run("plain")[0].table)
    assert "log_likelihood" not in inspection.fit_datatree(fitted, theta_draws=8).children


def test_at_most_200_rows_are_shown():
    table = mixed_table(300)
    fitted = fit(Process(g.Rules({"high": "age > 40"}, otherwise="low"), ("age",), p.Uniform()), table)
    tree = inspection.fit_datatree(fitted, theta_draws=8)
    assert tree["posterior_predictive"].sizes["row"] == 200
    assert tree["posterior_predictive"].attrs["rows_left_out"] == 100
    assert list(tree["posterior_predictive"].coords["row"].values[[0, -1]]) == [0, 299]
    assert tree["log_likelihood"].sizes["row"] == 300


# --- summaries and sentences ------------------------------------------------------------------------


@pytest.mark.slow
def test_a_short_chain_is_summarised_and_cautioned_against():
    summary = inspection.summarise(sampled(), jax.random.key(1))
    assert {"r_hat", "ess_bulk"} <= set(summary.table.columns)
    assert "prior.coefficients[constant, income]" in summary.table.index
    text = "\n".join(summary.sentences)
    for words in ("few effective draws", "should be at least 400", "of 16 draws in 2 chains", "7 regressors and 20"):
        assert words in text, words


def test_independent_draws_have_no_r_hat_and_no_cautions():
    summary = inspection.summarise(run("plain")[0], jax.random.key(1), theta_draws=32)
    assert "mean" in summary.table.columns and "r_hat" not in summary.table.columns
    assert summary.sentences == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"largest_r_hat": 1.02}, "largest R-hat is 1.020 and should be at most 1.01"),
        ({"largest_r_hat": np.nan}, "largest R-hat is nan"),
        ({"smallest_effective_sample_size": 399.0}, "sample size of 1000 draws in 4 chains is 399"),
        ({"divergences": 3}, "3 of 1000 draws of the prior's parameters diverged"),
        ({"chains": 8}, "should be at least 800"),
        ({}, ""),
    ],
)
def test_each_number_of_a_chain_has_its_sentence(changed, words):
    found = inspection.summary.cautions_of_chains(Diagnostics(1.005, 420.0, 0, 1000, 4)._replace(**changed))
    assert len(found) == (1 if words else 0)
    assert words in "".join(found)


def test_a_law_that_does_not_describe_the_rows_is_named():
    # 150 rows: exact for the fixed table.
    frame = pd.DataFrame({"skewed": np.exp(np.linspace(-3, 3, 150)), "other": np.arange(150.0) % 7})
    process = Process(g.Linear({"yes": {"skewed": 1.0}, "no": {}}, {"no": 2.0}), ("skewed",), p.Uniform())
    (sentence,) = inspection.cautions(fit(process, Table.from_frame(frame)), jax.random.key(0))
    assert sentence.startswith("The prior does not describe 'skewed'")
    assert "in sample, 150 rows" in sentence


@pytest.mark.slow
def test_a_product_names_its_features_in_the_order_of_its_blocks():
    found = inspection.calibration(run("mixed")[0], jax.random.key(0))
    assert run("mixed")[0].process.hidden == ("region", "income", "height")
    assert found.features == ("region", "income", "height")
    blocks = (p.Block(("height", "income"), p.GaussianRegression()), p.Block(("region",), p.Categorical()))
    process = run("mixed")[0].process
    fitted = fit(Process(process.ground_truth, process.hidden, p.Product(blocks)), mixed_table())
    assert inspection.calibration(fitted, jax.random.key(0)).features == ("height", "income", "region")


def test_the_band_holds_as_often_as_it_says():
    # 2,000 fresh samples of 100: the share inside has a standard deviation of 0.005 around 0.95 or a little more.
    at, low, high = simultaneous_band(100)
    values = np.sort(np.random.default_rng(1).uniform(size=(2000, 100)), axis=1)
    below = np.array([np.searchsorted(row, at, side="right") for row in values]) / 100 - at
    inside = ((below >= low - 1e-12) & (below <= high + 1e-12)).all(1).mean()
    assert 0.92 < inside < 0.98
