"""Normal laws, and mixtures of them, given some coordinates: against SciPy with the coordinates picked out."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from synlabel_prob.priors.conditioning import normal_evidence, normal_given
from synlabel_prob.priors.mixture_law import MixtureLaw
from synlabel_prob.priors.whitened import normal

PATTERNS = [np.array(pattern) for pattern in itertools.product([True, False], repeat=3)]
GENERATOR = np.random.default_rng(5)
FACTORS = GENERATOR.normal(size=(2, 3, 3))
COVARIANCES = FACTORS @ np.swapaxes(FACTORS, 1, 2) + 0.3 * np.eye(3)
LOCATIONS, VALUES = GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=3)
WEIGHTS, LEVELS = np.array([0.3, 0.7]), np.array([[0.2, 0.8], [0.5, 0.5]])


def evidence(component: int, known: np.ndarray) -> float:
    own = np.flatnonzero(known)
    if not len(own):
        return 0.0
    law = stats.multivariate_normal(LOCATIONS[component][own], COVARIANCES[component][np.ix_(own, own)])
    return float(law.logpdf(VALUES[own]))


@pytest.mark.parametrize("known", PATTERNS)
def test_a_normal_law_given_some_coordinates(known):
    residual = np.where(known, VALUES - LOCATIONS, 0.0)
    with jax.enable_x64(True):
        logs, gains = normal_evidence(residual, COVARIANCES, known)
        moved, roots = normal_given(LOCATIONS, COVARIANCES, residual, gains, known)
        locations, roots = np.asarray(moved), np.asarray(roots)
    np.testing.assert_allclose(logs, [evidence(component, known) for component in range(2)], rtol=1e-10)
    kept, left = np.flatnonzero(known), np.flatnonzero(~known)
    for component, covariance in enumerate(COVARIANCES):
        solved = np.linalg.solve(covariance[np.ix_(kept, kept)], covariance[np.ix_(kept, left)]).T
        mean = LOCATIONS[component][left] + solved @ residual[component][kept]
        spread = covariance[np.ix_(left, left)] - solved @ covariance[np.ix_(kept, left)]
        np.testing.assert_allclose(locations[component][left], mean, rtol=1e-10)
        made = (roots[component] @ roots[component].T)[np.ix_(left, left)]
        np.testing.assert_allclose(made, spread, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("known", PATTERNS)
@pytest.mark.parametrize("level", [0.0, np.nan])
def test_a_mixture_given_some_features_of_both_kinds(known, level):
    values = np.array([VALUES[0], level, *VALUES[1:]])
    given = np.where(np.insert(known, 1, True), values, np.nan)
    with jax.enable_x64(True):
        law = MixtureLaw(
            np.log(WEIGHTS), LOCATIONS, np.linalg.cholesky(COVARIANCES), (LEVELS,), normal(3), (0, 2, 3), (1,)
        )
        found, conditional = float(law.log_evidence(given)), law.given(given)
        rest = np.where(np.isnan(given), np.array([VALUES[0], 1.0, *VALUES[1:]]), np.nan)
        both = np.where(np.isnan(given), rest, given)
        np.testing.assert_allclose(
            conditional.log_evidence(rest), law.log_evidence(both) - law.log_evidence(given), rtol=1e-9, atol=1e-12
        )
    by_level = np.log(LEVELS[:, 0]) if level == 0 else np.zeros(2)
    expected = logsumexp(np.log(WEIGHTS) + by_level + [evidence(component, known) for component in range(2)])
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
