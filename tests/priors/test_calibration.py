"""Every fit that samples or approximates, by simulation: truths from the prior rank uniformly among its draws.

Statistics are the parameters and the log likelihood of the data.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from calibration import DRAWS, Simulation, assert_calibrated, by_normal_law, by_nuts, coverage, gaussian, regression

from synlabel_prob.priors import LogisticRegression, OrdinalRegression, RobustRegression, gibbs
from synlabel_prob.priors.gaussian_regression import conjugate_prior
from synlabel_prob.priors.gibbs_regression import draw_regressions

pytestmark = pytest.mark.slow

REGRESSIONS = {
    "robust": (RobustRegression(coefficient_scale=1.0, residual_scale=0.5), "income"),
    "logistic": (LogisticRegression(coefficient_scale=1.0), "region"),
    "ordinal": (OrdinalRegression(coefficient_scale=1.0), "size"),
}


# --- regressions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REGRESSIONS)
def test_regressions_by_nuts(name: str, key: Any):
    # 400 data sets of 20 rows; false alarm 1e-5, a cdf that is off by 0.14 anywhere fails.
    made = regression(*REGRESSIONS[name], 20, by_nuts)
    assert_calibrated(made.uniforms(key, 400))


def test_gaussian_regression_by_nuts(key: Any):
    assert_calibrated(gaussian(20, by_nuts).uniforms(key, 400))


def test_gaussian_regression_by_its_conjugate_posterior(key: Any):
    # 1,000 data sets; see `assert_calibrated`.
    assert_calibrated(gaussian(20, None).uniforms(key, 1000))
