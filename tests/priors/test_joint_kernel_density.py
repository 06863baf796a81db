"""The multivariate kernel density against SciPy's, and its kernel over levels."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import mixed_table, numbers_table
from scipy import stats

from synlabel_prob.priors import JointKernelDensity
from synlabel_prob.testing import reference_rows


@pytest.mark.parametrize("rule", ["scott", "silverman", 0.4])
def test_the_density_is_scipys(rule, key):
    reference = reference_rows(numbers_table(), ("income", "age"))
    expected = stats.gaussian_kde(reference.hidden.T, rule).logpdf(reference.hidden[:9].T)
    with jax.enable_x64(True):
        prior = JointKernelDensity(rule).fit(reference, key)
        found = [prior.log_density(prior.theta_at(0), reference.hidden[row], reference.row(row)) for row in range(9)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)  # ours adds 1e-9 to the correlations


def test_every_level_has_positive_probability_and_frequent_ones_more(key):
    reference = reference_rows(mixed_table(), ("region",))
    counts = np.bincount(reference.hidden[:, 0].astype(int), minlength=3)
    with jax.enable_x64(True):
        prior = JointKernelDensity().fit(reference, key)
        logs = [prior.log_density((), np.array([float(code)]), reference.row(0)) for code in range(3)]
    probabilities = np.exp(np.asarray(logs))
    np.testing.assert_allclose(probabilities.sum(), 1.0, rtol=1e-12)
    # A share n^(-1/2) of the draws is uniform over the levels.
    share = len(reference.hidden) ** -0.5
    np.testing.assert_allclose(probabilities, (1 - share) * counts / counts.sum() + share / 3, rtol=1e-12)
