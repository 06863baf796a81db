"""A process run backwards: parameters by its own marginal model, labels by the joint law of before and after."""

from __future__ import annotations

import jax
import numpy as np
import oracles
import pytest
from contracts import LINEAR, margin, mixed_table, next_class
from numpyro import handlers
from scipy import special

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.inversion import against_truth, infer_process, to_text
from synlabel_prob.inversion.process import joint
from synlabel_prob.laws import Beta, Gamma, Uniform
from synlabel_prob.process import Process, fit, fixed_draws, generate


@pytest.mark.slow
def test_a_rate_and_the_labels_before_noise(key):
    # The posterior of the rate is known by quadrature over the closed-form soft labels; fixed draws of the hidden
    # feature (1,024 points) add less than a tenth of its standard deviation, 1,000 draws of NUTS a twentieth or so.
    true, _ = oracles.ball(300, 1, (n.Symmetric(0.2),))
    made = generate(true, key, s.QuasiMonteCarlo(draws=256))
    labels = made.observed_hard.hard_labels
    fitted, probability = oracles.ball(300, 1, (n.Symmetric(Beta(2, 8)),))
    grid = np.linspace(1e-4, 1 - 1e-4, 4000)[:, None]
    inside = (1 - grid) * probability + grid * (1 - probability)
    seen = np.where(labels == 0, inside, 1 - inside)
    weights = special.softmax(np.log(seen).sum(1) + np.log(grid[:, 0]) + 7 * np.log1p(-grid[:, 0]))
    mean = weights @ grid[:, 0]
    deviation = np.sqrt(weights @ (grid[:, 0] - mean) ** 2)
    found = infer_process(fitted, labels, key, points=1024, draws=1000)
    assert found.posterior.diagnostics.divergences == 0
    rate = found.posterior.parameters.set_index("parameter").loc["symmetric.rate"]
    assert abs(rate["mean"] - mean) < 0.3 * deviation and abs(rate["sd"] / deviation - 1) < 0.2
    kept = np.where(labels == 0, 1 - grid, grid) * probability  # true class "inside"
    of_row = weights @ (kept / seen)
    np.testing.assert_allclose(found.posterior.rows["probability[inside]"], of_row, atol=0.05)
    assert against_truth(found, made.drawn_label).ranking > 0.7
    assert "noise parameters" in to_text(found) and "Unknown: symmetric.rate" in to_text(found)


@pytest.mark.slow
def test_how_much_more_often_labels_change_in_a_region(key):
    # Labels are certain, so that flips are counted: their posterior is known by quadrature over two binomials. 1,000
    # draws of NUTS add about a twentieth of a standard deviation to a mean.
    table = mixed_table(300)
    region = table.to_frame()["age"].to_numpy() > 45
    often = n.ByRegion({"age > 45": Gamma(2.0, 0.5)}, otherwise=1.0)
    truth = g.Rules({"yes": "age > 38"}, "no")
    fitted = fit(Process(truth, ("income",), p.Gaussian(), (n.Flips(Beta(2, 8), often),)), table)
    clean = fitted.labels
    share = region.mean()
    rates = np.where(region, 4.0, 1.0) * 0.2 / (4.0 * share + 1.0 - share)
    labels = np.where(np.random.default_rng(3).uniform(size=300) < rates, 1 - clean, clean)
    found = infer_process(fitted, labels, key, points=1, draws=1000)
    rate, weight = np.meshgrid(np.linspace(1e-3, 0.6, 600), np.linspace(0.01, 30, 1500), indexing="ij")
    scale = rate / (weight * share + 1.0 - share)
    changed = [np.bincount(labels[part] != clean[part], minlength=2) for part in (region, ~region)]
    log = np.log(rate) + 7 * np.log1p(-rate) + np.log(weight) - 0.5 * weight
    for (kept, flipped), each in zip(changed, (scale * weight, scale), strict=True):
        log += flipped * np.log(each) + kept * np.log1p(-np.minimum(each, 1 - 1e-9))
    mass = special.softmax(log)
    told = found.posterior.parameters.set_index("parameter")
    for name, values in (("flips.rate", rate), ("flips.more_often.where.age > 45", weight)):
        mean = (mass * values).sum()
        deviation = np.sqrt((mass * (values - mean) ** 2).sum())
        assert abs(told.loc[name, "mean"] - mean) < 0.3 * deviation
        assert abs(told.loc[name, "sd"] / deviation - 1) < 0.2


def test_the_joint_law_has_the_margins_of_the_program(key):
    nodes = (n.Symmetric(0.1), margin(Uniform(0.0, 0.05)), next_class(Beta(2, 8)), n.Temperature(2.0))
    fitted = fit(
        Process(g.Linear(LINEAR, {"no": 2.0}), ("age", "income"), p.GaussianRegression(), nodes), mixed_table(40)
    )
    draws = fixed_draws(fitted, key, points=64)
    values = {"margin.rate": np.asarray(0.02), "next_class.rate": np.asarray(0.3)}
    with jax.enable_x64(True):
        both = np.asarray(joint(fitted, draws, values))
        model = handlers.substitute(fitted.marginal_model(draws, np.zeros(40, int)), values)
        site = handlers.trace(handlers.seed(model, 0)).get_trace()["noisy_hard_label"]
    np.testing.assert_allclose(both.sum((1, 2)), 1, rtol=1e-9)
    np.testing.assert_allclose(both.sum(1), site["fn"].probs, rtol=1e-6)
    np.testing.assert_allclose(both.sum(2), draws.laws.mean((0, 1)), atol=1e-9)


@pytest.mark.slow
def test_a_random_map_is_averaged_over_its_draws(key):
    # The mean of 64 draws a row: entries are off by at most a tenth or so, their mean over 30 rows by far less.
    fitted, _ = oracles.ball(30, 1, (n.Symmetric(Beta(2, 8)), n.DirichletPerturbation(5.0)))
    draws = fixed_draws(fitted, key, points=64)
    with jax.enable_x64(True):
        both = np.asarray(joint(fitted, draws, {"symmetric.rate": np.asarray(0.2)}))
    law = draws.laws.mean((0, 1)) @ np.array([[0.8, 0.2], [0.2, 0.8]])
    np.testing.assert_allclose(both.sum(2), draws.laws.mean((0, 1)), atol=1e-9)
    np.testing.assert_allclose(both.sum(1).mean(0), law.mean(0), atol=0.03)
    # More labels change than by symmetric noise alone, though the law of the labels stays what it was.
    assert np.trace(both.mean(0)) < 0.75


@pytest.mark.slow
def test_a_parameter_that_the_labels_say_nothing_of_is_named(key):
    # After a fair coin more flips change nothing.
    nodes = (n.Symmetric(0.5, name="coin"), n.Symmetric(Beta(2, 8)))
    fitted, _ = oracles.ball(40, 1, nodes)
    found = infer_process(fitted, np.arange(40) % 2, key, points=8, draws=400, warmup=200)
    assert any("hardly anything of symmetric.rate" in sentence for sentence in found.posterior.warnings)


def test_a_process_without_unknowns_has_nothing_to_infer(key):
    fitted, _ = oracles.ball(30, 1, (n.Symmetric(0.2),))
    with pytest.raises(InputError, match="give one a law"):
        infer_process(fitted, np.zeros(30, int), key)


def test_labels_must_be_of_the_rows(key):
    fitted, _ = oracles.ball(30, 1, (n.Symmetric(Beta(2, 8)),))
    with pytest.raises(InputError, match="`hard_labels` has 29, `soft_labels` has 30"):
        infer_process(fitted, np.zeros(29, int), key, points=8)
    with pytest.raises(InputError, match="must be codes 0 to 1"):
        infer_process(fitted, np.full(30, 2), key, points=8)
