"""Priors compared: each fitted without a fold of the rows and judged on that fold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import metrics
from .._lazy import jax
from ..feature_laws import FeatureLaw
from ..process import Process
from ..soft_labels import Evaluator, QuasiMonteCarlo, SoftLabels
from ..table import Table
from .folds import assign_folds
from .gathering import difference_frame, disagreement_frame, row_frame, score_frame
from .heldout import HeldOut, held_out
from .labels import soft_labels
from .parts import Ground, ground_of, require_comparable
from .record import Comparison
from .verdict import verdict

TRUTH_DRAWS = 2**14


def compare(
    processes: Mapping[str, Process],
    table: Table,
    key: Any,
    *,
    folds: int = 5,
    evaluator: Evaluator | None = None,
    truth: FeatureLaw | None = None,
    title: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare the priors of processes that are alike in all else.

    Every score is of rows that the prior did not see; the ground truth is fitted to all rows that miss no value once,
    noise plays no part. Rows that miss a value are learned from in every fold and never judged. All priors get the same
    folds and the same random numbers, so differences are paired by row. Log scores and PIT values are exact given the
    fit, the other numbers Monte Carlo; standard errors are over rows.

    Args:
        processes: by name; they share ground truth and hidden features and differ in the prior.
        table: the rows.
        key: fixes folds and draws.
        folds: how many parts the rows are dealt into, in an order that the key shuffles.
        evaluator: of the soft labels, by default quasi-Monte Carlo.
        truth: the law that the table was drawn from; then soft labels are compared with the exact ones too.
        title: for pictures.
        progress: is told (done, total).

    Raises:
        InputError: there is nothing to compare, or a process does not fit the table.
    """
    require_comparable(processes, table, folds, truth)
    evaluator = QuasiMonteCarlo() if evaluator is None else evaluator
    key = jax.random.key(0) if key is None else key
    ground = ground_of(processes, table)
    assigned = np.full(table.num_rows, -1)
    assigned[ground.judged] = assign_folds(table.row_ids[ground.judged], folds, key)
    step = _steps(progress, len(processes) * (folds + 1))
    found = {
        name: held_out(ground, process.prior, assigned, evaluator, key, step) for name, process in processes.items()
    }
    exact = None if truth is None else _exact(ground, truth, key)
    if exact is not None:
        found = {name: _with_truth(own, exact) for name, own in found.items()}
    return _gathered(ground, found, assigned, exact, evaluator, title)


def _steps(progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return step


def _exact(ground: Ground, truth: FeatureLaw, key: Any) -> SoftLabels:
    """Soft labels under the true law of the features; exact up to their standard errors, which are reported."""
    fitted = ground.fitted(truth, np.arange(ground.table.num_rows), key)
    return soft_labels(fitted, fitted.rows.take(ground.judged), QuasiMonteCarlo(draws=TRUTH_DRAWS), key)


def _with_truth(own: HeldOut, exact: SoftLabels) -> HeldOut:
    error = metrics.total_variation(own.soft, exact.probabilities)
    return dataclasses.replace(own, values={**own.values, "truth_error": error})


def _gathered(
    ground: Ground,
    found: dict[str, HeldOut],
    folds: np.ndarray,
    exact: SoftLabels | None,
    evaluator: Evaluator,
    title: str,
) -> Comparison:
    scores = score_frame(found, ground)
    differences = difference_frame(found)
    return Comparison(
        scores=scores,
        differences=differences,
        disagreement=disagreement_frame(found, ground),
        rows=row_frame(found, ground, folds),
        verdict=verdict(scores, differences, found, None if exact is None else float(exact.standard_error.max())),
        num_rows=len(ground.judged),
        folds=int(folds.max()) + 1,
        hidden=tuple(ground.process.hidden),
        evaluator=evaluator.explain(),
        learned_only=ground.table.num_rows - len(ground.judged),
        title=title,
    )
