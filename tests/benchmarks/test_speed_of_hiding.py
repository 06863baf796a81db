"""Feature hiding against what one would write with NumPy and scikit-learn, and against refitting an imputer."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from measuring import DRAWS, FEATURES, count, fastest, forest, impute, labelled, medians, numbers, seconds, show

from synlabel_prob import arrows
from synlabel_prob.ground_truth import Rules
from synlabel_prob.priors import GaussianRegression, KernelDensity, Prior, Uniform
from synlabel_prob.process import FittedProcess, Process, fit
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import MonteCarlo, QuasiMonteCarlo, Sampler, evaluate
from synlabel_prob.soft_labels.integrand import compiled_draws, point_dims

pytestmark = pytest.mark.benchmark

HIDDEN = 5
_SIZES = [QuasiMonteCarlo(draws=each * 2**power, replicates=each) for power in range(2, 6) for each in (5, 6, 8)]
IMPUTED = 3


def _hide(prior: Prior, evaluator: Sampler = MonteCarlo(draws=DRAWS)) -> Any:  # noqa: B008 - a frozen description
    truth, function = labelled()
    names = truth.view.feature_names[:HIDDEN]
    return arrows.hide_features(truth, names, prior, function, jax.random.key(0), evaluator)


def _predict(features: np.ndarray) -> np.ndarray:
    """The same forest, on draws (rows, draws, features)."""
    truth, _ = labelled()
    frame = truth.view.to_frame(features.reshape(-1, FEATURES))
    return count(np.searchsorted(forest().classes_, forest().predict(frame)).reshape(features.shape[:2]), 4)


@pytest.mark.filterwarnings("ignore:.*Early stopping criterion:sklearn.exceptions.ConvergenceWarning")
def test_a_conditional_prior_is_500_times_faster_than_refitting_an_imputer(capsys: pytest.CaptureFixture):
    truth, _ = labelled()
    first = seconds(lambda: _hide(GaussianRegression()))
    ours = medians(lambda: _hide(GaussianRegression()), rounds=30)[0]
    made: list[np.ndarray] = []
    imputing = seconds(lambda: made.extend(impute(draw, HIDDEN) for draw in range(IMPUTED))) / IMPUTED
    tiled = np.repeat(np.stack(made, 1), -(-DRAWS // IMPUTED), 1)[:, :DRAWS]
    theirs = DRAWS * imputing + seconds(lambda: _predict(tiled))
    rows = [
        ("conditional Gaussian, end to end", f"{ours:.3f} s (the first time, with compilation: {first:.2f} s)"),
        ("imputer refitted for every draw", f"{theirs:.1f} s ({IMPUTED} draws measured, {imputing:.2f} s each)"),
        ("ratio", f"{theirs / ours:.0f} (at least 500)"),
    ]
    show(capsys, f"{truth.view.num_rows} x {FEATURES}, {HIDDEN} hidden, {DRAWS} draws, forest of 100", rows)
    assert theirs / ours >= 500


def _kernel_density_by_hand() -> np.ndarray:
    tiled = np.repeat(numbers()[0][:, None], DRAWS, 1)
    tiled[..., :HIDDEN] = _kernel_density(np.random.default_rng(0))()
    return _predict(tiled)


def _kernel_density(generator: np.random.Generator) -> Callable[[], np.ndarray]:
    hidden = numbers()[0][:, :HIDDEN]
    rows, columns, size = len(hidden), np.arange(HIDDEN), (len(hidden), DRAWS, HIDDEN)
    bandwidth = rows**-0.2 * hidden.std(0, ddof=1)
    return lambda: hidden[generator.integers(rows, size=size), columns] + bandwidth * generator.standard_normal(size)


def _uniform(generator: np.random.Generator) -> Callable[[], np.ndarray]:
    hidden = numbers()[0][:, :HIDDEN]
    low, width = hidden.min(0), np.ptp(hidden, 0)
    return lambda: low + width * generator.random((len(hidden), DRAWS, HIDDEN))


def _gaussian(generator: np.random.Generator) -> Callable[[], np.ndarray]:
    features, _ = numbers()
    regressors = np.column_stack([np.ones(len(features)), features[:, HIDDEN:]])
    coefficients, *_ = np.linalg.lstsq(regressors, features[:, :HIDDEN])
    center = regressors @ coefficients
    root = np.linalg.cholesky(np.cov((features[:, :HIDDEN] - center).T))
    return lambda: center[:, None] + generator.standard_normal((len(features), DRAWS, HIDDEN)) @ root.T


def test_kernel_density_is_not_slower_than_tile_predict_count(capsys: pytest.CaptureFixture):
    """Nearly all of theirs is `predict`; ours has the leaf masks of the forest, which its first evaluation made.

    Both start with the forest and the data; ours also with the fitted prior.

    The whole arrow, which fits the prior and compares the forest with the dataset's labels first, is shown beside it.
    Ours works on two tiles at once: on a machine whose other cores are busy the two take as long. It is shown for the
    same draws, and for the fewest quasi-random ones whose root mean square error is not above that of their draws.
    """
    truth, function = labelled()
    fitted = dataclasses.replace(_fitted(KernelDensity()), ground_truth=function.function, labels=truth.hard_labels)
    law = label_law(fitted)

    def average(evaluator: Sampler) -> np.ndarray:
        return evaluate(law, fitted.prior, fitted.rows, evaluator, jax.random.key(0)).probabilities

    reference = average(QuasiMonteCarlo(draws=2**15))
    error = float(np.sqrt(((_kernel_density_by_hand() - reference) ** 2).mean()))
    same = MonteCarlo(draws=DRAWS)
    few = next(it for it in _SIZES if np.sqrt(((average(it) - reference) ** 2).mean()) <= error)
    plain, quasi, whole, direct = fastest(
        *(functools.partial(average, it) for it in (same, few)),
        functools.partial(_hide, KernelDensity(), few),
        _kernel_density_by_hand,
        rounds=40,
    )
    rows = [
        ("the same draws", f"{plain:.3f} s, {direct / plain:.1f} times faster"),
        (f"the same error, {error:.3f}", f"{quasi:.3f} s, {few.draws} draws, {direct / quasi:.1f} times faster"),
        ("  with the fit and the comparison", f"{whole:.3f} s, {direct / whole:.1f} times faster"),
        ("tile, predict, count", f"{direct:.3f} s"),
    ]
    show(capsys, f"kernel density, {HIDDEN} hidden, {DRAWS} draws", rows)
    assert plain <= direct


def _fitted(prior: Prior) -> FittedProcess:
    """The prior in a process whose own ground truth takes no time."""
    view = labelled()[0].view
    return fit(Process(Rules({"0": "x0 > 0"}, otherwise="1"), view.feature_names[:HIDDEN], prior), view)


SAMPLERS = {
    "uniform": (Uniform(), _uniform),
    "kernel density": (KernelDensity(), _kernel_density),
    "conditional Gaussian": (GaussianRegression(), _gaussian),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_sampling_alone_is_within_3_times_numpy(name: str, capsys: pytest.CaptureFixture):
    """Fits are left out of both, and so is compilation."""
    description, sampler = SAMPLERS[name]
    fitted = _fitted(description)
    prior, rows, evaluator = fitted.prior, fitted.rows, MonteCarlo(draws=DRAWS)

    def draw(key: Any) -> Any:
        uniforms = evaluator.uniforms(key, rows.hashes, point_dims(prior), 0, DRAWS)
        return compiled_draws()(prior, uniforms, rows.given)

    with jax.enable_x64(True):
        compiled = jax.jit(draw)
        compiled(jax.random.key(1))
        generator = np.random.default_rng(0)
        ours, direct = fastest(lambda: np.asarray(compiled(jax.random.key(0))), sampler(generator), rounds=20)
    rows_shown = [("ours", f"{1e3 * ours:.1f} ms"), ("NumPy", f"{1e3 * direct:.1f} ms")]
    number = f"{len(rows):,} x {DRAWS} draws of {HIDDEN} features"
    show(capsys, f"sampling, {name}: {number}", [*rows_shown, ("ratio", f"{ours / direct:.2f} (at most 3)")])
    assert ours <= 3 * direct
