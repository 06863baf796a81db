"""The marginal normal law: SciPy's Student-t, and the regression that has nothing to condition on."""

from __future__ import annotations

import jax
import numpy as np
from contracts import numbers_table
from scipy import stats

from synlabel_prob.priors import Gaussian
from synlabel_prob.testing import reference_rows


def test_the_predictive_is_scipys_student(key):
    reference = reference_rows(numbers_table(), ("income",))
    values = reference.hidden[:, 0]
    scores, rows = (values - values.mean()) / values.std(), len(values)
    # The textbook's update with mean 0, 1 / 100 pseudo-rows, 3 degrees of freedom and scatter 0.01.
    strength, freedom = rows + 0.01, rows + 3
    scatter = 0.01 + (scores**2).sum() - strength * (scores.sum() / strength) ** 2
    scale = np.sqrt(scatter / freedom * (1 + 1 / strength)) * values.std()
    expected = stats.t(freedom, values.mean() + values.std() * scores.sum() / strength, scale)
    with jax.enable_x64(True):
        prior = Gaussian().fit(reference, key)
        found = [prior.log_density(prior.theta_at(0), reference.hidden[row], reference.row(row)) for row in range(5)]
    np.testing.assert_allclose(found, expected.logpdf(values[:5]), rtol=1e-9)


def test_independent_features_are_those_of_one_each(key):
    reference = reference_rows(numbers_table(), ("income", "age"))
    with jax.enable_x64(True):
        both = Gaussian(joint=False).fit(reference, key)
        found = both.log_density(both.theta_at(0), reference.hidden[3], reference.row(3))
        alone = 0.0
        for place, name in enumerate(("income", "age")):
            own = reference_rows(numbers_table(), (name,))
            prior = Gaussian().fit(own, key)
            alone += prior.log_density(prior.theta_at(0), reference.hidden[3, [place]], own.row(3))
    np.testing.assert_allclose(found, alone, rtol=1e-9)
