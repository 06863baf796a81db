"""Random soft labels inside a process: a draw a row in the soft labels, their mean in the law of the hard ones."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import LINEAR, mixed_table, next_class
from numpyro.infer import Predictive
from numpyro.infer.util import log_density

from synlabel_prob import arrows
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.process import Process, fit, fixed_draws, generate
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.testing import assert_frequencies

KEY = jax.random.key(5)
NODES = (n.Symmetric(0.1), n.DirichletPerturbation(5.0), next_class(0.1))
DRAWS = 20_000


@functools.cache
def fitted_with(nodes=NODES):
    process = Process(g.Linear(LINEAR, {"no": 2.0}), ("age", "income"), p.GaussianRegression(), nodes)
    return fit(process, mixed_table(30))


@functools.cache
def made():
    return generate(fitted_with(), KEY, QuasiMonteCarlo(draws=512))


def test_the_soft_label_is_the_draw_and_the_coupling_leads_to_it():
    run = made()
    after = np.einsum("ri,rij->rj", run.laws[:, 1], run.transitions[1])
    np.testing.assert_allclose(after, run.laws[:, 2], atol=1e-14)
    assert np.abs(run.laws[:, 2] - run.laws[:, 1]).max() > 0.1
    np.testing.assert_array_equal(run.observed_soft.soft_labels, run.laws[:, 3])
    assert "dirichlet.perturbed" not in run.parameters


def test_draws_belong_to_rows():
    order = np.random.default_rng(0).permutation(30)
    fitted = fitted_with()
    other = fit(fitted.process, fitted.table.take(order))
    permuted = generate(other, KEY, QuasiMonteCarlo(draws=512))
    # Fits depend on the order of the rows in the last digits.
    np.testing.assert_allclose(permuted.laws[:, 2], made().laws[order, 2], atol=1e-6)


@pytest.mark.slow
def test_hard_labels_follow_the_mean(key):
    # False alarm 1e-6; 20,000 draws of 30 rows see a probability that is off by 0.03.
    model = fitted_with().soft_model(made().laws[:, 0])
    found = Predictive(model, num_samples=DRAWS, return_sites=("dirichlet", "dirichlet.soft_label"))(key)
    counts = np.stack([(np.asarray(found["dirichlet"]) == code).sum(0) for code in range(3)], -1)
    assert_frequencies(counts, made().laws[:, 1])
    draws = np.asarray(found["dirichlet.soft_label"], dtype=np.float64)
    error = draws.std(0) / np.sqrt(DRAWS)
    assert (abs(draws.mean(0) - made().laws[:, 1]) < 6 * error + 1e-4).all()


def test_the_marginal_model_has_the_mean(key):
    fitted, plain = fitted_with(), fitted_with((NODES[0], NODES[2]))
    labels = np.arange(30) % 3
    values = []
    for own in (fitted, plain):
        model = own.marginal_model(fixed_draws(own, key, points=64), labels)
        values.append(float(log_density(model, (), {}, {})[0]))
    np.testing.assert_allclose(values[0], values[1], rtol=1e-6)


def test_the_arrow_gives_the_same_bytes():
    fitted, run = fitted_with(), made()
    function = arrows.LabelFunction(fitted.ground_truth, fitted.table.feature_names)
    noisy = arrows.inject_noise(run.partial, NODES, run.ground_truth, function, KEY)
    np.testing.assert_array_equal(noisy.soft_labels, run.observed_soft.soft_labels)
