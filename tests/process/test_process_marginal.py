"""Inversion: hidden features and labels summed out on fixed draws, noise parameters by NUTS."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import oracles
import pytest
from contracts import LINEAR, forest_on_the_host, margin, mixed_table, next_class
from numpyro import handlers
from numpyro.infer.util import log_density
from scipy import special

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.inference import nuts
from synlabel_prob.laws import Beta, Uniform
from synlabel_prob.process import Process, fit, fixed_draws, generate


def log_joint(fitted, draws, labels, values) -> float:
    with jax.enable_x64(True):
        return float(log_density(fitted.marginal_model(draws, labels), (), {}, values)[0])


@pytest.mark.slow
def test_nuts_recovers_the_rate_of_latent_noise(key):
    # The posterior is known: one dimension, labels with the closed-form law, by quadrature. What the fixed draws add is
    # below a tenth of the posterior's standard deviation (0.025); 600 draws of NUTS have an error of 0.001.
    true, _ = oracles.ball(400, 1, (n.Symmetric(0.2),))
    labels = generate(true, key, s.QuasiMonteCarlo(draws=256)).observed_hard.hard_labels
    fitted, probability = oracles.ball(400, 1, (n.Symmetric(Beta(2, 8)),))
    grid = np.linspace(1e-4, 1 - 1e-4, 4000)[:, None]
    inside = (1 - grid) * probability + grid * (1 - probability)
    log = np.log(np.where(labels == 0, inside, 1 - inside)).sum(1) + np.log(grid[:, 0]) + 7 * np.log1p(-grid[:, 0])
    weights = special.softmax(log)
    mean = weights @ grid[:, 0]
    deviation = np.sqrt(weights @ (grid[:, 0] - mean) ** 2)
    model = fitted.marginal_model(fixed_draws(fitted, key, points=512), labels)
    found = nuts(model, key, draws=600, warmup=200)
    rates = found.samples["symmetric.rate"]
    assert found.divergences == 0 and found.largest_r_hat < 1.02
    assert abs(rates.mean() - mean) < 0.25 * deviation
    assert 0.85 < rates.std() / deviation < 1.15
    assert abs(mean - 0.2) < 4 * deviation


def test_the_likelihood_is_that_of_the_averaged_law(key):
    fitted, probability = oracles.half_space(40, 2, "exact", (n.Symmetric(Beta(2, 8)), next_class(0.1)))
    labels = np.arange(40) % 2
    draws = fixed_draws(fitted, key, points=20_000)
    assert draws.laws.shape == (1, 1, 40, 2) and draws.contexts == ()
    # False alarm 1e-6 over 40 rows: 20,000 draws are off by less than 0.02.
    np.testing.assert_allclose(draws.laws[0, 0, :, 0], probability, atol=0.02)
    rate = 0.3
    law = draws.laws[0, 0] @ [[1 - rate, rate], [rate, 1 - rate]] @ [[0.9, 0.1], [0.1, 0.9]]
    expected = np.log(law[np.arange(40), labels]).sum() + float(Beta(2, 8).build().log_prob(rate))
    np.testing.assert_allclose(log_joint(fitted, draws, labels, {"symmetric.rate": rate}), expected, rtol=1e-5)


def test_rows_share_theta(key):
    # logsumexp_s sum_i log (p_si T)[y_i] - log S: the average is outside the product over rows.
    fitted, _ = oracles.half_space(30, 1, "exact", (n.Symmetric(Beta(2, 8)),))
    labels = np.arange(30) % 2
    draws = fixed_draws(fitted, key, points=200, theta_draws=5)
    assert draws.laws.shape == (5, 1, 30, 2)
    assert len(np.unique(draws.laws.mean((1, 2, 3)))) == 1 and np.ptp(draws.laws[:, 0, :, 0].mean(1)) > 0
    law = draws.laws[:, 0] @ [[0.7, 0.3], [0.3, 0.7]]
    rows = np.log(law[:, np.arange(30), labels]).sum(1)
    expected = special.logsumexp(rows) - np.log(5) + float(Beta(2, 8).build().log_prob(0.3))
    found = log_joint(fitted, draws, labels, {"symmetric.rate": 0.3})
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert abs(found - (np.log(law.mean(0)[np.arange(30), labels]).sum())) > 1e-3


def dependent():
    nodes = (n.Symmetric(0.1), margin(Uniform(0.0, 0.05)), next_class(Beta(2, 8)))
    truth = g.Linear(LINEAR, {"no": 2.0})
    return fit(Process(truth, ("age", "income"), p.GaussianRegression(), nodes), mixed_table(40))


def test_noise_that_depends_on_hidden_features_is_averaged_with_them(key):
    fitted, labels = dependent(), np.arange(40) % 3
    draws = fixed_draws(fitted, key, points=64)
    assert draws.laws.shape == (1, 64, 40, 3)
    assert [leaf.shape for leaf in draws.contexts[1]] == [(1, 64, 40, 1), (1, 64, 40, 3)]
    margin = fitted.nodes[1]
    with jax.enable_x64(True):
        own = handlers.substitute(margin.sample_parameters, {"margin.rate": jnp.asarray(0.02)})()
        transition = np.asarray(margin.transition(own, draws.contexts[1]))[0]
    law = draws.laws[0] @ (0.85 * np.eye(3) + 0.05)
    law = np.einsum("prk,prkj->rj", law, transition) / 64 @ (0.7 * np.eye(3) + 0.3 * np.roll(np.eye(3), 1, 1))
    expected = np.log(law[np.arange(40), labels]).sum() + np.log(20) + float(Beta(2, 8).build().log_prob(0.3))
    values = {"margin.rate": 0.02, "next_class.rate": 0.3}
    np.testing.assert_allclose(log_joint(fitted, draws, labels, values), expected, rtol=1e-5)


def test_the_likelihood_has_derivatives_in_every_parameter(key):
    fitted, labels = dependent(), np.arange(40) % 3
    model = fitted.marginal_model(fixed_draws(fitted, key, points=64), labels)

    def density(margin, following):
        return log_density(model, (), {}, {"margin.rate": margin, "next_class.rate": following})[0]

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(density, (0, 1)))(0.02, 0.3)
        for place, slope in enumerate(slopes):
            step = 1e-6 * np.eye(2)[place]
            numeric = density(*(np.array([0.02, 0.3]) + step)) - density(*(np.array([0.02, 0.3]) - step))
            np.testing.assert_allclose(slope, numeric / 2e-6, rtol=1e-4)


def test_functions_on_the_host_are_called_once_beforehand(key, monkeypatch):
    process = Process(forest_on_the_host(), ("income",), p.GaussianRegression(), (margin(Beta(2, 30)),))
    fitted = fit(process, mixed_table(40))
    assert not fitted.ground_truth.runs_in_jax
    draws = fixed_draws(fitted, key, points=32)
    labels = draws.laws[0].mean(0).argmax(1)
    monkeypatch.setattr(type(fitted.ground_truth), "labels", None)
    monkeypatch.setattr(type(fitted.ground_truth), "probabilities", None)
    assert np.isfinite(log_joint(fitted, draws, labels, {"margin.rate": 0.05}))


def test_labels_that_start_at_the_ground_truth(key):
    fitted, _ = oracles.ball(30, 1, (n.Symmetric(Beta(2, 8)),), hard_from="ground_truth")
    draws = fixed_draws(fitted, key)
    np.testing.assert_array_equal(draws.laws[0, 0], np.eye(2)[fitted.labels])


def test_unobserved_labels_are_a_site_to_predict(key):
    fitted, _ = oracles.ball(30, 1, (n.Symmetric(0.2),))
    for theta_draws in (1, 3):
        draws = fixed_draws(fitted, key, theta_draws=theta_draws)
        site = handlers.trace(handlers.seed(fitted.marginal_model(draws), key)).get_trace()["noisy_hard_label"]
        assert site["value"].shape == (30,) and not site["is_observed"]


def test_noise_by_the_soft_label_can_be_inverted(key):
    fitted, _ = oracles.ball(30, 1, (margin(Beta(2, 20), source="soft_label"),))
    draws = fixed_draws(fitted, key)
    labels = draws.laws[0, 0].argmax(1)
    law = draws.laws[0, 0]
    unclear = 1 - np.abs(law[:, 0] - law[:, 1])
    rates = 0.1 * unclear / unclear.mean()
    assert rates.max() < 1
    after = law * (1 - rates[:, None]) + law[:, ::-1] * rates[:, None]
    expected = np.log(after[np.arange(30), labels]).sum() + float(Beta(2, 20).build().log_prob(0.1))
    np.testing.assert_allclose(log_joint(fitted, draws, labels, {"margin.rate": 0.1}), expected, rtol=1e-5)


def test_fixed_draws_are_fixed_by_the_key_and_the_row(key):
    fitted, _ = oracles.ball(30, 1)
    first, again = (fixed_draws(fitted, key, points=8) for _ in range(2))
    np.testing.assert_array_equal(first.laws, again.laws)
    assert not np.array_equal(first.laws, fixed_draws(fitted, jax.random.key(1), points=8).laws)


def test_a_prior_that_sees_the_label_cannot_be_inverted(key):
    process = Process(g.Linear(LINEAR), ("age",), p.GaussianRegression("observed_and_label"))
    with pytest.raises(InputError, match="conditions on the ground-truth label"):
        fixed_draws(fit(process, mixed_table(40)), key)
