"""The report of a run from its datasets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import metrics
from .._lazy import jax
from ..annotators import VotesReport, votes_report
from ..feature_noise import feature_report
from ..observations import ObservationReport, observation_report
from ..process import FittedProcess, Generated, Ledger
from .record import NodeReport, Report


def noise_report(
    ledger: Ledger,
    before: np.ndarray,
    after: np.ndarray,
    expected_changes: np.ndarray,
    transition: np.ndarray,
    *,
    nominal_rate: float | None = None,
) -> NodeReport:
    """What a node did to soft labels `before` and `after` (rows, classes) and to the hard labels of its ledger.

    `expected_changes (rows,)` are probabilities of a change; `transition` is (classes, classes), or one a row.
    """
    return NodeReport(
        name=ledger.name,
        nominal_rate=nominal_rate,
        expected_rate=float(expected_changes.mean()),
        realised_rate=float((ledger.before != ledger.after).mean()),
        mean_total_variation=metrics.mean_total_variation(before, after),
        plurality_change=1.0 - metrics.plurality_agreement(before, after).agreement,
        condition_number=float(metrics.condition_number(transition).max()),
        smallest_singular_value=float(metrics.smallest_singular_value(transition).min()),
        row_dominant=float(metrics.row_dominant(transition).mean()),
        expected_by_class=_by_class(ledger.flip_probability, ledger.before, before.shape[1]),
        realised_by_class=_by_class(ledger.before != ledger.after, ledger.before, before.shape[1]),
    )


def _by_class(values: np.ndarray, codes: np.ndarray, num_classes: int) -> tuple[float | None, ...]:
    """Means (rows,) within each class; None of a class without rows."""
    masks = [codes == code for code in range(num_classes)]
    return tuple(float(values[mask].mean()) if mask.any() else None for mask in masks)


def report(fitted: FittedProcess, generated: Generated, *, title: str = "", cautions: Sequence[str] = ()) -> Report:
    """The run in numbers; exact functions of the datasets, whose soft labels have standard errors of their own.

    `cautions` are sentences on the fit, from `inspection.cautions`; they become warnings.
    """
    soft, labels = generated.partial.soft_labels, fitted.labels
    accuracy = metrics.plurality_accuracy(soft, labels)
    noisy = generated.observed_hard.hard_labels
    missing = np.isnan(fitted.table.features)
    return Report(
        title=title,
        rows=len(soft),
        classes=tuple(str(value) for value in fitted.classes),
        hidden=tuple(fitted.process.hidden),
        missing_values=int(missing.sum()),
        incomplete_rows=int(missing.any(1).sum()),
        prior=fitted.process.prior.explain(),
        soft_labels=generated.soft.method,
        exact_rows=int(generated.soft.exact.sum()),
        evaluations=int(generated.soft.evaluations.sum()),
        largest_standard_error=float(generated.soft.standard_error.max()),
        rows_above_target=int((~generated.soft.reached).sum()),
        mean_entropy=float(metrics.entropy(soft).mean()),
        mean_total_variation=metrics.mean_total_variation(soft, metrics.one_hot(labels, len(fitted.classes))),
        plurality_accuracy=accuracy.lowest_index,
        plurality_accuracy_tie_aware=accuracy.tie_aware,
        certain_fraction=metrics.certain_fraction(soft),
        noise=_noise_reports(fitted, generated),
        hard_from=fitted.process.hard_from,
        changed_from_drawn=float((noisy != generated.drawn_label).mean()),
        changed_from_ground_truth=float((noisy != labels).mean()),
        warnings=(*_warnings(fitted, generated), *cautions),
        votes=_votes_report(fitted, generated),
        observation=_observation_report(fitted, generated),
        feature_noise=feature_report(generated.partial.view, generated.observed_hard.view, fitted.noisy_features),
    )


def _votes_report(fitted: FittedProcess, generated: Generated) -> VotesReport | None:
    annotation, votes = fitted.process.annotation, generated.votes
    if annotation is None or votes is None or generated.vote_starts is None:
        return None
    return votes_report(votes, generated.vote_starts, fitted.labels, annotation.labels_from)


def _observation_report(fitted: FittedProcess, generated: Generated) -> ObservationReport | None:
    observation, sets = fitted.process.observation, generated.observed_sets
    if observation is None or sets is None:
        return None
    return observation_report(observation.kind, sets, generated.set_inclusion, generated.observed_soft.soft_labels)


def _noise_reports(fitted: FittedProcess, generated: Generated) -> tuple[NodeReport, ...]:
    laws = np.moveaxis(generated.laws, 1, 0)
    changes = generated.expected_changes.T
    parts = zip(generated.ledger, laws[:-1], laws[1:], changes, generated.transitions, strict=True)
    with jax.enable_x64(True):  # the mean of a law is computed by NumPyro
        rates = [node.nominal_rate() for node in fitted.process.noise]
    return tuple(noise_report(*part, nominal_rate=rate) for part, rate in zip(parts, rates, strict=True))


def _warnings(fitted: FittedProcess, generated: Generated) -> tuple[str, ...]:
    reached = generated.soft.reached
    on_label = fitted.process.prior.conditions_on == "observed_and_label"
    return warnings_of(on_label, int((~reached).sum()), len(reached))


def warnings_of(conditions_on_label: bool, rows_above_target: int, rows: int) -> tuple[str, ...]:
    """Sentences on what soft labels mean, and on those that are not as precise as asked."""
    found = []
    if conditions_on_label:
        found.append(
            "The prior conditions on the ground-truth label, so the soft labels are p(y given observed and label): do "
            "not rank them by label scores against priors that do not see it."
        )
    if rows_above_target:
        found.append(
            f"{rows_above_target} of {rows} rows did not reach the target within "
            "largest_draws: raise it, or the target."
        )
    return tuple(found)
