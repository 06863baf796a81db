"""The report of a run as a record, and as what JSON can hold."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..annotators import VotesReport
from ..feature_noise import FeatureReport
from ..observations import ObservationReport


class NodeReport(NamedTuple):
    """One noise node in numbers.

    Attributes:
        name: the node's.
        nominal_rate: the share of changed labels that its parameters state; None where they state none.
        expected_rate: mean probability that it changes a label drawn from the soft label before it; exact given that.
        realised_rate: share of the hard labels that it did change; a sample.
        mean_total_variation: mean distance between the soft labels before and after it.
        plurality_change: share of rows whose most likely class is none of those before.
        condition_number: of its transition; the largest of any row where rows have their own.
        smallest_singular_value: the smallest of any row.
        row_dominant: share of rows in which every class is likelier kept than changed into any one other class.
        expected_by_class: of the hard labels of each class before it, the mean probability of a change; None where
            there are none. In the order of the classes.
        realised_by_class: of the same labels, the share that it did change.
    """

    name: str
    nominal_rate: float | None
    expected_rate: float
    realised_rate: float
    mean_total_variation: float
    plurality_change: float
    condition_number: float
    smallest_singular_value: float
    row_dominant: float
    expected_by_class: tuple[float | None, ...] = ()
    realised_by_class: tuple[float | None, ...] = ()


@dataclasses.dataclass(frozen=True)
class Report:
    """A run in numbers; entropies in nats, soft labels before any noise unless said otherwise.

    Attributes:
        title: of the spec.
        rows: how many.
        classes: as text, in the order of the codes.
        hidden: names of the hidden features.
        missing_values: how many values the table misses; each is drawn once for the ground truth.
        incomplete_rows: rows that miss one.
        prior: the prior and how it was fitted, in words.
        soft_labels: how the soft labels were computed, in words.
        exact_rows: rows whose soft labels have no Monte Carlo error.
        evaluations: of the ground truth, for all soft labels.
        largest_standard_error: of any soft label; 0 where they are exact.
        rows_above_target: rows that did not reach the target standard error; 0 without one.
        mean_entropy: mean over the rows.
        mean_total_variation: mean distance to the ground truth (MTVD).
        plurality_accuracy: share of rows whose most likely class is the ground truth's; ties to the lowest code.
        plurality_accuracy_tie_aware: the same, a tie of m classes earning 1 / m.
        certain_fraction: share of rows in which one class has all the probability.
        noise: a report for each node.
        hard_from: where the hard labels start.
        changed_from_drawn: share of noisy hard labels that differ from the label that was drawn from the soft label.
        changed_from_ground_truth: share of noisy hard labels that differ from the ground truth.
        warnings: a sentence each.
        votes: a report of the annotators' votes, where there are any.
        observation: a report of the observed sets, where labels are not recorded as they are.
        feature_noise: a report for each feature that is recorded with noise.
        reference_rows: how many rows the process was fitted to, where rows were generated in chunks; None where it was
            all of them at once.
    """

    title: str
    rows: int
    classes: tuple[str, ...]
    hidden: tuple[str, ...]
    missing_values: int
    incomplete_rows: int
    prior: str
    soft_labels: str
    exact_rows: int
    evaluations: int
    largest_standard_error: float
    rows_above_target: int
    mean_entropy: float
    mean_total_variation: float
    plurality_accuracy: float
    plurality_accuracy_tie_aware: float
    certain_fraction: float
    noise: tuple[NodeReport, ...]
    hard_from: str
    changed_from_drawn: float
    changed_from_ground_truth: float
    warnings: tuple[str, ...]
    votes: VotesReport | None = None
    observation: ObservationReport | None = None
    feature_noise: tuple[FeatureReport, ...] = ()
    reference_rows: int | None = None


# --- plain values ---------------------------------------------------------------------------------------------------


def to_plain(report: Report) -> dict[str, Any]:
    """The report as what JSON can hold; an infinite condition number is the text "inf"."""
    plain = {field.name: _plain(getattr(report, field.name)) for field in dataclasses.fields(report)}
    votes = None if report.votes is None else report.votes._asdict()
    observation = None if report.observation is None else report.observation._asdict()
    noise = [_node_to_plain(node) for node in report.noise]
    features = [feature._asdict() for feature in report.feature_noise]
    return {**plain, "noise": noise, "votes": votes, "observation": observation, "feature_noise": features}


def _node_to_plain(node: NodeReport) -> dict[str, Any]:
    return {name: "inf" if value == math.inf else _plain(value) for name, value in node._asdict().items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def from_plain(plain: Mapping[str, Any]) -> Report:
    """The report back from `to_plain`; keys that are none of its fields are left aside."""
    later = {"votes": VotesReport, "observation": ObservationReport}  # older results have none
    features = tuple(FeatureReport(**feature) for feature in plain.get("feature_noise", ()))
    newer = {*later, "feature_noise"}
    every = [field.name for field in dataclasses.fields(Report) if field.name not in newer]
    known = {name: plain.get(name) if name == "reference_rows" else plain[name] for name in every}
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    for name, record in later.items():
        values = plain.get(name)
        made[name] = None if values is None else record(**values)
    noise = tuple(_node_from_plain(node) for node in plain["noise"])
    return Report(**{**made, "noise": noise, "feature_noise": features})


def _node_from_plain(node: Mapping[str, Any]) -> NodeReport:
    values: dict[str, Any] = {name: math.inf if value == "inf" else value for name, value in node.items()}
    made: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in values.items()}
    return NodeReport(**{name: value for name, value in made.items() if name in NodeReport._fields})
