"""What priors state about their law of a row is the law that they draw from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contracts import PRIORS, mixed_table

from synlabel_prob import priors as p
from synlabel_prob.testing import check_prior_facts, reference_rows

ONE = {
    "kernel_density": lambda: (p.KernelDensity(), "age"),
    "histogram": lambda: (p.Histogram(), "age"),
    "gaussian_regression": lambda: (p.GaussianRegression(), "age"),
    "robust_regression": lambda: (p.RobustRegression(draws=10), "income"),
    "similar_rows": lambda: (p.SimilarRows(), "income"),
    "similar_rows_smooth": lambda: (p.SimilarRows(smoothing=0.4), "income"),
    "empirical": lambda: (p.Empirical(joint=False), "age"),
    "mixture": lambda: (p.FiniteMixture((p.Share(0.3, p.Gaussian()), p.Share(0.7, p.Uniform()))), "age"),
    "gaussian_copula": lambda: (p.GaussianCopula(), "age"),
    "berkson": lambda: (p.Berkson(0.5), "age"),
}


QUICK = {"uniform", "gaussian", "empirical"}


@pytest.mark.parametrize("name", [it if it in QUICK else pytest.param(it, marks=pytest.mark.slow) for it in PRIORS])
def test_facts_of_a_law(name, key):
    # At most 3 x 5 comparisons, each with a false alarm of 1e-6.
    case = PRIORS[name]
    check_prior_facts(case.build(), mixed_table(), key, hidden=case.hidden)


QUICK_ONES = {"kernel_density", "mixture"}


@pytest.mark.parametrize("name", [it if it in QUICK_ONES else pytest.param(it, marks=pytest.mark.slow) for it in ONE])
def test_facts_of_one_hidden_feature(name, key):
    description, feature = ONE[name]()
    check_prior_facts(description, mixed_table(), key, hidden=(feature,))


@pytest.mark.parametrize(
    ("description", "hidden", "states"),
    [
        (p.Uniform(), ("age", "income"), {"independent"}),
        (p.Gaussian(), ("age", "income"), {"elliptical"}),
        (p.GaussianRegression(), ("age",), {"elliptical", "independent"}),
        (p.JointKernelDensity(), ("age", "income"), {"elliptical"}),
        (p.JointKernelDensity(), ("age", "size"), {"independent"}),
        (p.Empirical(), ("age", "region"), {"atoms"}),
        (p.SimilarRows(), ("age", "region"), {"atoms"}),
        (p.Truth(), ("age",), {"atoms"}),
        (p.LogisticRegression(draws=10), ("region",), {"independent"}),
        (p.Product((p.Block(("age",), p.GaussianRegression()), p.Block(("size",), p.Categorical()))),
         ("age", "size"), {"independent"}),
    ],
    ids=lambda it: it.kind if isinstance(it, p.Prior) else None,
)  # fmt: skip
def test_which_facts_are_stated(description, hidden, states, key):
    reference = reference_rows(mixed_table(), hidden)
    with jax.enable_x64(True):
        fitted = description.fit(reference, key)
        row = jax.tree_util.tree_map(lambda values: values[0], reference.rows)
        found = {
            name
            for name in ("atoms", "independent", "elliptical")
            if getattr(fitted, name)(fitted.theta_at(0), row) is not None
        }
    assert found == states


@pytest.mark.parametrize("fact", ["cdf", "atoms", "independent", "elliptical"])
def test_a_wrong_fact_is_seen(fact, key, monkeypatch):
    wrong = {
        "cdf": (
            p.Gaussian(),
            ("age",),
            lambda self, theta, value, row: 0.9 * self.pit(theta, value[None], row, 1.0)[0],
        ),
        "atoms": (p.Empirical(), ("age",), _first_rows_alone),
        "independent": (p.Uniform(), ("age", "income"), _as_if_swapped),
        "elliptical": (p.Gaussian(), ("age", "income"), _twice_as_wide),
    }
    description, hidden, other = wrong[fact]
    kind = type(description.fit(reference_rows(mixed_table(), hidden), key))
    own = getattr(kind, fact)
    made = other if fact == "cdf" else lambda self, theta, row: other(own(self, theta, row))
    monkeypatch.setattr(kind, fact, made)
    with pytest.raises(AssertionError):
        check_prior_facts(description, mixed_table(), key, hidden=hidden)


def _first_rows_alone(atoms):
    weights = jnp.where(jnp.arange(len(atoms.weights)) < 60, 1.0, 0.0)
    return atoms._replace(weights=weights / weights.sum())


def _as_if_swapped(law):
    return law._replace(cdf=lambda place, values: law.cdf(1 - place, values))


def _twice_as_wide(law):
    return law._replace(roots=2.0 * law.roots)


def test_the_cdf_of_infinite_numbers_is_0_and_1():
    table = mixed_table()
    for description, feature in ((p.Categorical(), "region"), (p.Uniform(), "age"), (p.Empirical(joint=False), "age")):
        with jax.enable_x64(True):
            fitted = description.fit(reference_rows(table, (feature,)), None)
            law = fitted.independent(fitted.theta_at(0), p.Row(np.zeros(0), 0, 0))
            ends = np.asarray(law.cdf(0, jnp.array([-np.inf, np.inf])))
        np.testing.assert_allclose(ends, [[0.0, 1.0]], atol=1e-12)
