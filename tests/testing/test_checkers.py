"""The checkers see what is wrong: one method is broken at a time."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from contracts import GROUND_TRUTHS, PRIORS, incomplete_table, mixed_table

from synlabel_prob.ground_truth import ball, learned, linear
from synlabel_prob.priors import (
    JointMixture,
    base,
    categorical,
    histogram,
    kernel_density,
    matrix_normal,
    mixture_law,
    uniform,
    univariate,
)
from synlabel_prob.testing import check_ground_truth, check_missing_values, check_prior, reference_rows


def scaled(regression, factor):
    from dataclasses import replace

    return replace(regression, scale=regression.scale * factor)


PREDICTIVE = matrix_normal.MatrixNormalInverseWishart.predictive
SAMPLE = univariate.IndependentPrior.sample_theta
BROKEN_PRIORS = [
    # what is checked, the class and method, what it does instead, what the checker says
    ("uniform", uniform.UniformLaw, "quantile", lambda law, u: law.low + (law.high - law.low) * u**2, "must undo"),
    ("uniform", uniform.UniformLaw, "quantile", lambda law, u: u / 0.0, "finite draws"),
    ("uniform", uniform.UniformLaw, "log_density", lambda law, x: -jnp.log(law.high - law.low) + 0.01, "Not equal"),
    (
        "uniform",
        univariate.IndependentPrior,
        "sample_theta",
        lambda self, posterior: site_elsewhere(),
        "must start with 'prior.'",
    ),
    ("categorical", categorical.CategoricalLaw, "quantile", lambda law, u: 0.5 + 0 * u, "codes of levels"),
    ("categorical", categorical.CategoricalLaw, "log_density", lambda law, x: -jnp.log(3.0) + 0 * x, "Not equal"),
    (
        "categorical",
        categorical.CategoricalMarginal,
        "sample",
        lambda self, name, posterior: categorical.CategoricalLaw(jnp.ones(3) / 3),
        "disagree with the stated law",
    ),
    ("kernel_density", kernel_density.KernelDensityLaw, "cdf", lambda law, x, jitter: 0.5 + 0 * x, "must undo"),
    ("histogram", histogram.Histogram, "report_problems", lambda *arguments: None, "must be reported"),
    ("histogram", histogram.Histogram, "explain", lambda self: "", "must return words"),
    # A scale that is 1.2 times too large moves a normal cdf by 0.04.
    pytest.param(
        "gaussian_regression",
        matrix_normal.MatrixNormalInverseWishart,
        "predictive",
        lambda self: scaled(PREDICTIVE(self), 1.2),
        "disagree with the stated law",
        marks=pytest.mark.slow,
    ),
    ("gaussian_regression", base.FittedPrior, "num_theta", property(lambda self: 0), "needs at least one theta"),
]


def site_elsewhere():
    import numpyro

    return numpyro.sample("elsewhere", numpyro.distributions.Normal())


@pytest.mark.parametrize(("name", "owner", "method", "instead", "message"), BROKEN_PRIORS)
def test_a_broken_prior_is_seen(name, owner, method, instead, message, key, monkeypatch):
    case = PRIORS[name]
    monkeypatch.setattr(owner, method, instead)
    with pytest.raises(AssertionError, match=message):
        check_prior(case.build(), mixed_table(), key, hidden=case.hidden, tolerance=case.tolerance)


def test_without_pit_the_density_is_the_slope_of_the_quantile(key, monkeypatch):
    monkeypatch.setattr(univariate.IndependentPrior, "has_pit", False)
    case = PRIORS["kernel_density"]
    check_prior(case.build(), mixed_table(), key, hidden=case.hidden)
    monkeypatch.setattr(kernel_density.KernelDensityLaw, "log_density", lambda law, value: -0.1 * value)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_prior(case.build(), mixed_table(), key, hidden=case.hidden)


LABELS = ball.BallFunction.labels
BROKEN_GROUND_TRUTHS = [
    ("ball", ball.BallFunction, "labels", lambda f, x: 1.0 * LABELS(f, x), "must be integer codes"),
    ("ball", ball.BallFunction, "labels", lambda f, x: LABELS(f, x) + 1, "codes of declared classes"),
    ("ball", ball.BallFunction, "labels", lambda f, x: LABELS(f, x).reshape(-1), "(?i)shapes|mismatch|empty batch"),
    ("ball", ball.BallFunction, "labels", lambda f, x: jnp.arange(len(np.atleast_2d(x))) % 2, "one row|grid|permuted"),
    ("ball", ball.Ball, "report_problems", lambda *arguments: None, None),
    ("linear", linear.LinearFunction, "probabilities", lambda f, x: jnp.exp(f.scores(x) / 1e3), "of one row"),
    ("linear", linear.LinearFunction, "saved", lambda f: {"weights": (1.0, 2.0)}, "must be plain values"),
    ("linear_threshold", linear.LinearFunction, "labels", lambda f, x: jnp.argmax(f.scores(x), -1), "the decision"),
    ("rules", learned.GroundTruthFunction, "saved", lambda f: object(), None),
]


@pytest.mark.parametrize(("name", "owner", "method", "instead", "message"), BROKEN_GROUND_TRUTHS)
def test_a_broken_ground_truth_is_seen(name, owner, method, instead, message, monkeypatch):
    case = GROUND_TRUTHS[name]
    monkeypatch.setattr(owner, method, instead)
    error = AssertionError if message else Exception
    with pytest.raises(error, match=message):
        check_ground_truth(case.build(), case.table())


MISSING = [
    # the method of a mixture prior, what it does instead, what the checker says
    ("quantile", lambda self, theta, u, row: self.law(theta, row).quantile(u), "known"),
    ("quantile", lambda self, theta, u, row: base.filled(row, self.law(theta, row).quantile(u)), "density"),
    ("log_density", lambda self, theta, hidden, row: self.law(theta, row).log_evidence(hidden), "density"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "instead", "said"), MISSING)
def test_a_prior_that_ignores_what_is_known_is_seen(method, instead, said, key, monkeypatch):
    monkeypatch.setattr(mixture_law.MixturePrior, method, instead)
    reference = reference_rows(incomplete_table(), ("income", "age"))
    with pytest.raises(AssertionError, match=said):
        check_missing_values(JointMixture(components=2, draws=2, warmup=20), reference, key)
