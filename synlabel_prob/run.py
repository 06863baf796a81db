"""A spec becomes a result on disk, and a result is computed again and compared."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from . import chunked, inspection, process, store
from ._lazy import jax
from .chunks import DEFAULT_CHUNK_ROWS, DEFAULT_REFERENCE_ROWS
from .datasets import Provenance
from .errors import InputError
from .report import Report, report
from .sources import data_path, file_sha256, read_table
from .spec import Spec, from_toml, to_toml, with_paths
from .store.directory import Content, put
from .store.frame import read_parquet
from .store.result import split_spec

_BUDGET = 2**30


def generate(
    spec: Spec,
    out: str | Path,
    *,
    base_directory: str | Path = ".",
    allow_outside: bool = False,
    force: bool = False,
    strict: bool = False,
    memory_budget: int = _BUDGET,
    progress: Progress | None = None,
    chunk_rows: int | None = None,
    reference_rows: int = DEFAULT_REFERENCE_ROWS,
    say: Callable[[str], None] | None = None,
) -> Report:
    """Run a spec and write its result, all or nothing; equal specs give equal bytes on one type of machine.

    Args:
        spec: what to run.
        out: the directory of the result.
        base_directory: the folder that the spec's `data.path` is relative to, and the path of a saved model.
        allow_outside: these come from the user rather than from a file, so they may lead anywhere.
        force: replace a result that is there, once the new one is complete.
        strict: refuse a fit that should not be trusted, instead of warning of it.
        memory_budget: bytes for the evaluation of soft labels; it changes no bit of the result.
        progress: shows how far the run is.
        chunk_rows: read a Parquet table in chunks of so many rows, never whole, and go on where such a run was
            interrupted; it changes no bit of the dataset.
        reference_rows: with `chunk_rows`, the process is fitted to so many rows, those with the smallest hashes of
            their ids; to all where there are fewer.
        say: is told in a sentence how many chunks an interrupted run has left.

    Raises:
        InputError: the result cannot be written there, the fit should not be trusted and `strict` is
            set, or the spec does not fit its table; nothing is left behind, but complete chunks. With `chunk_rows`, a
            part needs all rows at once.
    """
    target = store.check_output(out, force=force)
    text = to_toml(spec)
    with progress or Progress(stream=None) as shown:
        if chunk_rows is not None:
            given: Any = {"allow_outside": allow_outside, "strict": strict, "memory_budget": memory_budget}
            for name, number in (("chunk_rows", chunk_rows), ("reference_rows", reference_rows)):
                _check_count(name, number)
            given |= {"chunk_rows": chunk_rows, "reference_rows": reference_rows, "progress": shown}
            ready = chunked.prepare(spec, base_directory, **given)
            options: Any = {"chunk_rows": chunk_rows, "force": force, "say": say or _silent, "progress": shown}
            return chunked.generate(ready, target, **options)
        made, files = _computed(spec, text, base_directory, allow_outside, memory_budget, shown, strict=strict)
        shown.stage("writing")
        store.write_result(out, files, force=force)
    return made


def _check_count(name: str, number: Any) -> None:
    if not isinstance(number, int) or number < 1:
        raise InputError(f"`{name}` must be a whole number of at least 1; got {number!r}.")


def _silent(sentence: str) -> None:
    """Nobody listens."""


def _computed(
    spec: Spec,
    text: str,
    base_directory: str | Path,
    allow_outside: bool,
    memory_budget: int,
    progress: Progress,
    *,
    strict: bool = False,
) -> tuple[Report, dict[str, Content]]:
    """The report and the files of a run."""
    progress.stage("reading the table")
    spec = with_paths(spec, base_directory, allow_outside=allow_outside)
    table = read_table(spec.data, base_directory, allow_outside=allow_outside)
    given = None
    if spec.data.path is not None:
        given = file_sha256(data_path(spec.data, base_directory, allow_outside=allow_outside))
    progress.stage("fitting")
    key = jax.random.key(spec.seed)
    fitted = process.fit(spec.process, table, key)
    store.result_names(fitted)  # refuses names that collide, before the long part
    cautions = inspection.cautions(fitted, key)
    if strict and cautions:
        raise InputError("\n".join((*cautions, "Nothing was written, because of `--strict`.")))
    progress.stage("soft labels")
    origin = Provenance(tomllib.loads(text), spec.seed, store.versions(), given)
    options = {"provenance": origin, "memory_budget": memory_budget, "progress": progress}
    generated = process.generate(fitted, key, spec.soft_labels, **options)
    progress.stage("gathering")
    made = report(fitted, generated, title=spec.title, cautions=cautions)
    netcdf = inspection.to_netcdf(inspection.to_datatree(fitted, generated, key, title=spec.title))
    model = spec.process.ground_truth.file
    hashes = {"input_sha256": given, "model_sha256": None if model is None else file_sha256(model)}
    return made, store.result_files(fitted, generated, made, spec=text, netcdf=netcdf, **hashes)


# --- verify -----------------------------------------------------------------------------------------


def verify(
    directory: str | Path, *, data_path: str | Path | None = None, progress: Progress | None = None
) -> list[str]:
    """Check the hashes of a result, then compute it again from its stored spec and seed, in chunks where it was so.

    Args:
        directory: the result's.
        data_path: where the table's file is now; found by itself where the spec's path still leads to it.
        progress: shows how far the run is.

    Returns:
        What differs, a sentence each; none where the result is the same.

    Raises:
        InputError: it is not a result, or its table is not to be found.
    """
    directory = Path(directory)
    changed = changed_files(directory)
    if changed:
        return changed
    placed, text, provenance = stored_spec(directory, data_path)
    with progress or Progress(stream=None) as shown:
        if "reference_rows" in provenance:
            numbers = {"chunk_rows": DEFAULT_CHUNK_ROWS, "reference_rows": provenance["reference_rows"]}
            ready = chunked.prepare(placed, Path.cwd(), allow_outside=True, progress=shown, **numbers)
            return _with_versions(chunked.differences(ready, directory, shown), provenance)
        _, files = _computed(placed, text, Path.cwd(), True, _BUDGET, shown)
    return _with_versions(_differences(directory, files), provenance)


def changed_files(directory: Path) -> list[str]:
    """What in a result is not as the run wrote it, a sentence each; errors as for `verify`."""
    recorded, found = store.recorded_hashes(directory), store.file_hashes(directory)
    missing = [f"{name} is missing." for name in recorded if name not in found]
    other = {name for name in recorded if name in found and found[name] != recorded[name]}
    return missing + [f"{name} is not the file that the run wrote: its SHA-256 differs." for name in sorted(other)]


def stored_spec(directory: Path, data_path: str | Path | None) -> tuple[Spec, str, dict[str, Any]]:
    """The spec of a result with its table where that is now, its text, and the provenance; errors as for `verify`."""
    text, provenance = split_spec((directory / "spec.toml").read_text(encoding="utf-8"))
    spec = from_toml(text)
    spec = dataclasses.replace(spec, data=_located(spec, provenance, data_path))
    spec = with_paths(spec, Path.cwd(), allow_outside=True)
    _check_model(spec.process.ground_truth.file, provenance)
    return spec, text, provenance


def _check_model(path: str | None, provenance: Mapping[str, Any]) -> None:
    """See that the saved model is the one that the run read."""
    if path is None:
        return
    if not Path(path).is_file():
        raise InputError(
            f"The model {path!r} of the result is not there: put it back, or start in the folder that the spec's path "
            "begins in."
        )
    if file_sha256(path) != provenance.get("model_sha256"):
        raise InputError(f"The file {path!r} is not the model of the result, its SHA-256 differs: put that one back.")


def _located(spec: Spec, provenance: Mapping[str, Any], given: str | Path | None) -> Any:
    """The spec's data, at a file with the recorded hash."""
    wanted = provenance.get("input_sha256")
    if wanted is None:
        if given is not None:
            source = f"the table {spec.data.table!r}" if spec.data.law is None else f"the law {spec.data.law.kind!r}"
            raise InputError(f"The result is of {source}, which has no file: leave --data out.")
        return spec.data
    path = Path(str(spec.data.path) if given is None else given)
    if given is None and not path.is_file():
        raise InputError(f"The table {str(path)!r} is not there: say with --data where it is now.")
    if file_sha256(path) != wanted:
        hint = "name the file that the run read" if given is not None else "say with --data where that one is"
        raise InputError(f"The file {str(path)!r} is not the table of the result, its SHA-256 differs: {hint}.")
    return dataclasses.replace(spec.data, path=os.path.abspath(path))


def _differences(directory: Path, files: Mapping[str, Content]) -> list[str]:
    """Where the result on disk and the one computed again differ in content."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder)
        for name, content in files.items():
            put(again, name, content)
        different = [name for name, content in store.file_hashes(again).items() if not _same(directory / name, content)]
        return _compared(directory, again, different)


def _with_versions(sentences: list[str], provenance: Mapping[str, Any]) -> list[str]:
    """And in which versions the runs differ, where their results do."""
    before, now = provenance["versions"], store.versions()
    moved = [f"{name} {before.get(name)} -> {it}" for name, it in now.items() if before.get(name) != it]
    if sentences and moved:
        sentences.append(f"Versions differ from those of the run: {', '.join(moved)}.")
    return sentences


def _same(path: Path, sha256: str) -> bool:
    return path.is_file() and file_sha256(path) == sha256


def _compared(first: Path, second: Path, names: list[str]) -> list[str]:
    """Sentences on files whose bytes differ; none where only what surrounds the values does."""
    sentences = []
    if "dataset.parquet" in names:
        before, now = (read_parquet(folder / "dataset.parquet")[0] for folder in (first, second))
        sentences += _compared_frames(before, now)
    if "votes.parquet" in names:
        sentences.append("votes.parquet: other votes.")
    if "process.nc" in names:
        before, now = (inspection.read_datatree(folder / "process.nc") for folder in (first, second))
        sentences += [f"process.nc: {sentence}" for sentence in inspection.differences(before, now)]
    if "ground_truth.json" in names:
        sentences.append("ground_truth.json: the function has other values.")
    return sentences


def _compared_frames(before: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    if list(before.columns) != list(now.columns) or len(before) != len(now):
        return [f"dataset.parquet: {before.shape} rows and columns became {now.shape}, or have other names."]
    sentences = []
    for name in before.columns:
        if before[name].equals(now[name]):
            continue
        rows = np.flatnonzero(np.asarray(before[name].astype(object) != now[name].astype(object)))
        where = f"the first in data row {rows[0] + 1}" if len(rows) else "in its type only"
        sentences.append(f"dataset.parquet: column {name!r} differs in {len(rows)} rows, {where}.")
    return sentences


# --- progress ---------------------------------------------------------------------------------------


class Progress:
    """What a run is doing, on a line of stderr that appears after two seconds; silent when stderr is no terminal.

    Call it with (done, total), name the next stage by `stage`, and `close` it: the line is then gone.
    """

    def __init__(self, description: str = "", *, stream: TextIO | None = sys.stderr, delay: float = 2.0) -> None:
        """Start counting; `stream` None shows nothing."""
        self._description, self._stream, self._delay = description, stream, delay
        self._done, self._total = 0, None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        """Start the clock: the line is drawn beside the work, which may not report for long."""
        if self._stream is not None and self._stream.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Take the line away."""
        self.close()

    def __call__(self, done: int, total: int) -> None:
        """So much of the stage is done."""
        self._done, self._total = done, total

    def stage(self, description: str) -> None:
        """The next stage begins."""
        self._description, self._done, self._total = description, 0, None

    def close(self) -> None:
        """Take the line away."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        if self._closed.wait(self._delay):
            return
        from tqdm import tqdm

        size = shutil.get_terminal_size()  # tqdm shows nothing on a terminal that says it has no lines
        shape = {"ncols": size.columns, "nrows": size.lines, "bar_format": "{desc} [{elapsed}]"}
        with tqdm(file=self._stream, leave=False, **shape) as bar:
            while not self._closed.wait(0.2):
                bar.set_description_str(self._text())

    def _text(self) -> str:
        share = f" {self._done / self._total:4.0%}" if self._total else ""
        return f"{self._description}{share}"
