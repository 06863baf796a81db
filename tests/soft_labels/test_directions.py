"""Linear scores integrated exactly along their first singular direction: against the exact three-class route."""

from __future__ import annotations

import functools

import exact_cases
import numpy as np
import pytest
from exact_cases import by, exactly, linear

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.soft_labels import averages

REGRESSION = p.GaussianRegression()
WORDS = "exact along the direction in which scores differ most"


@functools.cache
def many(hidden: tuple[str, ...] = ("a", "b", "c")):
    """2,000 rows of three classes and their exact soft labels: 6,000 probabilities."""
    made = exact_cases.fitted(linear(3), hidden, REGRESSION, rows=2000)
    return made, exactly(made).probabilities


@pytest.mark.slow
@pytest.mark.parametrize("draws", [128, 1024])
def test_intervals_cover_three_classes_whatever_is_hidden(draws):
    # 6,000 probabilities, about three of a row that depend on each other: the deviation of a share is below 0.7%.
    made, exact = many()
    soft = by(s.Preintegration(draws=draws), made)
    assert soft.method.endswith(WORDS)
    low, high = s.interval(soft)
    held = (low <= exact) & (exact <= high)
    common = draws * exact * (1 - exact) >= 10
    assert held[common].mean() >= 0.88  # one direction is left, whose integral is often better than the least error
    assert held[~common].mean() >= 0.90
    error = np.sqrt(np.mean((soft.probabilities - exact) ** 2))
    plain = np.sqrt(np.mean((by(s.QuasiMonteCarlo(draws=draws), made).probabilities - exact) ** 2))
    assert error < plain / 10


@pytest.mark.slow
def test_a_target_keeps_its_word():
    made, exact = many()
    soft = by(s.Preintegration(target_standard_error=5e-4), made)
    assert soft.reached.all() and soft.standard_error.max() <= 5e-4
    low, high = s.interval(soft)
    assert ((low <= exact) & (exact <= high)).mean() >= 0.88
    assert np.sqrt(np.mean((soft.probabilities - exact) ** 2)) < 5e-4


@pytest.mark.slow
def test_four_classes_by_two_ways():
    # The last feature of a law that is stated as a product is integrated in the other way; 240 probabilities.
    made = exact_cases.fitted(linear(4), ("a", "b", "c"), REGRESSION)
    apart = exact_cases.fitted(linear(4), ("a", "b", "c"), p.Chained())  # the same law up to the priors of parameters
    first = by(s.Automatic(draws=2**13), made)
    labels = by(s.QuasiMonteCarlo(draws=2**15), made)
    error = np.hypot(first.standard_error, labels.standard_error)
    assert (np.abs(first.probabilities - labels.probabilities) < 8 * error).all()
    assert first.method.endswith(WORDS)
    assert by(s.Automatic(draws=64), apart).method.endswith("exact along the last hidden feature")


@pytest.mark.parametrize(
    "prior",
    [
        p.GaussianRegression(fit_by="point"),
        pytest.param(p.Gaussian(), marks=pytest.mark.slow),
        pytest.param(p.JointMixture(components=3, draws=2, warmup=50), marks=pytest.mark.slow),
        pytest.param(p.DensityNetwork(steps=50, units=4), marks=pytest.mark.slow),
    ],
)
def test_normal_laws_and_mixtures(prior):
    made = exact_cases.fitted(linear(3), ("a", "b"), prior)
    soft, exact = by(s.Preintegration(draws=2**12), made), exactly(made).probabilities
    assert soft.method.endswith(WORDS)
    error = soft.probabilities - exact
    assert np.sqrt(np.mean(error**2)) < 1.3 * np.sqrt(np.mean(soft.standard_error**2))
    assert np.abs(error).max() < 2e-3


def test_few_degrees_of_freedom():
    # Five rows: a Student-t law with 9 degrees of freedom, where the cdf is an incomplete beta function.
    made = exact_cases.fitted(linear(3), ("a", "b"), p.Gaussian(), rows=5)
    assert float(np.asarray(made.prior.theta.student.degrees_of_freedom)[0]) < 20
    soft, exact = by(s.Preintegration(draws=2**13), made), exactly(made).probabilities
    assert np.abs(soft.probabilities - exact).max() < 1e-3


def test_what_decides_nothing_changes_nothing():
    truth = g.Linear({"no": {"d": 1.0}, "maybe": {"d": 1.0}, "yes": {}, "never": {}}, {"yes": 0.1, "never": -1e3})
    made = exact_cases.fitted(truth, ("a", "b"), REGRESSION)
    found = by(s.Preintegration(draws=64), made)
    np.testing.assert_array_equal(found.probabilities, np.eye(4)[made.labels])


def test_other_numbers_of_the_same_shape_compile_nothing():
    evaluator = s.Preintegration(draws=128)
    by(evaluator, exact_cases.fitted(linear(4, seed=1), ("a", "b", "c"), REGRESSION))
    program = averages._smooth(evaluator, 2, (0, 16))
    before = program._cache_size()
    assert before
    other = p.GaussianRegression(coefficient_scale=3.0, residual_scale=0.4)
    by(evaluator, exact_cases.fitted(linear(4, seed=2), ("a", "b", "c"), other))
    assert program._cache_size() == before
