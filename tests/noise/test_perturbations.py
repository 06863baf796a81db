"""Random soft labels: means, spreads and edge cases; the contract has compared draws with their mean already."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contracts import noise_setting
from scipy import optimize, special, stats

from synlabel_prob import metrics
from synlabel_prob import noise as n
from synlabel_prob.distributions import Perturbed
from synlabel_prob.errors import InputError
from synlabel_prob.noise.normal_perturbations import onto_simplex


def draws(description: n.Noise, soft_labels: np.ndarray, number: int = 0) -> np.ndarray:
    """One draw a row."""
    with jax.enable_x64(True):
        fitted = description.fit(noise_setting())
        law = Perturbed(fitted, fitted.sample_parameters(), np.asarray(soft_labels, dtype=np.float64))
        return np.asarray(jax.jit(law.sample)(jax.random.key(number)))


def image(description: n.Noise, soft_labels) -> np.ndarray:
    with jax.enable_x64(True):
        fitted = description.fit(noise_setting())
        return np.asarray(fitted.image(fitted.sample_parameters(), jnp.asarray(soft_labels, float)))


EVEN = np.random.default_rng(0).dirichlet(np.ones(3), 20_000)


@pytest.mark.parametrize(("concentration", "distance"), [(10.0, 0.166), (50.0, 0.0760)])
def test_the_distance_of_dirichlet_draws(concentration, distance):
    # noise.md's simulated values; 20,000 rows, standard error below 0.0008.
    soft = np.tile([0.5, 0.3, 0.2], (20_000, 1))
    made = draws(n.DirichletPerturbation(concentration), soft)
    assert metrics.mean_total_variation(soft, made) == pytest.approx(distance, abs=0.003)


def test_dirichlet_draws_have_their_variance_and_keep_zeros():
    soft = np.tile([0.5, 0.5, 0.0], (20_000, 1))
    made = draws(n.DirichletPerturbation(4.0), soft)
    assert (made[:, 2] == 0).all()
    # The sample variance of 20,000 draws has a standard error below 1% of it.
    assert made[:, 0].var() == pytest.approx(0.25 / 5, rel=0.05)
    assert stats.kstest(made[:2000, 0], stats.beta(2.0, 2.0).cdf).pvalue > 1e-4


@pytest.mark.slow
def test_at_no_concentration_labels_are_hard_and_at_a_large_one_they_stay():
    hard = draws(n.DirichletPerturbation(1e-6), EVEN)
    np.testing.assert_allclose(hard.max(1), 1.0, atol=1e-4)
    assert stats.chisquare(np.bincount(hard.argmax(1), minlength=3), EVEN.sum(0)).pvalue > 1e-4
    np.testing.assert_allclose(draws(n.DirichletPerturbation(1e9), EVEN), EVEN, atol=1e-3)


def test_densities_are_those_of_scipy():
    p, x = np.array([[0.5, 0.3, 0.2], [0.6, 0.4, 0.0]]), np.array([[0.2, 0.2, 0.6], [0.3, 0.7, 0.0]])
    with jax.enable_x64(True):
        dirichlet = n.DirichletPerturbation(8.0).fit(noise_setting())
        found = np.asarray(dirichlet.log_density(8.0, p, x))
        panel = n.Panel(10).fit(noise_setting())
        counts = np.asarray(panel.log_density(10.0, p, x))
        outside = np.asarray(panel.log_density(10.0, p, np.array([[0.2, 0.2, 0.6], [0.3, 0.6, 0.1]])))
    expected = [stats.dirichlet(8 * p[0]).logpdf(x[0]), stats.beta(4.8, 3.2).logpdf(0.3)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    expected = [stats.multinomial(10, p[0]).logpmf([2, 2, 6]), stats.binom(10, 0.6).logpmf(3)]
    np.testing.assert_allclose(counts, expected, rtol=1e-10)
    assert outside[1] == -np.inf


def test_a_panel_gives_shares_of_its_size():
    made = draws(n.Panel(7), EVEN)
    np.testing.assert_allclose(made * 7, np.round(made * 7), atol=1e-12)
    certain = np.eye(3)
    np.testing.assert_array_equal(draws(n.Panel(7), certain), certain)


@pytest.mark.parametrize(("scale", "before", "after"), [(1.0, 0.05, 0.0727), (1.0, 0.2, 0.2387), (2.0, 0.05, 0.134)])
def test_means_of_the_logistic_normal(scale, before, after):
    # noise.md's values are for one normal in the logit: two of variance 1/2 each.
    found = image(n.LogisticNormal(scale / np.sqrt(2)), [[before, 1 - before]])[0, 0]
    exact = stats.norm.expect(lambda e: special.expit(np.log(before / (1 - before)) + scale * e))
    assert exact == pytest.approx(after, abs=6e-4)
    assert found == pytest.approx(exact, abs=2e-3)


def test_projection_is_the_nearest_soft_label():
    values = np.random.default_rng(1).normal(0.3, 0.5, (20, 4))
    with jax.enable_x64(True):
        found = np.asarray(onto_simplex(values))
    for row, own in zip(values, found, strict=True):
        nearest = optimize.minimize(
            lambda x, row=row: ((x - row) ** 2).sum(),
            np.full(4, 0.25),
            bounds=[(0, 1)] * 4,
            constraints={"type": "eq", "fun": lambda x: x.sum() - 1},
            tol=1e-14,
        )
        np.testing.assert_allclose(own, nearest.x, atol=1e-5)
    inside = np.random.default_rng(2).dirichlet(np.ones(4), 5)
    np.testing.assert_allclose(onto_simplex(inside), inside, atol=1e-6)


def test_gaussian_noise_on_certain_labels_stays_on_the_simplex():
    # The authors' version leaves 32% of these entries below 0 (noise.md, A5.6).
    made = draws(n.GaussianPerturbation(0.2), np.tile(np.eye(3), (2000, 1)))
    assert made.min() >= 0
    np.testing.assert_allclose(made.sum(1), 1.0, atol=1e-12)


def test_a_varying_strength_leaves_the_certain_rows_that_noise_notes():
    # A negative strength, of probability 2.28%, leaves a certain label: 20,000 rows, standard error 0.1%.
    certain = np.tile(np.eye(3)[:1], (20_000, 1))
    made = draws(n.Varying(n.Symmetric(0.3)), certain)
    assert (made[:, 0] == 1).mean() == pytest.approx(stats.norm.cdf(-2), abs=0.004)
    assert 1 - made[:, 0].mean() == pytest.approx(0.3015, abs=0.004)


def test_without_a_spread_a_varying_node_is_the_node():
    made = draws(n.Varying(n.Overprediction(0.2), 0.0), EVEN[:100])
    np.testing.assert_allclose(made, image(n.Overprediction(0.2), EVEN[:100]), atol=1e-12)


def test_what_varies_must_act_on_soft_labels_alone():
    with pytest.raises(InputError, match="goes by features"):
        n.Varying(n.Flips(0.1, n.ByMargin()))
    with pytest.raises(InputError, match="node"):
        n.Varying({"kind": "panel", "size": 3})


def test_a_kernel_without_a_density_says_so():
    fitted = n.LogisticNormal(1.0).fit(noise_setting())
    with pytest.raises(InputError, match="has no density"):
        fitted.log_density(1.0, EVEN[:1], EVEN[:1])


# --- rating scales ---------------------------------------------------------------------------------------


def test_the_nearest_step_is_the_nearest_there_is():
    grid = np.array([[i, j, 4 - i - j] for i in range(5) for j in range(5 - i)]) / 4
    soft = EVEN[:300]
    made = image(n.RatingScale(4), soft)
    np.testing.assert_allclose(made * 4, np.round(made * 4), atol=1e-12)
    apart = np.linalg.norm(soft[:, None] - grid[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(soft - made, axis=1), apart.min(1), atol=1e-12)
    np.testing.assert_array_equal(image(n.RatingScale(4), made), made)


def test_random_steps_are_next_to_the_value():
    made = draws(n.RatingScale(10, "random"), EVEN[:2000])
    np.testing.assert_allclose(made * 10, np.round(made * 10), atol=1e-9)
    np.testing.assert_allclose(made.sum(1), 1.0, atol=1e-12)
    assert np.abs(made - EVEN[:2000]).max() < 0.1 + 1e-12
    on_the_grid = np.array([[0.3, 0.7, 0.0], [0.1, 0.2, 0.7]])
    np.testing.assert_allclose(draws(n.RatingScale(10, "random"), on_the_grid), on_the_grid, atol=1e-12)


def test_tenths_are_tenths_whatever_their_rounding():
    soft = np.array([[0.1 + 0.2, 0.7, 0.0], [0.6, 0.1 * 3, 0.1]])
    np.testing.assert_allclose(image(n.RatingScale(10), soft / soft.sum(1, keepdims=True)), soft, atol=1e-12)
