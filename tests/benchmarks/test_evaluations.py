"""How many evaluations a given error takes: quasi-Monte Carlo against independent draws, on a closed form.

Half-spaces of hidden features that are normal given the observed ones: P(class 1) = Phi((w'm + b) / sqrt(w'Sw)).
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest
from measuring import show

from synlabel_prob.ground_truth import Linear
from synlabel_prob.priors import GaussianRegression
from synlabel_prob.process import FittedProcess, Process, fit, generate
from synlabel_prob.soft_labels import MonteCarlo, QuasiMonteCarlo
from synlabel_prob.table import Table

pytestmark = pytest.mark.benchmark

ROWS, FEATURES, EVALUATIONS = 600, 8, 1024
AT_LEAST = {1: 30.0, 5: 3.0}


def _fitted(hidden: int) -> FittedProcess:
    generator = np.random.default_rng(7)
    values = generator.standard_normal((ROWS, FEATURES)) @ generator.standard_normal((FEATURES, FEATURES))
    names = [f"x{place}" for place in range(FEATURES)]
    table = Table.from_frame(pd.DataFrame(values / values.std(0), columns=names))
    weights = dict(zip(names, [1.0, -0.8, 0.6, 0.9, -0.7, 0.5, 0.4, -0.3], strict=True))
    process = Process(Linear({"0": {}, "1": weights}), tuple(names[:hidden]), GaussianRegression(fit_by="point"))
    return fit(process, table)


def _closed_form(fitted: FittedProcess) -> np.ndarray:
    """P(class 1), (rows,)."""
    from scipy.stats import norm

    weights = np.asarray(fitted.ground_truth.weights)[1]
    hidden, prior = list(fitted.hidden), fitted.prior
    with jax.enable_x64(True):
        regressors = np.asarray(jax.vmap(prior.design.encode)(fitted.rows.given))
    center = prior.means + prior.scales * (regressors @ prior.theta.coefficients[0])
    root = prior.scales[:, None] * np.asarray(prior.theta.scale[0])
    score = center @ weights[hidden] + fitted.rows.observed @ weights[list(fitted.observed)]
    return norm.cdf(score / np.linalg.norm(root.T @ weights[hidden]))


def _mean_square_error(fitted: FittedProcess, evaluator: Any, truth: np.ndarray) -> float:
    errors = [generate(fitted, jax.random.key(seed), evaluator).partial.soft_labels[:, 1] - truth for seed in range(4)]
    return float(np.mean(np.square(errors)))


@pytest.mark.parametrize("hidden", AT_LEAST)
def test_quasi_monte_carlo_needs_fewer_evaluations(hidden: int, capsys: pytest.CaptureFixture):
    """Independent draws have error variance p (1 - p) / N, which says how many it would take to get as close."""
    fitted = _fitted(hidden)
    truth = _closed_form(fitted)
    variance = float(np.mean(truth * (1 - truth)))
    plain = _mean_square_error(fitted, MonteCarlo(draws=EVALUATIONS), truth)
    assert plain == pytest.approx(variance / EVALUATIONS, rel=0.15)  # 2,400 errors: sd 3%, of correlated classes 0
    quasi = _mean_square_error(fitted, QuasiMonteCarlo(draws=EVALUATIONS), truth)
    ratio = variance / quasi / EVALUATIONS
    rows = [
        (f"quasi-Monte Carlo, {EVALUATIONS:,} evaluations", f"root mean square error {quasi**0.5:.2g}"),
        (f"independent draws, {EVALUATIONS:,} evaluations", f"root mean square error {plain**0.5:.2g}"),
        ("independent draws for the same error", f"{variance / quasi:,.0f} evaluations"),
        ("ratio", f"{ratio:.1f} (at least {AT_LEAST[hidden]:g})"),
    ]
    show(capsys, f"half-space, {hidden} hidden", rows)
    assert ratio >= AT_LEAST[hidden]
