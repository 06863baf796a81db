from __future__ import annotations

import functools
import json

import arviz as az
import jax
import numpy as np
import pytest
from numpyro.infer import MCMC, NUTS
from quick import only
from runs import RUN_NAMES, RUNS, over_iris, run

from synlabel_prob import inspection
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.process import fit, fixed_draws


@functools.cache
def tree_of(name: str):
    """The tree of a run."""
    return inspection.to_datatree(*run(name), title=name, theta_draws=64, hidden_draws=20)


@pytest.mark.parametrize("name", only(["plain", "mixed", "noisy_features"], RUNS))
def test_dimensions_are_named_and_labelled(name):
    fitted, tree = run(name)[0], tree_of(name)
    for group in tree.children.values():
        for variable in group.data_vars.values():
            assert all("_dim_" not in dim for dim in variable.dims), variable.name
            assert set(variable.dims) <= set(variable.coords), variable.name
    soft = tree["posterior_predictive/soft_label"]
    assert soft.dims == ("row", "class")
    assert list(soft.coords["class"].values) == [str(value) for value in fitted.classes]
    assert list(soft.coords["row"].values) == list(fitted.table.row_ids)
    hidden = tree["posterior_predictive/hidden"]
    assert hidden.dims == ("sample", "row_shown", "hidden_feature")
    assert list(hidden.coords["hidden_feature"].values) == [
        fitted.table.feature_names[place] for place in fitted.resampled
    ]


@pytest.mark.parametrize("name", RUN_NAMES)
def test_values_are_those_of_the_run(name):
    (fitted, generated), tree = run(name), tree_of(name)
    predictive, constant = tree["posterior_predictive"], tree["constant_data"]
    np.testing.assert_array_equal(predictive["soft_label"], generated.partial.soft_labels)
    np.testing.assert_array_equal(predictive["soft_label_standard_error"], generated.partial.standard_error)
    drawn = np.where(predictive["exact"], 0, predictive["evaluations"])
    np.testing.assert_array_equal(predictive["counts"].sum("replicate").sum("class"), drawn)
    np.testing.assert_array_equal(tree["observed_data/noisy_hard_label"], generated.observed_hard.hard_labels)
    np.testing.assert_array_equal(constant["ground_truth_label"], fitted.labels)
    both = {**_columns(constant["observed"]), **_columns(constant["hidden"])}
    for name, values in zip(fitted.table.feature_names, fitted.table.features.T, strict=True):
        np.testing.assert_array_equal(both[name], values)
    if fitted.nodes:
        last = predictive["noisy_soft_label"].isel(node=-1)
        np.testing.assert_array_equal(last, generated.observed_soft.soft_labels)
        assert list(predictive["node"].values) == [entry.name for entry in generated.ledger]


def _columns(array):
    return dict(zip(array.coords[array.dims[1]].values, array.values.T, strict=True))


@pytest.mark.slow
def test_groups_that_would_be_empty_are_left_out():
    assert set(tree_of("without_noise").children) == {"posterior_predictive", "observed_data", "constant_data"}
    assert {"prior", "posterior"} <= set(tree_of("plain").children)


@pytest.mark.slow
def test_unknown_noise_has_prior_draws_and_the_value_that_was_used():
    tree, generated = tree_of("unknown_noise"), run("unknown_noise")[1]
    assert tree["prior/symmetric.rate"].dims == ("chain", "draw")
    assert tree["prior/random_matrix.shares"].dims == ("chain", "draw", "class", "other_class")
    assert float(tree["posterior_predictive/symmetric.rate"]) == float(generated.parameters["symmetric.rate"])


def test_levels_of_codes_are_kept_as_text():
    assert json.loads(tree_of("mixed")["constant_data"].attrs["levels"]) == {
        "size": ["S", "M", "L"],
        "region": ["north", "south", "west"],
    }
    assert json.loads(tree_of("mixed")["observed_data"].attrs["classes"]) == ["high", "middle", "low"]
    assert tree_of("mixed").attrs["title"] == "mixed"


def test_blocks_of_a_product_prior_have_dimensions_of_their_own():
    posterior = tree_of("mixed")["posterior"]
    (coefficients,) = [it for name, it in posterior.data_vars.items() if name.endswith("coefficients")][:1] or [None]
    names = {name.rpartition(".")[2]: it for name, it in posterior.data_vars.items()}
    assert names["coefficients"].dims[2:] == ("regressor_block_1", "hidden_feature_block_1")
    assert list(coefficients.coords["hidden_feature_block_1"].values) == ["income", "height"]
    assert list(names["probabilities"].coords["level_region"].values) == ["north", "south", "west"]


def test_posterior_draws_agree_with_the_conjugate_posterior():
    # 64 draws of (4 + 1) x 2 coefficients: means within 5 standard errors fail by chance less than once in 10^5.
    prior = run("plain")[0].prior
    draws = tree_of("plain")["posterior/prior.coefficients"].stack(sample=("chain", "draw"))
    error = draws.std("sample").values / np.sqrt(draws.sizes["sample"])
    assert (np.abs(draws.mean("sample").values - prior.posterior.mean) < 5 * error).all()


@pytest.mark.slow
def test_draws_kept_by_nuts_are_stored_themselves():
    fitted, generated = run("plain")
    prior = p.GaussianRegression(fit_by="point")
    other = fit(over_iris(*fitted.process.noise, prior=prior), fitted.table, jax.random.key(0))
    posterior = inspection.to_datatree(other, generated, theta_draws=16, hidden_draws=2)["posterior"]
    assert set(posterior.data_vars) == {"prior.coefficients", "prior.residual_cholesky"}
    np.testing.assert_array_equal(posterior["prior.coefficients"][0], other.prior.draws.coefficients)


def test_names_with_a_slash_are_written_without():
    fitted, generated = run("plain")
    frame = fitted.table.to_frame().rename(columns={"petal length (cm)": "a/b"})
    table = fitted.table.from_frame(frame.assign(species=fitted.table.target), target="species")
    process = over_iris(prior=p.Histogram(bins=4))
    process = type(process)(process.ground_truth, ("a/b",), process.prior)
    other = fit(process, table, jax.random.key(0))
    tree = inspection.to_datatree(other, generated, theta_draws=16, hidden_draws=2)
    assert tree["posterior/prior.a_b.weights"].dims == ("chain", "draw", "bin_a_b")
    assert inspection.to_netcdf(tree)


def test_arviz_works_on_the_tree():
    summary = az.summary(tree_of("plain"), var_names=["prior.coefficients"])
    assert "prior.coefficients[sepal width (cm), petal width (cm)]" in summary.index
    az.plot_dist(tree_of("plain"), var_names=["prior.residual_cholesky"], backend="none")
    az.plot_forest(tree_of("plain"), var_names=["prior.coefficients"], backend="none")
    names = ["prior.coefficients"]
    az.plot_prior_posterior(tree_of("plain"), var_names=names, backend="none")


@pytest.mark.parametrize("name", ["plain", "mixed", "unknown_noise"])
def test_equal_runs_give_equal_files_and_trees_come_back(tmp_path, name):
    first = inspection.to_netcdf(tree_of(name))
    again = inspection.to_datatree(*run(name), title=name, theta_draws=64, hidden_draws=20)
    assert inspection.to_netcdf(again) == first
    (tmp_path / "process.nc").write_bytes(first)
    read = inspection.read_datatree(tmp_path / "process.nc")
    assert read.identical(tree_of(name))
    assert inspection.differences(read, tree_of(name)) == []


def test_differences_are_named():
    changed = tree_of("plain").copy(deep=True)
    changed["observed_data/noisy_hard_label"].values[0] += 1
    del changed["prior"]
    found = inspection.differences(tree_of("plain"), changed)
    assert found == ["the group prior is on one side only.", "noisy_hard_label in observed_data differs."]


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "process.nc").write_bytes(b"no netCDF")
    with pytest.raises(InputError, match="must be a netCDF file"):
        inspection.read_datatree(tmp_path / "process.nc")


@pytest.mark.slow
def test_arviz_reads_nuts_on_the_marginal_model_without_dims():
    process = over_iris(
        n.Symmetric({"dist": "Beta", "concentration1": 2.0, "concentration0": 8.0}), n.RandomMatrix(0.2)
    )
    fitted = fit(process, run("plain")[0].table, jax.random.key(0))
    with jax.enable_x64(True):
        draws = fixed_draws(fitted, jax.random.key(1), points=32)
        model = fitted.marginal_model(draws, run("plain")[1].observed_hard.hard_labels)
        mcmc = MCMC(NUTS(model), num_warmup=50, num_samples=30, progress_bar=False)
        mcmc.run(jax.random.key(2))
        tree = az.from_numpyro(mcmc, coords=inspection.coordinates(fitted))
    posterior = tree["posterior"]
    assert posterior["symmetric.rate"].dims == ("chain", "draw")
    assert posterior["random_matrix.scores"].dims == ("chain", "draw", "class")
    assert posterior["random_matrix.shares"].dims == ("chain", "draw", "class", "other_class")
    assert list(posterior.coords["class"].values) == ["setosa", "versicolor", "virginica"]
    assert tree["observed_data/noisy_hard_label"].dims == ("row",)


@pytest.mark.slow
def test_votes_have_dimensions_of_their_own():
    tree, (fitted, generated) = tree_of("votes"), run("votes")
    votes = generated.votes
    for name, values in {"label": votes.labels, "row": votes.rows, "annotator": votes.annotators}.items():
        assert tree[f"observed_data/vote_{name}"].dims == ("vote",)
        np.testing.assert_array_equal(tree[f"observed_data/vote_{name}"], values)
    transition = tree["posterior_predictive/annotator_transition"]
    assert transition.dims == ("annotator", "true", "observed")
    assert tuple(transition.coords["annotator"].values) == fitted.annotation.names
    assert tree["prior/annotation.ability"].dims == ("chain", "draw", "annotator")
    assert tree["posterior_predictive/annotation.ability"].dims == ("annotator",)
    assert tree["posterior_predictive/annotation.difficulty"].dims == ("row",)
    assert tree["posterior_predictive/annotation.copying"].dims == ()


def test_noisy_features_are_observed_data_and_true_ones_constants():
    tree, (fitted, generated) = tree_of("noisy_features"), run("noisy_features")
    recorded = tree["observed_data/noisy_feature"]
    assert recorded.dims == ("row", "observed_feature")
    assert list(recorded.coords["observed_feature"].values) == ["age", "size"]
    np.testing.assert_array_equal(recorded, generated.observed_hard.view.features)
    np.testing.assert_array_equal(tree["constant_data/observed"], fitted.observed_table.features)
    assert "noisy_feature" not in tree_of("plain")["observed_data"]


@pytest.mark.slow
def test_sets_have_rows_and_classes():
    tree, (_, generated) = tree_of("candidates"), run("candidates")
    for name, values in {"observed_data/observed_set": generated.observed_sets,
                         "posterior_predictive/set_chance": generated.set_chances}.items():  # fmt: skip
        assert tree[name].dims == ("row", "class")
        np.testing.assert_array_equal(tree[name], values)
    assert tree["prior/observation.rate"].dims == ("chain", "draw")
    assert tree["posterior_predictive/observation.rate"].dims == ()
