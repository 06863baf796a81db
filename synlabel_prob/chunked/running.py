"""A run chunk by chunk of a table that is larger than the memory, which goes on where it was interrupted."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .. import inspection, process, report, store
from .._lazy import jax
from ..chunks import ChunkedTable, scan
from ..datasets import Provenance
from ..errors import InputError
from ..sources import file_sha256
from ..spec import Spec, to_toml, with_paths
from ..table import Table
from .refusals import report_problems

Say = Callable[[str], None]


class Chunk(NamedTuple):
    """Rows as an Arrow table, and their report."""

    rows: Any
    report: report.ChunkReport


@dataclasses.dataclass(frozen=True, eq=False)
class ChunkedRun:
    """A process fitted to the reference rows of a table, ready to label any of its rows.

    Attributes:
        spec: what runs; its `data.path` leads to the table from `base_directory`.
        text: the spec as TOML, without a place of the table on this machine.
        table: the table.
        fitted: the process, on the reference rows.
        cautions: sentences on its fit.
        hashes: SHA-256 of the files that it reads: `input_sha256`, the table's, and `model_sha256` of a saved model.
        memory_budget: bytes for the evaluation of soft labels.
    """

    spec: Spec
    text: str
    table: ChunkedTable
    fitted: process.FittedProcess
    cautions: tuple[str, ...]
    hashes: dict[str, str | None]
    memory_budget: int

    def number(self, chunk_rows: int) -> int:
        """How many chunks the table has."""
        return -(-self.table.num_rows // chunk_rows)

    def chunks(self, chunk_rows: int, first: int = 0, progress: Any = None) -> Iterator[Chunk]:
        """The chunks from number `first` on; a row's bytes do not depend on the size of its chunk.

        `progress(done, total)` is told of chunks.

        Raises:
            InputError: a row holds what a table cannot.
        """
        number = self.number(chunk_rows)
        for place, table in enumerate(self.table.chunks(chunk_rows, first * chunk_rows), first):

            def within(done: int, total: int, place: int = place) -> None:
                if progress is not None:
                    progress(place + done / total, number)

            yield self._chunk(table, within)

    def _chunk(self, table: Table, progress: Any) -> Chunk:
        spec, key = self.spec, jax.random.key(self.spec.seed)
        fitted = self.fitted.on(table)
        origin = Provenance(tomllib.loads(self.text), spec.seed, store.versions(), self.hashes["input_sha256"])
        options: Any = {"memory_budget": self.memory_budget, "progress": progress}
        made = process.generate_by_row(fitted, key, spec.soft_labels, provenance=origin, **options)
        own = report.chunk_report(report.report(fitted, made, title=spec.title), made)
        return Chunk(store.to_arrow(store.result_frame(fitted, made), fitted), own)

    def total(self, reports: list[report.ChunkReport]) -> report.Report:
        """The report of all chunks."""
        prior, rows = self.spec.process.prior, self.fitted.table.num_rows
        on_label = prior.conditions_on == "observed_and_label"
        return report.total(reports, conditions_on_label=on_label, reference_rows=rows, cautions=self.cautions)


def prepare(
    spec: Spec,
    base_directory: str | Path,
    *,
    chunk_rows: int,
    reference_rows: int,
    allow_outside: bool,
    progress: Any,
    strict: bool = False,
    memory_budget: int = 2**30,
) -> ChunkedRun:
    """Look the table through, and fit the process to its reference rows.

    Raises:
        InputError: a part needs all rows at once, the table cannot be read in chunks, or the process does not fit it.
    """
    report_problems(spec.process).raise_if_any()
    described = with_paths(spec, base_directory, allow_outside=allow_outside).process
    progress.stage("looking through the table")
    options: Any = {"allow_outside": allow_outside, "reference_rows": reference_rows, "rows": chunk_rows}
    table = scan(spec.data, base_directory, **options)
    model = described.ground_truth.file
    hashes = {"input_sha256": file_sha256(table.path), "model_sha256": None if model is None else file_sha256(model)}
    progress.stage("fitting")
    key = jax.random.key(spec.seed)
    fitted = process.fit(described, table.reference, key)
    store.result_names(fitted)
    fitted = process.fixed_on_own_rows(fitted, key, spec.soft_labels, memory_budget=memory_budget)
    cautions = inspection.cautions(fitted, key)
    if strict and cautions:
        raise InputError("\n".join((*cautions, "Nothing was written, because of `--strict`.")))
    return ChunkedRun(spec, to_toml(spec), table, fitted, cautions, hashes, memory_budget)


def generate(run: ChunkedRun, target: Path, *, chunk_rows: int, force: bool, say: Say, progress: Any) -> report.Report:
    """Label chunk after chunk beside the result's directory, then put them together there, all or nothing.

    Args:
        run: what `prepare` made.
        target: the directory of the result, from `store.check_output`.
        chunk_rows: rows of a chunk, at least 1; they decide what is in the memory at once.
        force: replace a result that is there, and chunks that another run has left.
        say: is told, in a sentence, how many chunks are there already, and how many stay after a keyboard's interrupt.
        progress: shows how far the run is.

    Raises:
        InputError: chunks of another run are there and `force` is not set, the table changed meanwhile, or something
            cannot be written; chunks that are complete stay.
    """
    number = run.number(chunk_rows)
    with store.Parts.opened(target, number, _manifest(run, chunk_rows), anew=force) as parts:
        if done := parts.done:
            say(f"resuming: {done} of {number} chunks are there")
        progress.stage("soft labels")
        try:
            for place, chunk in enumerate(run.chunks(chunk_rows, done, progress), done):
                parts.add(place, chunk.rows, chunk.report.to_plain())
        except KeyboardInterrupt:
            say(f"interrupted: {parts.done} of {number} chunks stay, and the same command goes on with them")
            raise
        run.table.check_unchanged()
        progress.stage("writing")
        made = run.total([report.ChunkReport.from_plain(it) for it in parts.about()])
        files = store.chunked_files(run.fitted, parts, made, spec=run.text, **run.hashes)
        store.write_result(target, files, force=force)
        parts.remove()
    return made


def _manifest(run: ChunkedRun, chunk_rows: int) -> dict[str, Any]:
    return {
        "the spec": hashlib.sha256(run.text.encode()).hexdigest(),
        "the table's SHA-256": run.hashes["input_sha256"],
        "the model's SHA-256": run.hashes["model_sha256"],
        "chunk_rows": chunk_rows,
        "reference_rows": run.fitted.table.num_rows,
        **{f"the version of {name}": version for name, version in store.versions().items()},
    }
