"""The models of a fitted process under plain NumPyro: the laws agree with what the toolkit computes by other means."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import numpy as np
import numpyro
import oracles
import pytest
from contracts import LINEAR, forest_on_the_host, margin, mixed_table, next_class
from numpyro import handlers
from numpyro.infer import Predictive
from numpyro.infer.inspect import get_model_relations
from quick import only

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.laws import Beta
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.process.models import label_law
from synlabel_prob.testing import assert_frequencies

DRAWS = 20_000
LINEAR_NOISE = (n.Symmetric(0.2), next_class(0.3))


def counts(codes: np.ndarray, size: int) -> np.ndarray:
    """(draws, rows) codes as (rows, classes) counts."""
    return np.stack([(np.asarray(codes) == code).sum(0) for code in range(size)], -1)


def both(probability: np.ndarray) -> np.ndarray:
    return np.stack([probability, 1 - probability], -1)


CLOSED = {
    "ball": lambda: oracles.ball(30, 1, LINEAR_NOISE),
    "theta plugged in": lambda: oracles.half_space(30, 2, "point", LINEAR_NOISE),
    "theta integrated out": lambda: oracles.half_space(30, 2, "exact", LINEAR_NOISE),
}


@pytest.mark.parametrize("name", only(["ball", "theta integrated out"], CLOSED))
def test_predictive_agrees_with_the_closed_form_and_the_evaluator(name, key):
    # False alarm 1e-6; 20,000 draws of 30 rows see a probability that is off by 0.03. Theta is drawn once for all rows
    # by the model and integrated out row by row in the closed form: row by row the laws are the same.
    fitted, probability = CLOSED[name]()
    sites = ("label", "symmetric", "next_class", "noisy_hard_label")
    found = Predictive(fitted.model, num_samples=DRAWS, return_sites=sites)(key)
    clean = both(probability)
    once = clean @ [[0.8, 0.2], [0.2, 0.8]]
    twice = once @ [[0.7, 0.3], [0.3, 0.7]]
    for site, law in zip(sites, (clean, once, twice, twice), strict=True):
        assert_frequencies(counts(found[site], 2), law)
    soft = s.evaluate(label_law(fitted), fitted.prior, fitted.rows, s.QuasiMonteCarlo(draws=2**15), key)
    np.testing.assert_allclose(soft.probabilities, clean, atol=3e-3)


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [True, False])
def test_predictive_runs_through_a_function_on_the_host(parallel, key):
    # False alarm 1e-6. The evaluator's own error is below 0.004 a row, 1,000 draws see an error of 0.12.
    process = Process(forest_on_the_host(), ("income",), p.GaussianRegression())
    fitted = fit(process, mixed_table(40))
    assert not fitted.ground_truth.runs_in_jax
    soft = s.evaluate(label_law(fitted), fitted.prior, fitted.rows, s.QuasiMonteCarlo(draws=2**12), key)
    draws = 1000 if parallel else 100
    found = Predictive(fitted.model, num_samples=draws, parallel=parallel, return_sites=["label"])(key)["label"]
    assert found.shape == (draws, 40)
    # A point of doubt each way, so that a class that no point had may turn up.
    law = (soft.probabilities + 3e-4) / (1 + 3 * 3e-4)
    assert_frequencies(counts(found, 3), law)


@functools.cache
def dependent(selection="independent"):
    """Noise that depends on hidden features, then a plain node, then one that goes by the soft label."""
    nodes = (
        n.ClassConditional({"no": 0.1, "yes": 0.3}),
        margin(0.02, name="near"),
        n.Symmetric(0.1, selection=selection),
        margin(0.1, source="soft_label", largest_rate=0.6, name="unclear"),
        n.RandomOutcome(0.2),
    )
    return fit(
        Process(g.Linear(LINEAR, {"no": 2.0}), ("age", "income"), p.GaussianRegression(), nodes), mixed_table(30)
    )


@pytest.mark.slow
def test_predictive_agrees_with_the_stages_of_dependent_noise(key):
    fitted = dependent()
    made = generate(fitted, key, s.QuasiMonteCarlo(draws=2**15))
    sites = ("label", "class_conditional", "near", "symmetric")
    found = Predictive(fitted.model, num_samples=DRAWS, return_sites=sites)(key)
    laws = [made.laws[:, place] for place in range(4)]
    assert "unclear" not in handlers.trace(handlers.seed(fitted.model, key)).get_trace()
    for site, law in zip(sites, laws, strict=True):
        assert_frequencies(counts(found[site], 3), (law + 1e-4) / (1 + 3e-4))


def test_the_soft_model_agrees_with_the_exact_push_forward(key):
    # False alarm 1e-6; 20,000 draws of 30 rows see a probability that is off by 0.03.
    fitted = dependent()
    made = generate(fitted, key, s.QuasiMonteCarlo(draws=2**10))
    model = fitted.soft_model(made.laws[:, fitted.integrated], clean=made.laws[:, 0])
    sites = ("drawn_label", "symmetric", "unclear", "random_outcome", "noisy_hard_label", "noisy_soft_label")
    found = Predictive(model, num_samples=DRAWS, return_sites=sites)(key)
    laws = [*(made.laws[:, place] for place in range(2, 6)), made.observed_soft.soft_labels]
    for site, law in zip(sites[:5], laws, strict=True):
        assert_frequencies(counts(found[site], 3), law)
    np.testing.assert_allclose(found["noisy_soft_label"][0], made.observed_soft.soft_labels, atol=1e-5)


@pytest.mark.slow
def test_prior_model_draws_theta_from_its_prior(key):
    fitted = CLOSED["theta integrated out"]()[0]
    narrow, wide = (
        Predictive(model, num_samples=400)(key)["prior.residual_cholesky"][:, 0, 0]
        for model in (fitted.model, fitted.prior_model)
    )
    assert wide.std() > 0.05 and narrow.std() / narrow.mean() < 0.5 * wide.std() / wide.mean()


# --- handlers ---------------------------------------------------------------------------------------


def traced(model, key):
    return handlers.trace(handlers.seed(model, key)).get_trace()


def test_sites_and_plates_have_the_names_of_the_design(key):
    fitted = dependent()
    sites = traced(fitted.model, key)
    assert [name for name in sites if sites[name]["type"] != "plate" and not name.startswith("prior.")] == [
        "hidden",
        "label",
        "class_conditional",
        "near",
        "symmetric",
    ]
    assert sites["row"]["type"] == "plate"
    assert sites["hidden"]["value"].shape == (30, 2) and sites["label"]["value"].shape == (30,)


def test_condition_and_do_and_substitute(key):
    fitted = oracles.ball(8, 1, (n.Symmetric(0.5),))[0]
    everyone = jnp.ones(8, int)
    conditioned = traced(handlers.condition(fitted.model, {"symmetric": everyone}), key)
    assert conditioned["symmetric"]["is_observed"]
    assert conditioned["noisy_hard_label"]["value"].tolist() == [1] * 8
    cut = traced(handlers.do(fitted.model, {"symmetric": everyone}), key)
    assert cut["noisy_hard_label"]["value"].tolist() == [1] * 8
    label = traced(handlers.substitute(fitted.model, {"label": everyone}), key)
    assert label["symmetric"]["fn"].before.tolist() == [1] * 8
    hidden = traced(handlers.substitute(fitted.model, {"hidden": jnp.full((8, 1), 5.0)}), key)
    assert hidden["label"]["value"].tolist() == [1] * 8


def test_a_latent_rate_can_be_set(key):
    fitted = oracles.ball(8, 1, (n.Symmetric(Beta(2, 8)),))[0]
    assert 0 < traced(fitted.model, key)["symmetric.rate"]["value"] < 1
    never = traced(handlers.substitute(fitted.model, {"symmetric.rate": 0.0}), key)
    np.testing.assert_array_equal(never["symmetric"]["value"], never["label"]["value"])
    always = traced(handlers.substitute(fitted.model, {"symmetric.rate": 1.0}), key)
    np.testing.assert_array_equal(always["symmetric"]["value"], 1 - always["label"]["value"])


def test_log_density_of_the_model_is_the_sum_of_its_parts(key):
    from numpyro.infer.util import log_density

    fitted = oracles.ball(8, 1, (n.Symmetric(Beta(2, 8)),))[0]
    sites = traced(fitted.model, key)
    values = {name: site["value"] for name, site in sites.items() if site["type"] == "sample"}
    rate = float(values["symmetric.rate"])
    changed = (np.asarray(values["symmetric"]) != np.asarray(sites["label"]["value"])).sum()
    expected = float(Beta(2, 8).build().log_prob(rate)) + 8 * np.log(0.5)
    expected += changed * np.log(rate) + (8 - changed) * np.log1p(-rate)
    np.testing.assert_allclose(log_density(fitted.model, (), {}, values)[0], expected, rtol=1e-4)


@pytest.mark.parametrize("which", ["model", "prior_model", "soft_model"])
def test_the_graph_can_be_read(which):
    fitted = dependent()
    model = fitted.soft_model(np.full((30, 3), 1 / 3)) if which == "soft_model" else getattr(fitted, which)
    relations = get_model_relations(model)
    nodes = [name for name in ("class_conditional", "near", "symmetric", "unclear") if name in relations["sample_dist"]]
    assert nodes == (["symmetric", "unclear"] if which == "soft_model" else ["class_conditional", "near", "symmetric"])
    assert "row" in relations["plate_sample"]


def test_render_model_draws_every_node():
    assert "symmetric" in numpyro.render_model(dependent().model).source
