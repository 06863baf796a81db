"""How fast priors are fitted and drawn from: against least squares, a refitted imputer, and a plain NUTS program."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pandas as pd
import pytest
from calibration import by_nuts, regression
from measuring import DRAWS, FEATURES, fastest, impute, labelled, numbers, seconds, show

from synlabel_prob.ground_truth import Rules
from synlabel_prob.inference import effective_sizes, run_chains
from synlabel_prob.priors import Chained, GaussianRegression, RobustRegression
from synlabel_prob.priors.base import Reference
from synlabel_prob.process import Process, fit
from synlabel_prob.soft_labels import MonteCarlo
from synlabel_prob.soft_labels.integrand import compiled_draws, point_dims
from synlabel_prob.table import Table
from synlabel_prob.testing import reference_rows

pytestmark = pytest.mark.benchmark

HIDDEN = 5
IMPUTED = 3
SIMULATIONS = 300
KEPT, WARMUP = 300, 300
STATISTICS = ("diverging", "energy", "num_steps")


def _reference(values: np.ndarray) -> Reference:
    """The rows of a table of numbers whose first five features are hidden."""
    table = Table.from_frame(pd.DataFrame(values, columns=[f"x{place}" for place in range(values.shape[1])]))
    return reference_rows(table, table.feature_names[:HIDDEN])


def test_the_exact_fit_takes_at_most_5_times_least_squares(capsys: pytest.CaptureFixture):
    values = np.random.default_rng(0).standard_normal((100_000, 50))
    reference = _reference(values)
    regressors = np.column_stack([np.ones(len(values)), values[:, HIDDEN:]])
    description = GaussianRegression()
    calls = (
        lambda: description.fit(reference, jax.random.key(0)),
        lambda: np.linalg.lstsq(regressors, values[:, :HIDDEN]),
    )
    ours, direct = fastest(*calls)
    rows = [
        ("gaussian_regression, exact", f"{ours:.2f} s"),
        ("numpy.linalg.lstsq", f"{direct:.2f} s"),
        ("ratio", f"{ours / direct:.2f} (at most 5)"),
    ]
    show(capsys, f"fit on {len(values):,} x {values.shape[1]}, {HIDDEN} of them hidden", rows)
    assert ours <= 5 * direct


def _fit_and_draw(process: Process) -> np.ndarray:
    """The prior fitted anew, and its draws (rows, groups, draws, hidden)."""
    fitted, evaluator = fit(process, labelled()[0].view), MonteCarlo(draws=DRAWS)
    with jax.enable_x64(True):
        uniforms = evaluator.uniforms(jax.random.key(1), fitted.rows.hashes, point_dims(fitted.prior), 0, DRAWS)
        return np.asarray(compiled_draws()(fitted.prior, uniforms, fitted.rows.given))


@pytest.mark.filterwarnings("ignore:.*Early stopping criterion:sklearn.exceptions.ConvergenceWarning")
def test_a_chained_prior_is_100_times_faster_than_refitting_an_imputer(capsys: pytest.CaptureFixture):
    names = labelled()[0].view.feature_names[:HIDDEN]
    process = Process(Rules({"0": "x0 > 0"}, otherwise="1"), names, Chained())  # whose ground truth takes no time
    first = seconds(lambda: _fit_and_draw(process))
    ours = fastest(lambda: _fit_and_draw(process), rounds=5)[0]
    each = min(seconds(functools.partial(impute, draw, HIDDEN)) for draw in range(IMPUTED))
    theirs = DRAWS * each
    rows = [
        ("chained, fitted and drawn from", f"{ours:.3f} s (the first time, with compilation: {first:.2f} s)"),
        ("imputer refitted for every draw", f"{theirs:.1f} s ({IMPUTED} draws measured, {each:.2f} s each, scaled)"),
        ("ratio", f"{theirs / ours:.0f} (at least 100)"),
    ]
    show(capsys, f"{len(numbers()[0])} x {FEATURES}, {HIDDEN} hidden, {DRAWS} draws", rows)
    assert theirs / ours >= 100


def _plain(regressors: np.ndarray, responses: np.ndarray) -> Callable:
    """The same posterior, its likelihood in the same form, in the coordinates that a textbook writes it in."""
    width, dims = regressors.shape[1], responses.shape[1]

    def model() -> None:
        scatter = 0.1**2 * jnp.eye(dims)
        root = numpyro.sample("prior.residual_cholesky", dist.InverseWishartCholesky(dims + 2.0, scale_matrix=scatter))
        law = dist.MatrixNormal(jnp.zeros((width, dims)), 10.0 * jnp.eye(width), root)
        coefficients = numpyro.sample("prior.coefficients", law)
        residuals = jnp.asarray(responses) - jnp.asarray(regressors) @ coefficients
        logs = dist.Normal(0.0, 1.0).log_prob(residuals @ jnp.linalg.inv(root).T).sum(-1)
        numpyro.factor("reference_hidden", logs - jnp.log(jnp.diag(root)).sum())

    return model


def _sampled(model: Callable) -> tuple[float, float, float]:
    """Effective draws of the entry that mixes worst, seconds, and mean number of steps a draw.

    Warm-up counts, compilation does not: the second run of the same sampler is timed.
    """
    with jax.enable_x64(True):
        mcmc = run_chains(model, jax.random.key(0), each=KEPT, warmup=WARMUP)
        start = time.perf_counter()
        mcmc.run(jax.random.key(1), extra_fields=STATISTICS)
        found = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
        spent = time.perf_counter() - start
        steps = float(np.mean(mcmc.get_extra_fields()["num_steps"]))
    sites = ("prior.coefficients", "prior.residual_cholesky")
    return min(float(np.nanmin(effective_sizes(found[name]))) for name in sites), spent, steps


def test_nuts_has_5_times_the_effective_draws_of_the_plain_program(capsys: pytest.CaptureFixture):
    reference = _reference(numbers()[0])
    made = GaussianRegression().fit(reference, jax.random.key(0))
    with jax.enable_x64(True):
        regressors = np.asarray(jax.vmap(made.design.encode)(reference.rows))
    plain = _plain(regressors, (reference.hidden - made.means) / made.scales)
    models = {"this package's coordinates": made.reference_model(), "plain coordinates": plain}
    found = {name: _sampled(model) for name, model in models.items()}
    (size, spent, _), (size_plain, spent_plain, _) = found.values()
    ratio = size / spent / (size_plain / spent_plain)
    rows = [
        (name, f"{n:.0f} effective of {KEPT} in {s:.1f} s, {k:.0f} steps each") for name, (n, s, k) in found.items()
    ]
    rows.append(("effective draws a second, ratio", f"{ratio:.1f} (at least 5)"))
    show(capsys, f"gaussian_regression by NUTS, {len(reference.hidden)} x {FEATURES}, {HIDDEN} hidden", rows)
    assert ratio >= 5


def test_300_calibration_simulations_take_minutes(capsys: pytest.CaptureFixture):
    made = regression(RobustRegression(coefficient_scale=1.0, residual_scale=0.5), "income", 20, by_nuts)
    spent = seconds(lambda: made.uniforms(jax.random.key(0), SIMULATIONS))
    rows = [("robust_regression by NUTS, compilation included", f"{spent:.0f} s (at most 300)")]
    show(capsys, f"{SIMULATIONS} simulations", rows)
    assert spent <= 300
