"""The evaluation loop: rows are independent of each other, memory changes nothing, targets are kept."""

from __future__ import annotations

import dataclasses
import functools
import os

import jax
import numpy as np
import oracles
import pytest
from contracts import LINEAR, PRIORS, forest_on_the_host, margin, mixed_table
from hypothesis import given, settings
from hypothesis import strategies as st
from quick import only
from scipy import optimize

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process, fit
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels.estimates import is_certain
from synlabel_prob.soft_labels.integrand import LabelLaw, point_dims
from synlabel_prob.testing import assert_frequencies

PROPERTY = settings(max_examples=6)
EVALUATORS = (s.MonteCarlo(draws=200), s.QuasiMonteCarlo(draws=256))


def law_of(fitted):
    with jax.enable_x64(True):
        parameters = tuple(node.sample_parameters() for node in fitted.nodes[: fitted.integrated])
        return label_law(fitted, parameters)


@functools.cache
def everywhere(name: str, truth: str = "linear"):
    """A process on 700 rows of the mixed table with noise that is integrated with the label: floating-point sums."""
    functions = {"linear": g.Linear(LINEAR, {"no": 2.0}), "host": forest_on_the_host(20)}
    node = margin(0.02 if truth == "linear" else 0.01)
    case = PRIORS[name]
    return fit(Process(functions[truth], case.hidden, case.build(), (node,)), mixed_table(700))


def same(first: s.SoftLabels, second: s.SoftLabels, places=slice(None)) -> None:
    for field in ("probabilities", "standard_error", "counts", "points", "stages", "changes", "stage_standard_error"):
        np.testing.assert_array_equal(getattr(first, field)[places], getattr(second, field), field)


FEW = ("empirical", "kernel_density", "gaussian_regression", "similar_rows_smooth", "truth")


@pytest.mark.parametrize("name", only(FEW, (name for name, case in PRIORS.items() if not case.slow)))
def test_rows_do_not_know_of_each_other(name, key):
    fitted = everywhere(name)
    law, evaluator = law_of(fitted), EVALUATORS[1]
    whole = s.evaluate(law, fitted.prior, fitted.rows, evaluator, key)
    for places in (np.arange(1), np.arange(699, 0, -7), np.arange(5, 700)):
        same(whole, s.evaluate(law, fitted.prior, fitted.rows.take(places), evaluator, key), places)


@PROPERTY
@given(
    budget=st.integers(21, 34).map(lambda power: 2**power),
    seed=st.integers(0, 2**31),
    number=st.integers(1, 700),
    which=st.sampled_from(EVALUATORS),
    truth=st.sampled_from(["linear", "host"]),
)
def test_neither_memory_nor_other_rows_change_a_byte(budget, seed, number, which, truth):
    fitted = everywhere("gaussian_regression", truth)
    places = np.random.default_rng(seed).permutation(700)[:number]
    part = s.evaluate(
        law_of(fitted), fitted.prior, fitted.rows.take(places), which, jax.random.key(0), memory_budget=budget
    )
    same(everything(which, truth), part, places)


@functools.cache
def everything(which, truth):
    fitted = everywhere("gaussian_regression", truth)
    return s.evaluate(law_of(fitted), fitted.prior, fitted.rows, which, jax.random.key(0))


@pytest.mark.parametrize("workers", [1, 7])
def test_the_number_of_workers_changes_nothing(workers, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: workers)
    for truth in ("linear", "host"):
        fitted = everywhere("gaussian_regression", truth)
        found = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, EVALUATORS[0], jax.random.key(0))
        same(everything(EVALUATORS[0], truth), found)


def test_draws_beyond_a_tile_are_split(key):
    fitted, probability = oracles.half_space(4, 1)
    soft = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, s.MonteCarlo(draws=150_000), key)
    assert soft.evaluations.tolist() == [150_000] * 4
    assert_frequencies(soft.counts[:, 0], np.stack([probability, 1 - probability], -1))


@pytest.mark.parametrize("kind", [s.MonteCarlo, s.QuasiMonteCarlo])
def test_a_target_standard_error_is_reached(kind, key):
    fitted, probability = oracles.half_space(400, 2)
    soft = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, kind(target_standard_error=0.008), key)
    assert soft.reached.all()
    assert soft.standard_error.max() <= 0.008
    assert len(np.unique(soft.points)) > 1  # rows that are easy get fewer
    assert np.abs(soft.probabilities[:, 0] - probability).max() < 6 * 0.008


@pytest.mark.parametrize("kind", [s.MonteCarlo, s.QuasiMonteCarlo])
def test_the_most_draws_stop_a_target(kind, key):
    fitted, _ = oracles.half_space(50, 2)
    evaluator = kind(target_standard_error=1e-5, largest_draws=4096)
    soft = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, evaluator, key)
    assert soft.evaluations.max() == 4096
    assert not soft.reached.any()


@pytest.mark.parametrize("evaluator", [s.MonteCarlo(draws=4096), s.Exact()])
def test_a_row_that_does_not_fit_into_the_memory_is_refused(evaluator, key):
    fitted, _ = oracles.half_space(50, 2)
    with pytest.raises(InputError, match=r"`memory_budget` must be at least [\d,]+ bytes, which .* got 100: raise it"):
        s.evaluate(law_of(fitted), fitted.prior, fitted.rows, evaluator, key, memory_budget=100)


@pytest.mark.parametrize("kind", only([s.QuasiMonteCarlo], [s.MonteCarlo, s.QuasiMonteCarlo]))
def test_a_row_gets_points_until_its_likeliest_class_is_certain(kind, key):
    # 2,000 rows at a level of 0.9, of which at most 200 may be wrong on average; the bound for each look is far from
    # being reached, so that more than 20 wrong ones would mean that the rule is not kept.
    fitted, probability = oracles.half_space(2000, 2)
    evaluator = kind(target_plurality=0.9, largest_draws=2**15)
    soft = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, evaluator, key)
    lead = np.abs(2 * probability - 1)
    wrong = soft.reached & ((soft.probabilities[:, 0] > 0.5) != (probability > 0.5))
    assert wrong.sum() <= 20
    assert soft.reached[lead > 0.1].all() and not soft.reached[lead < 1e-4].any()
    few, many = soft.evaluations[lead > 0.8], soft.evaluations[lead < 0.03]
    assert few.max() == 1024 and np.median(many) > 1024


def test_the_rule_of_a_certain_class():
    means, errors = np.array([[0.6, 0.4], [0.6, 0.4], [0.5, 0.5], [1.0, 0.0]]), np.full((4, 2), 0.02)
    errors[1] = 0.05
    # A lead of 0.2 is 5 times an error of 0.04 and twice one of 0.1; the quantile at 1 - 0.1 / 20 is 2.58, of t with
    # 7 degrees 3.5.
    np.testing.assert_array_equal(is_certain(means, errors, 0.9, 1), [True, False, False, True])
    np.testing.assert_array_equal(is_certain(means, errors, 0.9, 8), [True, False, False, True])
    np.testing.assert_array_equal(is_certain(means, np.full((4, 2), 0.035), 0.9, 8), [False, False, False, True])
    assert is_certain(np.ones((2, 1)), np.zeros((2, 1)), 0.9, 8).all()


def test_a_target_starts_with_the_same_points(key):
    fitted, _ = oracles.half_space(50, 2)
    arguments = (law_of(fitted), fitted.prior, fitted.rows)
    doubled = s.evaluate(*arguments, s.QuasiMonteCarlo(target_standard_error=1e-5, largest_draws=4096), key)
    same(doubled, s.evaluate(*arguments, s.QuasiMonteCarlo(draws=4096), key))


def test_progress_is_told(key):
    fitted, _ = oracles.ball(700, 1)
    told = []
    options = {"progress": lambda done, total: told.append((done, total)), "memory_budget": 2**21}
    s.evaluate(law_of(fitted), fitted.prior, fitted.rows, s.QuasiMonteCarlo(draws=512), key, **options)
    assert told[-1] == (700, 700)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# --- theta ------------------------------------------------------------------------------------------


def several_theta(ends=(0.5, 1.0, 2.0)):
    """A prior with a theta for each end: uniform from 0 to it."""
    fitted, _ = oracles.ball(300, 1)
    law = jax.tree_util.tree_map(lambda leaf: np.zeros(len(ends)), fitted.prior.theta)
    (uniform,) = law
    theta = (dataclasses.replace(uniform, high=np.array(ends)),)
    prior = dataclasses.replace(fitted.prior, theta=theta)
    x = fitted.table.features[:, 0]
    reach = np.sqrt(np.maximum(0.81 - x**2, 0))
    return fitted, prior, np.mean([np.minimum(reach / end, 1) for end in ends], 0)


def test_theta_is_averaged_over(key):
    fitted, prior, probability = several_theta()
    assert prior.num_theta == 3 and point_dims(prior) == 2
    law = law_of(fitted)
    soft = s.evaluate(law, prior, fitted.rows, s.MonteCarlo(draws=2**15), key)
    assert_frequencies(soft.counts[:, 0], np.stack([probability, 1 - probability], -1))
    quasi = s.evaluate(law, prior, fitted.rows, s.QuasiMonteCarlo(draws=2**13), key)
    assert np.abs(quasi.probabilities[:, 0] - probability).max() < 0.01
    low, high = s.interval(quasi, 0.999999)
    assert ((low[:, 0] <= probability) & (probability <= high[:, 0])).all()


@pytest.mark.slow
def test_parameters_from_nuts_agree_with_the_exact_predictive(key):
    # 2,000 draws of theta: their own error of a soft label is about 0.002; a single one is off by more than 0.05.
    names = ("h0", "h1")
    exact, probability = oracles.half_space(12, 2, "exact")
    prior = p.GaussianRegression(fit_by="nuts", draws=2000)
    sampled = fit(Process(exact.process.ground_truth, names, prior), exact.table, key)
    assert sampled.prior.num_theta == 2000
    soft = s.evaluate(law_of(sampled), sampled.prior, sampled.rows, s.QuasiMonteCarlo(draws=2**16), key)
    assert np.abs(soft.probabilities[:, 0] - probability).max() < 0.01
    theta = jax.tree_util.tree_map(lambda leaf: leaf[:1], sampled.prior.theta)
    alone = dataclasses.replace(sampled.prior, theta=theta)
    one = s.evaluate(law_of(sampled), alone, sampled.rows, s.QuasiMonteCarlo(draws=2**12), key)
    assert np.abs(one.probabilities[:, 0] - probability).max() > 0.05


# --- noise that is integrated with the label ----------------------------------------------------------


def test_noise_that_depends_on_hidden_features_is_integrated_with_the_label(key):
    # Exact by enumeration of the three regions; averaging T and p on their own would be off by more than 0.02.
    process = Process(
        g.Learned("LogisticRegression"), ("region",), p.Categorical(), (n.Symmetric(0.2), margin(0.25, exponent=2.0))
    )
    fitted = fit(process, mixed_table(60))
    function, features = fitted.ground_truth, fitted.table.features.copy()
    scale = optimize.brentq(lambda c: np.minimum(1, c * unclear(function, features)).mean() - 0.25, 0, 1e6, xtol=1e-14)
    shares = np.asarray(fitted.prior.theta_at(0)[0].probabilities)
    apart, together, changed, mean_transition = 0.0, 0.0, 0.0, 0.0
    for code, share in enumerate(shares):
        features[:, fitted.hidden[0]] = code
        law = np.eye(3)[np.asarray(function.labels(features))] @ (0.7 * np.eye(3) + 0.1)
        transition = margin_transition(function, features, scale)
        after = np.einsum("rk,rkj->rj", law, transition)
        apart, together, mean_transition = (
            apart + share * law,
            together + share * after,
            mean_transition + share * transition,
        )
        changed += share * (law * (1 - np.diagonal(transition, axis1=1, axis2=2))).sum(1)
    soft = s.evaluate(law_of(fitted), fitted.prior, fitted.rows, s.QuasiMonteCarlo(draws=2**13), key)
    bound = 3 / 2**10  # the shares of three levels are each off by one point of 1,024 at most
    np.testing.assert_allclose(soft.stages[:, 0], apart, atol=bound)
    np.testing.assert_allclose(soft.stages[:, 1], together, atol=bound)
    np.testing.assert_allclose(soft.changes[:, 1], changed, atol=bound)
    assert np.abs(np.einsum("rk,rkj->rj", apart, mean_transition) - together).max() > 0.02
    assert (soft.stage_standard_error > 0).all()
    np.testing.assert_allclose(soft.stages.sum(-1), 1.0, atol=1e-12)


def unclear(function, features):
    ordered = np.sort(np.asarray(function.probabilities(features)), -1)
    return (1 - (ordered[:, -1] - ordered[:, -2])) ** 2


def margin_transition(function, features, scale):
    """Row by row, in loops: nothing is shared with the node."""
    rates, probabilities = (
        np.minimum(1, scale * unclear(function, features)),
        np.asarray(function.probabilities(features)),
    )
    made = np.zeros((len(features), 3, 3))
    for row, code in np.ndindex(len(features), 3):
        others = [other for other in range(3) if other != code]
        made[row, code, code] = 1 - rates[row]
        made[row, code, max(others, key=lambda other: probabilities[row, other])] = rates[row]
    return made


def test_features_come_back_in_the_order_of_the_columns():
    law = LabelLaw(None, (), (), hidden=(3, 1), observed=(0, 2, 4))
    observed, hidden = np.array([[0.0, 2.0, 4.0]]), np.array([[[3.0, 1.0], [30.0, 10.0]]])
    expected = [[[0, 1, 2, 3, 4], [0, 10, 2, 30, 4]]]
    np.testing.assert_array_equal(law.features(observed, hidden), expected)
    np.testing.assert_array_equal(law.features(observed, jax.numpy.asarray(hidden)), expected)
