"""The report of a run for the screen."""

from __future__ import annotations

import math
import textwrap
from typing import Any

from ..annotators import VotesReport
from ..feature_noise import FeatureReport
from ..observations import ObservationReport
from .record import NodeReport, Report

_WIDTH = 100
_HEADINGS = ("nominal", "expected", "realised", "MTVD", "plurality", "condition", "least sv", "dominant")
_MOST_CLASSES = 6
_MOST_FEATURES = 5


def to_text(report: Report) -> str:
    """A summary for the screen, about 25 lines; long texts are wrapped and long lists cut."""
    shown = [report.title] if report.title else []
    for name, text in _lines(report):
        shown += textwrap.wrap(
            text, _WIDTH, initial_indent=f"{name:<15}", subsequent_indent=" " * 15, break_long_words=False
        )
    shown += _noise_table(report.noise)
    shown += _class_table(report.noise, report.classes)
    start = "the ground truth" if report.hard_from == "ground_truth" else "a label drawn from the soft label"
    shown += _aligned("hard labels", f"start at {start}; {report.changed_from_drawn:.4f} of them differ from that,")
    shown += _aligned("", f"{report.changed_from_ground_truth:.4f} from the ground truth")
    shown += _votes_lines(report.votes)
    shown += _observation_lines(report.observation)
    shown += _feature_table(report.feature_noise)
    for sentence in report.warnings:
        shown += textwrap.wrap(f"warning: {sentence}", _WIDTH, subsequent_indent="  ")
    return "\n".join(shown)


def _lines(report: Report) -> list[tuple[str, str]]:
    accuracy = f"{report.plurality_accuracy:.4f} (ties to the lowest class; "
    accuracy += f"{report.plurality_accuracy_tie_aware:.4f} with ties shared)"
    return [
        ("rows", f"{report.rows:,}"),
        *_reference_line(report),
        ("classes", f"{len(report.classes)}: {_listed(report.classes)}"),
        ("hidden", f"{len(report.hidden)}: {_listed(report.hidden)}"),
        *_missing_line(report),
        ("prior", report.prior),
        ("soft labels", report.soft_labels),
        ("  precision", f"{_precision(report)}; {report.evaluations:,} evaluations in all"),
        ("  entropy", f"mean {report.mean_entropy:.4f} nats; {report.certain_fraction:.1%} of rows are certain"),
        ("  distance", f"mean total variation to the ground truth {report.mean_total_variation:.4f}"),
        ("  plurality", f"accuracy {accuracy}"),
    ]


def _precision(report: Report) -> str:
    if report.exact_rows == report.rows:
        return "no Monte Carlo error"
    missed = f" ({report.rows_above_target} rows above the target)" if report.rows_above_target else ""
    exact = f"; {report.exact_rows:,} rows exact" if report.exact_rows else ""
    return f"largest standard error {report.largest_standard_error:.2g}{missed}{exact}"


def _reference_line(report: Report) -> list[tuple[str, str]]:
    if report.reference_rows is None:
        return []
    which = ", those with the smallest hashes of their ids" if report.reference_rows < report.rows else ""
    text = f"{report.reference_rows:,} rows{which}; the learned function, the prior and target rates are theirs"
    return [("fitted to", text)]


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


def _feature_table(features: tuple[FeatureReport, ...]) -> list[str]:
    """A line for each of the first features, numbers under their headings."""
    if not features:
        return []
    few, more = features[:_MOST_FEATURES], len(features) - _MOST_FEATURES
    width = max(13, *(len(it.feature[:30]) for it in few))
    headings = "".join(f"{heading:>10}" for heading in ("changed", "lost", "error sd"))
    shown = ["".join(f"{_number(value):>10}" for value in it[1:]) for it in few]
    rows = [f"  {it.feature[:30]:<{width}}{own}" for it, own in zip(few, shown, strict=True)]
    last = [f"  and {more} more features, in summary.json"] if more > 0 else []
    first = f"{'feature noise':<{width + 2}}{headings}  (sd in those of the feature)"
    return [first, *rows, *last]


def _aligned(name: str, text: str) -> list[str]:
    return [f"{name:<15}{text}"]


def _listed(names: tuple[str, ...], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _noise_table(nodes: tuple[NodeReport, ...]) -> list[str]:
    """A line a node, numbers under their headings."""
    if not nodes:
        return _aligned("noise", "none")
    width = max(13, *(len(node.name) for node in nodes))
    headings = "".join(f"{heading:>10}" for heading in _HEADINGS)
    numbers: list[list[Any]] = [list(node[1 : 1 + len(_HEADINGS)]) for node in nodes]
    shown = ["".join(f"{_number(value):>10}" for value in own) for own in numbers]
    rows = [f"  {node.name:<{width}}{own}" for node, own in zip(nodes, shown, strict=True)]
    return [f"{'noise':<{width + 2}}{headings}", *rows]


def _class_table(nodes: tuple[NodeReport, ...], classes: tuple[str, ...]) -> list[str]:
    """A line a node: of each class, the share of its labels that changed, and in brackets what was expected."""
    nodes = tuple(node for node in nodes if node.realised_by_class)
    if not nodes or len(classes) > _MOST_CLASSES:
        return []
    width = max(13, *(len(node.name) for node in nodes))
    headings = "".join(f"{name[:15]:>17}" for name in classes)
    rows = [f"  {node.name:<{width}}{''.join(f'{_pair(*pair):>17}' for pair in _pairs(node))}" for node in nodes]
    return [f"{'  by class':<{width + 2}}{headings}", *rows]


def _pairs(node: NodeReport) -> list[tuple[float | None, float | None]]:
    return list(zip(node.realised_by_class, node.expected_by_class, strict=True))


def _pair(realised: float | None, expected: float | None) -> str:
    return f"{_number(realised)} ({_number(expected)})"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return "inf" if math.isinf(value) else f"{value:.4f}" if value < 1000 else f"{value:.3g}"
