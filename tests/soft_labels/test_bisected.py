"""Bisection of one hidden feature: steps are exact where nothing is missed, and what is missed is in the error."""

from __future__ import annotations

import functools

import exact_cases
import jax
import numpy as np
import pytest
from contracts import forest_on_the_host, margin, mixed_table
from exact_cases import by, exactly, linear
from quick import only

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process, fit
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels.bisected import _in_one_program, _on_host, steps_of

KEY = jax.random.key(5)
REGRESSION = p.GaussianRegression()
NARROW = g.Linear({"low": {"a": -1.0}, "middle": {"b": 0.3}, "high": {"a": 1.0}})  # the middle one where |a| < 0.3 b


def evaluated(fitted, evaluator, key=KEY, **options):
    return s.evaluate(label_law(fitted), fitted.prior, fitted.rows, evaluator, key, **options)


# --- what nothing is missed of --------------------------------------------------------------------------


@pytest.mark.parametrize("prior", only([p.Uniform()], [REGRESSION, p.KernelDensity(), p.Uniform()]))
def test_crossings_of_four_lines_are_found_to_floating_point(prior):
    # 300 rows x 4 classes. The values end where the prior leaves 2^-33 in each tail.
    made = exact_cases.fitted(linear(4), ("a",), prior, rows=300)
    soft = by(s.Bisection(cells=1024), made)
    np.testing.assert_allclose(soft.probabilities, exactly(made).probabilities, atol=2.0**-32)
    assert not soft.disagreements.any() and not soft.exact.any()
    np.testing.assert_allclose(soft.standard_error, 0.5**0.5 / 1025, rtol=0.01)
    assert "; 0 of 307,200 points disagreed" in soft.method and "seen by chance alone" in soft.method


def test_a_class_between_two_values_is_found():
    made = exact_cases.fitted(NARROW, ("a",), p.Uniform(), rows=300)
    law = label_law(made)
    with jax.enable_x64(True):
        steps = steps_of(law, made.prior, made.rows.given, 2)
    assert (steps.first < steps.second).sum() > 30
    np.testing.assert_allclose(steps.probabilities, exactly(made).probabilities, atol=2.0**-32)


def test_steps_on_the_host_are_those_of_one_program():
    made = exact_cases.fitted(NARROW, ("a",), p.Uniform(), rows=300)
    law = label_law(made)
    with jax.enable_x64(True):
        steps = steps_of(law, made.prior, made.rows.given, 16)
        host = _on_host(law, made.prior, made.rows.given, np.asarray(steps.values))
    changes = steps.codes[:, :-1] != steps.codes[:, 1:]
    assert changes.sum(1).max() > 1
    for name in ("codes", "middle"):
        np.testing.assert_array_equal(getattr(host, name), getattr(steps, name))
    for name in ("first", "second"):
        np.testing.assert_allclose(getattr(host, name)[changes], getattr(steps, name)[changes], atol=1e-12)
    np.testing.assert_allclose(host.probabilities, steps.probabilities, atol=1e-12)


@pytest.mark.slow
def test_a_forest_on_the_host():
    made = fit(Process(forest_on_the_host(20), ("age",), REGRESSION), mixed_table(150))
    assert not made.ground_truth.runs_in_jax
    soft, labels = (evaluated(made, it) for it in (s.Bisection(draws=256), s.QuasiMonteCarlo(draws=2**12)))
    low, high = s.interval(soft, 0.999999)
    assert ((low - 0.01 <= labels.probabilities) & (labels.probabilities <= high + 0.01)).all()
    assert np.abs(soft.probabilities - labels.probabilities).max() < 0.02


# --- what is missed -------------------------------------------------------------------------------------


@functools.cache
def forest():
    """2,000 rows of three classes, of which many change along the hidden feature; exact: 6,000 probabilities."""
    truth = g.Learned("RandomForestClassifier", {"n_estimators": 15})
    made = exact_cases.fitted(truth, ("a",), p.KernelDensity(), rows=2000)
    return made, exactly(made).probabilities


def held(soft, exact) -> np.ndarray:
    low, high = s.interval(soft)
    return (low - 1e-9 <= exact) & (exact <= high + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "draws"), [(2, 64), (2, 1024), (16, 1024), (256, 1024)])
def test_intervals_cover_what_the_steps_miss(cells, draws):
    # Classes of a row depend on each other; the deviation of a share of 2,000 rows is 0.7%.
    made, exact = forest()
    soft = by(s.Bisection(draws=draws, cells=cells), made)
    missed = soft.disagreements > 0
    assert missed.any()
    assert held(soft, exact).mean() >= 0.90
    many = soft.disagreements >= 10
    if many.sum() > 500:
        assert held(soft, exact)[many].mean() >= 0.87
    assert (soft.standard_error > 0).all() and soft.probabilities.min() >= 0
    np.testing.assert_allclose(soft.probabilities.sum(1), 1.0, atol=1e-12)


@pytest.mark.slow
def test_the_sum_is_unbiased_whatever_is_missed():
    # The mean error is 0 within 5 of its standard errors, over a thousand rows; the steps alone are far off.
    made, exact = forest()
    inner = ((exact > 0.1) & (exact < 0.9)).all(1)
    soft = by(s.Bisection(draws=256, cells=2), made)
    with jax.enable_x64(True):
        alone = np.asarray(steps_of(label_law(made).prepared(), made.prior, made.rows.given, 2).probabilities)
    error, other = ((it - exact)[inner, 0] for it in (soft.probabilities, alone))
    assert abs(error.mean()) < 5 * error.std() / np.sqrt(inner.sum())
    assert np.abs(other).max() > 0.1
    assert error.std() < other.std() / 2


@pytest.mark.slow
def test_a_target_is_reached_by_more_points():
    made, exact = forest()
    soft = by(s.Bisection(cells=16, target_standard_error=0.002), made)
    assert soft.reached.all() and soft.standard_error.max() <= 0.002 and len(np.unique(soft.points)) > 1
    assert held(soft, exact).mean() >= 0.90
    assert np.sqrt(np.mean((soft.probabilities - exact) ** 2)) < 0.002


# --- the contract ---------------------------------------------------------------------------------------

WRONG = {
    "two": (linear(3), ("a", "b"), REGRESSION, (), "2 features are hidden, not one"),
    "levels": (linear(3), ("e",), p.Categorical(), (), "the hidden feature has levels, not numbers"),
    "no cdf": (linear(3), ("a",), p.Truth(), (), "the prior has no cdf"),
    "noise": (g.Learned("LogisticRegression"), ("a",), REGRESSION, (margin(0.3),), "noise depends on the hidden"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_bisected_says_why(name):
    truth, hidden, prior, noise, said = WRONG[name]
    with pytest.raises(InputError, match=said) as error:
        by(s.Bisection(), exact_cases.fitted(truth, hidden, prior, noise))
    assert "a prior that has a cdf" in str(error.value)


@pytest.mark.parametrize("on_host", only([True], [False, True]))
def test_neither_memory_nor_other_rows_change_a_byte(on_host):
    made = exact_cases.fitted(linear(4), ("a",), REGRESSION)
    if on_host:
        made = fit(Process(forest_on_the_host(5), ("age",), REGRESSION), mixed_table())
    every = evaluated(made, s.Bisection(draws=64, cells=16))
    places = np.array([40, 3, 17])
    again = s.evaluate(
        label_law(made), made.prior, made.rows.take(places), s.Bisection(draws=64, cells=16), KEY, memory_budget=2**22
    )
    for name in ("probabilities", "standard_error", "disagreements", "counts"):
        np.testing.assert_array_equal(getattr(again, name), getattr(every, name)[places])


def test_other_numbers_of_the_same_shape_compile_nothing():
    by(s.Bisection(draws=128), exact_cases.fitted(linear(4, seed=1), ("a",), REGRESSION))
    before = _in_one_program()._cache_size()
    assert before
    other = p.GaussianRegression(coefficient_scale=3.0, residual_scale=0.4)
    by(s.Bisection(draws=128), exact_cases.fitted(linear(4, seed=2), ("a",), other))
    assert _in_one_program()._cache_size() == before
