"""The reports of chunks of rows become that of all rows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..observations import ObservationReport
from ..process import Generated
from ..soft_labels import without_settled
from .making import warnings_of
from .record import NodeReport, Report, from_plain, to_plain

_MEANS = ("mean_entropy", "mean_total_variation", "plurality_accuracy", "plurality_accuracy_tie_aware")
_MEANS += ("certain_fraction", "changed_from_drawn", "changed_from_ground_truth")
_SUMS = ("rows", "exact_rows", "evaluations", "rows_above_target")
_NODE_MEANS = ("expected_rate", "realised_rate", "mean_total_variation", "plurality_change", "row_dominant")


class ChunkReport(NamedTuple):
    """The report of a chunk, and how many labels each class had before each node, (nodes, classes)."""

    report: Report
    before: tuple[tuple[int, ...], ...]

    def to_plain(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return {"report": to_plain(self.report), "before": [list(counts) for counts in self.before]}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ChunkReport:
        """Back from `to_plain`."""
        return cls(from_plain(plain["report"]), tuple(tuple(counts) for counts in plain["before"]))


def chunk_report(report: Report, generated: Generated) -> ChunkReport:
    """What the report of all rows needs of this chunk."""
    counts = [np.bincount(entry.before, minlength=len(report.classes)) for entry in generated.ledger]
    return ChunkReport(report, tuple(tuple(own.tolist()) for own in counts))


def total(
    chunks: Sequence[ChunkReport], *, conditions_on_label: bool, reference_rows: int, cautions: Sequence[str] = ()
) -> Report:
    """The report of the rows of all chunks; means are the means of the rows, up to rounding.

    Args:
        chunks: at least one.
        conditions_on_label: whether the prior does.
        reference_rows: how many rows the process was fitted to.
        cautions: sentences on the fit, which become warnings.
    """
    reports = [chunk.report for chunk in chunks]
    first, sizes = reports[0], [report.rows for report in reports]
    sums = {name: sum(getattr(report, name) for report in reports) for name in _SUMS}
    means = {name: _mean([getattr(report, name) for report in reports], sizes) for name in _MEANS}
    nodes = [_node(chunks, place, sizes) for place in range(len(first.noise))]
    return dataclasses.replace(
        first,
        **sums,
        **means,
        soft_labels=_method(reports, sums["exact_rows"], sums["rows"]),
        largest_standard_error=max(report.largest_standard_error for report in reports),
        noise=tuple(nodes),
        warnings=(*warnings_of(conditions_on_label, sums["rows_above_target"], sums["rows"]), *cautions),
        observation=_observation(reports, sizes),
        reference_rows=reference_rows,
    )


def _mean(values: Sequence[float], sizes: Sequence[int]) -> float:
    return math.fsum(value * size for value, size in zip(values, sizes, strict=True)) / sum(sizes)


def _method(reports: Sequence[Report], exact: int, rows: int) -> str:
    methods = {without_settled(report.soft_labels) for report in reports}
    method = "; or ".join(sorted(methods))
    some = any(report.soft_labels not in methods for report in reports)
    return f"{method}; {exact:,} of {rows:,} rows settled without one" if some else method


def _node(chunks: Sequence[ChunkReport], place: int, sizes: Sequence[int]) -> NodeReport:
    nodes = [chunk.report.noise[place] for chunk in chunks]
    counts = [chunk.before[place] for chunk in chunks]
    means = {name: _mean([getattr(node, name) for node in nodes], sizes) for name in _NODE_MEANS}
    return nodes[0]._replace(
        **means,
        condition_number=max(node.condition_number for node in nodes),
        smallest_singular_value=min(node.smallest_singular_value for node in nodes),
        expected_by_class=_by_class([node.expected_by_class for node in nodes], counts),
        realised_by_class=_by_class([node.realised_by_class for node in nodes], counts),
    )


def _by_class(values: Sequence[Sequence[float | None]], counts: Sequence[Sequence[int]]) -> tuple[float | None, ...]:
    """Means within each class; None of a class without rows."""
    found: list[float | None] = []
    for own, sizes in zip(zip(*values, strict=True), zip(*counts, strict=True), strict=True):
        number = sum(sizes)
        parts = [value * size for value, size in zip(own, sizes, strict=True) if value is not None]
        found.append(math.fsum(parts) / number if number else None)
    return tuple(found)


def _observation(reports: Sequence[Report], sizes: Sequence[int]) -> ObservationReport | None:
    found = [report.observation for report in reports if report.observation is not None]
    if not found:
        return None
    means = {name: _mean([getattr(own, name) for own in found], sizes) for name in ("observed", "missing", "mean_size")}
    return found[0]._replace(**means, ambiguity=max(own.ambiguity for own in found))
