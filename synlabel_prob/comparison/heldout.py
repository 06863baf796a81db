"""One prior over all folds: every row is judged by the fit that did not see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ..priors import Prior
from ..soft_labels import Evaluator
from .features import FeatureScores, score_features
from .labels import label_scores, soft_labels
from .parts import Ground
from .theta import LeaveOneOut, leave_one_out, uncertainty_split


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """A prior's scores, a row each.

    Attributes:
        prior: the description.
        values: by measure, (rows,); here and below, rows that are judged.
        pit: (rows, hidden), or None.
        soft: (rows, classes) soft labels, and their `standard_error`.
        leave_one_out: of the fit to all rows, or None.
    """

    prior: Prior
    values: dict[str, np.ndarray]
    pit: np.ndarray | None
    soft: np.ndarray
    standard_error: np.ndarray
    leave_one_out: LeaveOneOut | None

    @property
    def sees_label(self) -> bool:
        """Whether the prior conditions on the ground-truth label."""
        return self.prior.conditions_on == "observed_and_label"


def held_out(
    ground: Ground, prior: Prior, folds: np.ndarray, evaluator: Evaluator, key: Any, step: Callable[[], None]
) -> HeldOut:
    """Fit without each fold and judge its rows; `step` is called after each fold and after the fit to all.

    `folds (rows,)` are -1 for rows that are learned from and not judged.
    """
    scored = []
    for fold in range(folds.max() + 1):
        scored.append(_of_fold(ground, prior, folds != fold, evaluator, key))
        step()
    everything = ground.fitted(prior, np.arange(len(folds)), key)
    loo = leave_one_out(everything, everything.rows.take(ground.judged), ground.values[ground.judged], key)
    step()
    order = np.argsort(np.concatenate([np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]))
    values, pits, soft, errors = zip(*scored, strict=True)
    return HeldOut(
        prior=prior,
        values={name: np.concatenate([part[name] for part in values])[order] for name in values[0]},
        pit=None if pits[0] is None else np.concatenate(pits)[order],
        soft=np.concatenate(soft)[order],
        standard_error=np.concatenate(errors)[order],
        leave_one_out=loo,
    )


def _of_fold(ground: Ground, prior: Prior, kept: np.ndarray, evaluator: Evaluator, key: Any) -> tuple:
    """Measures by name, PIT values, soft labels and their standard errors of the rows that are not kept."""
    fitted = ground.fitted(prior, np.flatnonzero(kept), key)
    places = np.flatnonzero(~kept)
    rows = fitted.rows.take(places)
    spread = np.nanstd(ground.reference.hidden, axis=0)
    scales = np.where(spread > 0, spread, 1.0)
    features = score_features(fitted.prior, rows, ground.values[places], ground.reference.hidden_columns, scales, key)
    soft = soft_labels(fitted, rows, evaluator, key)
    values = {**_feature_values(features), **label_scores(soft, ground.labels[places])}
    values["hidden_uncertainty"], values["theta_uncertainty"] = uncertainty_split(fitted, rows, soft.probabilities, key)
    return values, features.pit, soft.probabilities, soft.standard_error


def _feature_values(features: FeatureScores) -> dict[str, np.ndarray]:
    density = {} if features.log_score is None else {"log_score": features.log_score}
    return {**density, "energy_score": features.energy_score}
