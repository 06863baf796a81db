"""What a run came to: its soft labels, its noise and its hard labels in numbers, as a record, plain values and text."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import metrics
from ._lazy import jax
from .annotators import VotesReport, votes_report
from .observations import ObservationReport, observation_report
from .process import FittedProcess, Generated, Ledger

_WIDTH = 100


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
    """

    title: str
    rows: int
    classes: tuple[str, ...]
    hidden: tuple[str, ...]
    missing_values: int
    incomplete_rows: int
    prior: str
    soft_labels: str
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
    )


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
    found = []
    if fitted.process.prior.conditions_on == "observed_and_label":
        found.append(
            "The prior conditions on the ground-truth label, so the soft labels are p(y given observed and label): do "
            "not rank them by label scores against priors that do not see it."
        )
    missed = int((~generated.soft.reached).sum())
    if missed:
        found.append(
            f"{missed} of {len(generated.soft.reached)} rows did not reach the target standard error within "
            "largest_draws: raise it, or the target."
        )
    return tuple(found)


# --- plain values -----------------------------------------------------------------------------------


def to_plain(report: Report) -> dict[str, Any]:
    """The report as what JSON can hold; an infinite condition number is the text "inf"."""
    plain = {field.name: _plain(getattr(report, field.name)) for field in dataclasses.fields(report)}
    votes = None if report.votes is None else report.votes._asdict()
    observation = None if report.observation is None else report.observation._asdict()
    noise = [_node_to_plain(node) for node in report.noise]
    return {**plain, "noise": noise, "votes": votes, "observation": observation}


def _node_to_plain(node: NodeReport) -> dict[str, Any]:
    return {name: "inf" if value == math.inf else value for name, value in node._asdict().items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def from_plain(plain: Mapping[str, Any]) -> Report:
    """The report back from `to_plain`; keys that are none of its fields are left aside."""
    later = {"votes": VotesReport, "observation": ObservationReport}  # older results have none
    known = {field.name: plain[field.name] for field in dataclasses.fields(Report) if field.name not in later}
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    for name, record in later.items():
        values = plain.get(name)
        made[name] = None if values is None else record(**values)
    return Report(**{**made, "noise": tuple(_node_from_plain(node) for node in plain["noise"])})


def _node_from_plain(node: Mapping[str, Any]) -> NodeReport:
    values: dict[str, Any] = {name: math.inf if node[name] == "inf" else node[name] for name in NodeReport._fields}
    return NodeReport(**values)


# --- text -------------------------------------------------------------------------------------------


def to_text(report: Report) -> str:
    """A summary for the screen, about 25 lines; long texts are wrapped and long lists cut."""
    shown = [report.title] if report.title else []
    for name, text in _lines(report):
        shown += textwrap.wrap(
            text, _WIDTH, initial_indent=f"{name:<15}", subsequent_indent=" " * 15, break_long_words=False
        )
    shown += _noise_table(report.noise)
    start = "the ground truth" if report.hard_from == "ground_truth" else "a label drawn from the soft label"
    shown += _aligned("hard labels", f"start at {start}; {report.changed_from_drawn:.4f} of them differ from that,")
    shown += _aligned("", f"{report.changed_from_ground_truth:.4f} from the ground truth")
    shown += _votes_lines(report.votes)
    shown += _observation_lines(report.observation)
    for sentence in report.warnings:
        shown += textwrap.wrap(f"warning: {sentence}", _WIDTH, subsequent_indent="  ")
    return "\n".join(shown)


def _lines(report: Report) -> list[tuple[str, str]]:
    missed = f" ({report.rows_above_target} rows above the target)" if report.rows_above_target else ""
    accuracy = f"{report.plurality_accuracy:.4f} (ties to the lowest class; "
    accuracy += f"{report.plurality_accuracy_tie_aware:.4f} with ties shared)"
    return [
        ("rows", f"{report.rows:,}"),
        ("classes", f"{len(report.classes)}: {_listed(report.classes)}"),
        ("hidden", f"{len(report.hidden)}: {_listed(report.hidden)}"),
        *_missing_line(report),
        ("prior", report.prior),
        ("soft labels", report.soft_labels),
        ("  precision", f"largest standard error {report.largest_standard_error:.2g}{missed}"),
        ("  entropy", f"mean {report.mean_entropy:.4f} nats; {report.certain_fraction:.1%} of rows are certain"),
        ("  distance", f"mean total variation to the ground truth {report.mean_total_variation:.4f}"),
        ("  plurality", f"accuracy {accuracy}"),
    ]


def _missing_line(report: Report) -> list[tuple[str, str]]:
    if not report.missing_values:
        return []
    text = (
        f"{report.missing_values:,} values in {report.incomplete_rows:,} rows; the ground truth has one draw of each, "
        "soft labels average over them"
    )
    return [("missing", text)]


def _votes_lines(votes: VotesReport | None) -> list[str]:
    if votes is None:
        return []
    span = f"{votes.fewest_a_row} to {votes.most_a_row}" if votes.fewest_a_row < votes.most_a_row else votes.most_a_row
    silent = f", {votes.silent_annotators} of them without a vote" if votes.silent_annotators else ""
    start = "the row's noisy hard label" if votes.labels_from == "shared" else "a label of their own each"
    right, true = _number(votes.accuracy_from_start), _number(votes.accuracy_from_ground_truth)
    together = f"{_number(votes.pairwise_agreement)} of the pairs of votes of a row agree; "
    together += f"{_number(votes.unanimity)} of rows are unanimous"
    return [
        *_aligned("annotators", f"{votes.annotators}{silent}; {votes.votes:,} votes, {span} a row, from {start}"),
        *_aligned(
            "  accuracy", f"mean {right} against the label that they start from, {true} against the ground truth"
        ),
        *_aligned("  agreement", together),
        *_aligned("  plurality", f"accuracy {_number(votes.plurality_accuracy)} (ties to the lowest class)"),
    ]


def _observation_lines(observation: ObservationReport | None) -> list[str]:
    if observation is None:
        return []
    what = f"{observation.observed:.1%} of rows have one class, {observation.missing:.1%} all (missing)"
    size = f"mean size {observation.mean_size:.4f}; a wrong class comes along with probability "
    return [
        *_aligned("observed sets", what),
        *_aligned("  ambiguity", f"{size}{observation.ambiguity:.4f} at most"),
    ]


def _aligned(name: str, text: str) -> list[str]:
    return [f"{name:<15}{text}"]


def _listed(names: tuple[str, ...], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


_HEADINGS = ("nominal", "expected", "realised", "MTVD", "plurality", "condition", "least sv", "dominant")


def _noise_table(nodes: tuple[NodeReport, ...]) -> list[str]:
    """A line a node, numbers under their headings."""
    if not nodes:
        return _aligned("noise", "none")
    width = max(13, *(len(node.name) for node in nodes))
    headings = "".join(f"{heading:>10}" for heading in _HEADINGS)
    rows = [f"  {node.name:<{width}}{''.join(f'{_number(value):>10}' for value in node[1:])}" for node in nodes]
    return [f"{'noise':<{width + 2}}{headings}", *rows]


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return "inf" if math.isinf(value) else f"{value:.4f}" if value < 1000 else f"{value:.3g}"
