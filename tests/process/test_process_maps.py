"""Maps of soft labels inside a process: they act on the finished average, soft exactly and hard by the coupling."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import LINEAR, margin, mixed_table, next_class
from numpyro import handlers
from numpyro.infer import Predictive
from numpyro.infer.util import log_density

from synlabel_prob import ground_truth as g
from synlabel_prob import laws, metrics
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.explain import graph
from synlabel_prob.process import Process, fit, fixed_draws, generate
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.testing import assert_frequencies

KEY = jax.random.key(5)
NODES = (n.Symmetric(0.1), n.Temperature(0.5), n.Underprediction(0.2), next_class(0.1))
DRAWS = 20_000


@functools.cache
def fitted_with(nodes=NODES):
    process = Process(g.Linear(LINEAR, {"no": 2.0}), ("age", "income"), p.GaussianRegression(), nodes)
    return fit(process, mixed_table(30))


@functools.cache
def made():
    return generate(fitted_with(), KEY, QuasiMonteCarlo(draws=512))


def pushed(node: n.Noise, soft: np.ndarray) -> np.ndarray:
    """By NumPy's product with the node's transition."""
    with jax.enable_x64(True):
        fitted = node.fit(n.Setting(fitted_with().table, fitted_with().ground_truth, fitted_with().labels))
        transition = np.asarray(fitted.transition(fitted.sample_parameters(), fitted.context(soft)))
    return np.einsum("ri,rij->rj", soft, np.broadcast_to(transition, (len(soft), 3, 3)))


def test_each_map_acts_on_the_soft_label_that_the_nodes_before_it_left():
    stages = made().laws
    squared = stages[:, 1] ** 2
    np.testing.assert_allclose(stages[:, 2], squared / squared.sum(1, keepdims=True), atol=1e-14)
    top = stages[:, 2].max(1)
    np.testing.assert_allclose(
        np.take_along_axis(stages[:, 3], stages[:, 2].argmax(1)[:, None], 1)[:, 0],
        top - 0.2 * np.sin(np.pi * top),
        atol=1e-14,
    )
    np.testing.assert_array_equal(made().observed_soft.soft_labels, stages[:, 4])


def test_expected_changes_are_the_total_variation():
    for node in (1, 2):
        distance = metrics.total_variation(made().laws[:, node], made().laws[:, node + 1])
        np.testing.assert_allclose(made().expected_changes[:, node], distance, atol=1e-14)
        after = np.einsum("ri,rij->rj", made().laws[:, node], made().transitions[node])
        np.testing.assert_allclose(after, made().laws[:, node + 1], atol=1e-14)


def test_hard_labels_follow_the_maps(key):
    # False alarm 1e-6; 20,000 draws of 30 rows see a probability that is off by 0.03.
    model = fitted_with().soft_model(made().laws[:, 0])
    sites = tuple(node.label for node in NODES)
    found = Predictive(model, num_samples=DRAWS, return_sites=sites)(key)
    for place, site in enumerate(sites):
        counts = np.stack([(np.asarray(found[site]) == code).sum(0) for code in range(3)], -1)
        assert_frequencies(counts, made().laws[:, place + 1])


@pytest.mark.slow
def test_the_ancestral_model_stops_before_the_first_map(key):
    assert "temperature" not in handlers.trace(handlers.seed(fitted_with().model, key)).get_trace()


@pytest.mark.slow
def test_backwards_a_map_acts_on_the_average_over_points_and_theta(key):
    for theta_draws in (1, 3):
        draws = fixed_draws(fitted_with(), key, points=64, theta_draws=theta_draws)
        labels = made().observed_hard.hard_labels
        law = np.asarray(draws.laws).mean((0, 1))
        for node in NODES:
            law = pushed(node, law)
        with jax.enable_x64(True):
            found, _ = log_density(fitted_with().marginal_model(draws, labels), (), {}, {})
        assert float(found) == pytest.approx(np.log(law[np.arange(30), labels]).sum(), rel=1e-9)


def test_a_strength_that_is_unknown_is_drawn_once_and_has_a_derivative(key):
    fitted = fitted_with((n.Temperature(laws.Gamma(4.0, 4.0)),))
    run = generate(fitted, key, QuasiMonteCarlo(draws=256))
    assert set(run.parameters) == {"temperature.temperature"}
    model = fitted.marginal_model(fixed_draws(fitted, key, points=64), run.observed_hard.hard_labels)
    with jax.enable_x64(True):
        derivative = jax.grad(lambda value: log_density(model, (), {}, {"temperature.temperature": value})[0])
        slope = float(derivative(0.7))
    assert np.isfinite(slope) and slope != 0


def test_exact_count_changes_as_many_labels_as_the_distance_says():
    fitted = fitted_with((n.Temperature(4.0, selection="exact_count"),))
    run = generate(fitted, KEY, QuasiMonteCarlo(draws=256))
    (entry,) = run.ledger
    assert abs((entry.before != entry.after).sum() - entry.flip_probability.sum()) < 1


def test_a_map_before_noise_that_depends_on_hidden_features_is_refused():
    with pytest.raises(InputError, match=r"'temperature' depends on a soft label.*swap them"):
        Process(g.Linear(LINEAR, {"no": 2.0}), ("age",), p.Gaussian(), (n.Temperature(0.5), margin(0.1)))


def test_the_graph_says_what_a_map_starts_from():
    nodes = {node.name: node for node in graph(fitted_with().process, QuasiMonteCarlo())}
    assert nodes["underprediction"].parents == ("temperature", "temperature.soft_label")
    assert nodes["temperature"].parents == ("symmetric", "symmetric.soft_label")
