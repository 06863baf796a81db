"""Soft labels of a forest with the same root mean square error, against plain draws in NumPy and scikit-learn.

Vehicle, forest of 100, conditional Gaussian prior. The reference is exact with one hidden feature, else quasi-Monte
Carlo with 2^15 draws a row. Ours: the default evaluator with the fewest draws whose error against it is below 0.005,
from fitted parts to the finished record. Theirs: draws from the same law in NumPy, rows repeated, `predict`, a count,
for 100 draws a row; it takes N = mean p (1 - p) / 0.005^2 draws for that error, and N / 100 times as long. All threads
are kept on one core, the two take turns, and ratios are of medians.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest
from measuring import DRAWS, FEATURES, VEHICLE, count, medians, numbers, show
from sklearn.ensemble import RandomForestClassifier

from synlabel_prob import process
from synlabel_prob.ground_truth import Learned
from synlabel_prob.priors import GaussianRegression
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import Automatic, Evaluator, Exact, QuasiMonteCarlo, evaluate
from synlabel_prob.table import Table

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not VEHICLE.is_file(), reason="the authors' table is not beside the checkout"),
    pytest.mark.usefixtures("one_core"),
]

ERROR = 0.005
KEY = jax.random.key(0)


def _fitted(estimator: Any, hidden: int) -> process.FittedProcess:
    features, classes = numbers()
    names = [f"x{place}" for place in range(FEATURES)]
    table = Table.from_frame(pd.DataFrame(features, columns=names).assign(y=classes), target="y")
    return process.fit(process.Process(Learned(estimator), tuple(names[:hidden]), GaussianRegression()), table, KEY)


def _ours(fitted: process.FittedProcess, evaluator: Evaluator) -> Callable[[], np.ndarray]:
    with jax.enable_x64(True):
        law = label_law(fitted)
    return lambda: evaluate(law, fitted.prior, fitted.rows, evaluator, KEY).probabilities


def _theirs(fitted: process.FittedProcess, estimator: Any, hidden: int) -> Callable[[], np.ndarray]:
    features, generator = numbers()[0].astype(float), np.random.default_rng(0)
    with jax.enable_x64(True):
        law = jax.vmap(lambda row: tuple(fitted.prior.elliptical(fitted.prior.theta_at(0), row)))(fitted.rows.given)
    _, centers, roots, degrees = (np.asarray(part) for part in law)

    def shares() -> np.ndarray:
        size = (len(features), DRAWS)
        normal = generator.standard_normal((*size, hidden)) @ roots[:, 0].swapaxes(1, 2)
        drawn = centers + normal / np.sqrt(generator.chisquare(degrees[0], size) / degrees[0])[..., None]
        tiled = np.repeat(features, DRAWS, 0)
        tiled[:, :hidden] = drawn.reshape(-1, hidden)
        return count(estimator.predict(tiled).reshape(size), 4)

    return shares


def _fewest(fitted: process.FittedProcess, reference: np.ndarray) -> tuple[Evaluator, float]:
    """The evaluator with the fewest draws that is near enough, and its root mean square error.

    Draws are powers of two in at least five replicates each, which intervals need.
    """
    sizes = sorted((replicates * 2**power, replicates) for power in range(3, 12) for replicates in (5, 6, 8))
    for draws, replicates in sizes:
        evaluator = Automatic(draws=draws, replicates=replicates)
        error = float(np.sqrt(((_ours(fitted, evaluator)() - reference) ** 2).mean()))
        if error <= ERROR:
            return evaluator, error
    raise AssertionError("no number of draws is enough")


def _line(hidden: int) -> tuple[str, float]:
    features, classes = numbers()
    estimator = RandomForestClassifier(100, random_state=0)
    fitted = _fitted(estimator, hidden)
    estimator.fit(features.astype(float), np.unique(classes, return_inverse=True)[1])
    reference = _ours(fitted, Exact() if hidden == 1 else QuasiMonteCarlo(draws=2**15))()
    evaluator, error = _fewest(fitted, reference)
    needed = float((reference * (1 - reference)).mean()) / ERROR**2
    theirs = _theirs(fitted, estimator, hidden)
    plain = float(np.sqrt(((theirs() - reference) ** 2).mean()))
    assert plain == pytest.approx(ERROR * np.sqrt(needed / DRAWS), rel=0.1)  # they draw from the same law
    mine, direct = medians(_ours(fitted, evaluator), theirs, rounds=5)
    ratio = direct * needed / DRAWS / mine
    draws = "exact" if hidden == 1 else f"{evaluator.sampler.draws:,}"
    text = f"{draws:>7} {error:9.4f} {mine:8.3f} s {needed:8,.0f} {direct * needed / DRAWS:8.1f} s {ratio:8.0f}"
    return text, ratio


def test_the_same_error_in_a_fraction_of_the_time(capsys: pytest.CaptureFixture):
    lines = {hidden: _line(hidden) for hidden in (1, 5, 10)}
    head = ("hidden", "  draws     error       ours    draws     theirs    ratio")
    show(
        capsys,
        f"vehicle, forest of 100: root mean square error {ERROR}",
        [head, *((str(h), t) for h, (t, _) in lines.items())],
    )
    assert lines[1][1] >= 8 and lines[5][1] >= 25 and lines[10][1] >= 20
