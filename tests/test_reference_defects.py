"""What the authors' implementation gets wrong (in the order of the project's list), each as a test of what is right.

Those of the arrows (an expert's view, decisions that give columns, the identity; 7, 8, 11) are in `test_arrows.py`.
"""

from __future__ import annotations

import subprocess
import sys

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import LINEAR, MATRIX, margin, mixed_table, next_class
from numpyro.handlers import seed, trace
from scipy.stats import entropy

from synlabel_prob import ground_truth as g
from synlabel_prob import metrics
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.priors import Row
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_frequencies, reference_rows

FEW = s.QuasiMonteCarlo(draws=64)


def run(*noise: n.Noise, number: int = 0, rows: int = 300):
    process = Process(g.Linear(LINEAR), ("height",), p.Uniform(), noise, hard_from="ground_truth")
    return generate(fit(process, mixed_table(rows)), jax.random.key(number), FEW)


def test_1_soft_and_hard_labels_read_a_matrix_the_same_way():
    # False alarm 1e-6; 30,000 labels see an entry that is off by 0.02, and the transposed matrix always.
    made = run(n.Matrix(MATRIX), rows=30_000)
    np.testing.assert_allclose(n.push_forward(np.eye(3), made.transitions[0]), MATRIX, atol=1e-6)
    before, after = made.ledger[0].before, made.ledger[0].after
    counts = np.array([np.bincount(after[before == code], minlength=3) for code in range(3)])
    assert_frequencies(counts, np.array(MATRIX))


def test_1_a_random_matrix_works_on_hard_labels():
    made = run(n.RandomMatrix(0.3), rows=3000)
    np.testing.assert_allclose(made.transitions[0].sum(1), 1.0, atol=1e-12)
    counts = np.array([
        np.bincount(made.ledger[0].after[made.ledger[0].before == code], minlength=3) for code in range(3)
    ])  # fmt: skip
    assert_frequencies(counts, made.transitions[0])


def test_2_each_node_samples_with_its_own_matrix():
    # False alarm 1e-6; the matrices differ by more than 0.1 somewhere, which 3,000 labels see.
    made = run(*(n.RandomMatrix(0.3, name=f"random_{number}") for number in (1, 2, 3)), rows=6000)
    assert np.abs(made.transitions[1] - made.transitions[2]).max() > 0.1
    for entry, transition in zip(made.ledger, made.transitions, strict=True):
        counts = np.array([np.bincount(entry.after[entry.before == code], minlength=3) for code in range(3)])
        assert_frequencies(counts, transition)


def test_2_arguments_that_are_easily_swapped_are_named():
    soft = np.array([[0.3, 0.7]])
    with pytest.raises(TypeError):
        metrics.cross_entropy(soft, soft)
    with pytest.raises(TypeError):
        metrics.expected_brier(soft, soft)


def test_3_the_divergence_is_a_divergence():
    generator = np.random.default_rng(0)
    first, second = generator.dirichlet(np.ones(4), (2, 100))
    found = metrics.mean_kullback_leibler(first, second).mean_of_finite
    np.testing.assert_allclose(found, np.mean([entropy(u, v) for u, v in zip(first, second, strict=True)]), rtol=1e-12)
    stacked = np.mean([entropy(u) for u in np.concatenate([first, second])])
    assert abs(found - stacked) > 0.1
    assert metrics.mean_kullback_leibler(first, first).mean_of_finite == 0.0


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_4_a_rescaled_matrix_stays_a_transition(strength):
    matrix = ((0.1, 0.9), (0.8, 0.2))
    setting = n.Setting(*binary())
    fitted = n.Matrix(matrix, strength=strength).fit(setting)
    transition = np.asarray(fitted.transition(fitted.sample_parameters(), None))
    assert transition.min() >= 0
    np.testing.assert_allclose(1 - np.diag(transition), strength * np.array([0.9, 0.8]), atol=1e-6)


def test_4_a_rate_above_1_is_refused():
    for build in (lambda: n.Matrix(MATRIX, strength=1.2), lambda: n.Symmetric(1.2), lambda: n.RandomMatrix(1.2)):
        with pytest.raises(InputError):
            build()


def binary():
    table = mixed_table()
    function = g.Ball(("age",), radius=40.0).fit(table)
    return table, function, np.asarray(function.labels(table.features))


def test_5_noisy_soft_labels_are_distributions():
    made = run(n.Symmetric(1.0), n.RandomMatrix(0.45), margin(0.2, source="soft_label"), next_class(1.0))
    for law in np.moveaxis(made.laws, 1, 0):
        assert law.min() >= 0 and law.max() <= 1
        np.testing.assert_allclose(law.sum(1), 1.0, atol=1e-12)


def test_6_histograms_draw_inside_their_bins():
    values = np.random.default_rng(0).normal(size=500)
    prior = hidden_prior(p.Histogram(), values)
    drawn = quantiles(prior, 2000)
    assert len(np.unique(drawn)) == 2000
    assert abs(drawn.mean() - values.mean()) < 0.01  # left edges would be half a bin too low, here 0.15


def test_6_kernels_are_scaled_to_the_data():
    values = np.random.default_rng(0).normal(size=500)
    small, large = (quantiles(hidden_prior(p.KernelDensity(), scale * values), 2000) for scale in (0.01, 100.0))
    np.testing.assert_allclose(small / 0.01, large / 100, atol=1e-6)
    assert small.std() / 0.01 < 1.2 * values.std()  # bandwidth 1 would give a hundred times the spread


def hidden_prior(description: p.Prior, values: np.ndarray) -> p.FittedPrior:
    frame = pd.DataFrame({"x": np.arange(len(values)), "h": values})
    return description.fit(reference_rows(Table.from_frame(frame), ("h",)), jax.random.key(0))


def quantiles(prior: p.FittedPrior, num: int) -> np.ndarray:
    grid = (np.arange(num) + 0.5)[:, None] / num
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(lambda u: prior.quantile(prior.theta_at(0), u, Row(np.zeros(1), 0, -1)))(grid))[:, 0]


def test_9_a_class_that_a_sample_lacks_keeps_its_place():
    made = run(n.Symmetric(0.1), rows=3)
    assert len(np.unique(made.observed_hard.hard_labels)) < 3
    assert made.observed_soft.soft_labels.shape == (3, 3)
    assert metrics.one_hot(made.observed_hard.hard_labels, 3).shape == (3, 3)
    assert made.observed_hard.classes == ("yes", "no", "maybe")


def test_10_everything_that_is_random_follows_the_key():
    first, again, other = (run(n.Symmetric(0.3), n.RandomMatrix(0.2), number=number) for number in (0, 0, 1))
    np.testing.assert_array_equal(first.observed_hard.hard_labels, again.observed_hard.hard_labels)
    for field in ("counts", "stages"):
        np.testing.assert_array_equal(getattr(first.soft, field), getattr(again.soft, field))
    assert not np.array_equal(first.soft.counts, other.soft.counts)
    assert not np.array_equal(first.transitions[1], other.transitions[1])
    assert not np.array_equal(first.observed_hard.hard_labels, other.observed_hard.hard_labels)


def test_10_no_state_outside_is_read_or_changed():
    np.random.seed(5)
    state = np.random.get_state()[1].copy()
    first = run(n.Symmetric(0.3))
    assert (np.random.get_state()[1] == state).all()
    np.random.seed(6)
    np.testing.assert_array_equal(first.soft.counts, run(n.Symmetric(0.3)).soft.counts)


def test_10_draws_of_a_conditional_prior_differ():
    process = Process(g.Linear(LINEAR), ("age",), p.GaussianRegression())
    model = fit(process, mixed_table()).model
    hidden = [np.asarray(trace(seed(model, number)).get_trace()["hidden"]["value"]) for number in range(3)]
    assert not np.array_equal(hidden[0], hidden[1]) and not np.array_equal(hidden[1], hidden[2])


def test_12_an_unknown_option_is_an_error():
    with pytest.raises(InputError, match="`raet` is not known: did you mean 'rate'"):
        n.Symmetric(raet=0.1)
    with pytest.raises(InputError):
        n.Symmetric(0.1, strength=0.5)


@pytest.mark.parametrize("module", ["datasets", "arrows"])
def test_12_each_module_can_be_imported_first(module):
    subprocess.run([sys.executable, "-c", f"import synlabel_prob.{module}"], check=True)
