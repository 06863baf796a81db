"""What compared processes have to share, and the parts of them that are fitted once for all."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._lazy import jax
from ..errors import InputError, Problems
from ..feature_laws import FeatureLaw
from ..ground_truth import GroundTruth, GroundTruthFunction
from ..priors import Prior, Reference
from ..process import FittedProcess, Process, report_problems
from ..process.fitted import reference_rows
from ..randomness import site_key
from ..table import Table


@dataclasses.dataclass(frozen=True, eq=False)
class Ground:
    """The table with its ground truth, and the rows as priors see them.

    Rows that miss a value have no label and no hidden features to be judged by: priors learn from them, and they are
    left out of everything else.
    """

    process: Process
    table: Table
    function: GroundTruthFunction
    reference: Reference

    @functools.cached_property
    def judged(self) -> np.ndarray:
        """Places of the rows that miss no value."""
        return complete_places(self.table)

    @property
    def labels(self) -> np.ndarray:
        """Codes of the ground truth, (rows,); of rows that miss a value they mean nothing."""
        return self.reference.labels

    @property
    def values(self) -> np.ndarray:
        """What is resampled of each row, (rows, resampled): the hidden features, then those that some rows miss."""
        return self.reference.resampled

    def fitted(self, prior: Prior, places: np.ndarray, key: Any) -> FittedProcess:
        """The process with this prior fitted to the rows at `places`; it can be asked about all rows."""
        with jax.enable_x64(True):
            made = prior.fit(self.reference.take(places), site_key(key, "fit.prior"))
        process = dataclasses.replace(self.process, prior=prior)
        ids = self.table.row_ids[places]
        return FittedProcess(process, self.table, self.function, self.labels, made, (), ids)


def ground_of(processes: Mapping[str, Process], table: Table) -> Ground:
    """The parts that the processes share, once they are known to share them and to fit the table; noise is left out."""
    first = dataclasses.replace(next(iter(processes.values())), noise=())
    return ground_with(first, table, *labelled(first.ground_truth, table))


def ground_with(process: Process, table: Table, function: GroundTruthFunction, labels: np.ndarray) -> Ground:
    """The parts, with what `labelled` returned."""
    return Ground(process, table, function, reference_rows(process.hidden, table, labels, function.classes))


def labelled(ground_truth: GroundTruth, table: Table) -> tuple[GroundTruthFunction, np.ndarray]:
    """The function, fitted to the rows that miss no value, and its codes of them, (rows,); 0 of the other rows."""
    judged, labels = complete_places(table), np.zeros(table.num_rows, np.int64)
    with jax.enable_x64(True):
        function = ground_truth.fit(table.take(judged))
        labels[judged] = np.asarray(function.labels(table.features[judged]))
    return function, labels


def complete_places(table: Table) -> np.ndarray:
    """Places of the rows that miss no value."""
    return np.flatnonzero(~np.isnan(table.features).any(1))


def require_comparable(
    processes: Mapping[str, Process], table: Table, folds: int, truth: FeatureLaw | None = None
) -> None:
    """Raise an `InputError` with everything that keeps the processes from being compared on the table."""
    if len(processes) < 2:
        raise InputError(f"`processes` must be at least two to compare; got {len(processes)}: add another prior.")
    problems = Problems()
    _report_parts(processes, problems)
    most, rows = len(complete_places(table)) // 2, "rows that miss no value" if table.missing() else "rows"
    if isinstance(folds, bool) or not isinstance(folds, int | np.integer) or not 2 <= folds <= most:
        problems.add(f"`folds` must be a whole number from 2 to half the number of {rows}, {most}; got {folds!r}.")
    problems.raise_if_any()
    everything = dict(processes)
    if truth is not None:
        everything["truth"] = dataclasses.replace(next(iter(processes.values())), prior=truth)
    for name, process in everything.items():
        for sentence in report_problems(dataclasses.replace(process, noise=()), table).sentences:
            problems.add(f"{name}: {sentence}")
    problems.raise_if_any()


def _report_parts(processes: Mapping[str, Process], problems: Problems) -> None:
    """Ground truth and hidden features have to agree, priors to differ."""
    (first, one), *others = processes.items()
    for name, process in others:
        for part in ("hidden", "ground_truth"):
            ours, theirs = getattr(one, part), getattr(process, part)
            if ours != theirs:
                problems.add(
                    f"`processes` must share their {part.replace('_', ' ')}; {first!r} has {ours!r} and {name!r} has "
                    f"{theirs!r}: compare them in runs of their own."
                )
    seen: dict[str, Prior] = {}
    for name, process in processes.items():
        for other, prior in seen.items():
            if prior == process.prior:
                problems.add(
                    f"`processes` must differ in their priors; {other!r} and {name!r} have the same: drop one."
                )
        seen[name] = process.prior
        if process.prior.needs_own_values:
            problems.add(
                f"{name!r}: the prior {process.prior.kind!r} is around each row's own hidden features, and rows are "
                "judged by fits that did not see theirs: leave it out of the comparison."
            )
