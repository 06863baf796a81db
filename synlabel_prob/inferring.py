"""A table of observed labels becomes an inversion on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import inversion, store
from ._lazy import jax
from .errors import InputError
from .files import finite_number
from .inversion import Inferred, Observed, Source
from .run import Progress
from .sources import Data, file_sha256, read_frame
from .store.frame import HARD


class Outcome(NamedTuple):
    """What `infer` found; `against` is the truth, where the labels come from a result of `generate`."""

    found: Inferred
    against: inversion.Against | None

    def to_text(self) -> str:
        """For the screen."""
        said = () if self.against is None else self.against.sentences(self.found)
        return "\n".join([inversion.to_text(self.found), *(["", *said] if said else [])])


class _Read(NamedTuple):
    observed: Observed
    sha256: str
    true_labels: np.ndarray | None = None


def infer(
    path: str | Path,
    out: str | Path,
    *,
    source: Source | None = None,
    votes: Sequence[str] | None = None,
    rows: str | Path | None = None,
    draws: int = 2000,
    warmup: int = 500,
    chains: int = 2,
    seed: int = 0,
    force: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Infer the noise in a table's labels and write posterior.nc, rows.parquet, transition.png and summary.json.

    All or nothing; equal tables and seeds give equal bytes on one type of machine.

    Args:
        path: a CSV or Parquet file, or the directory of a result of `generate`.
        out: the directory.
        source: which columns are what; of a result by default its noisy hard labels and observed features.
        votes: the columns of row, annotator and label, where the table is a long one of votes.
        rows: with `votes`, a file with a row for each object, of which `source` says the columns; the one that names
            the rows is called as in the table of votes by default.
        draws: of the posterior, in all chains together.
        warmup: steps of each chain that are thrown away.
        chains: Markov chains.
        seed: fixes the draws.
        force: replace an inversion that is there, once the new one is complete.
        progress: shows how far it is.

    Raises:
        InputError: the table is not what is said of it, its labels do not determine the noise, or the files cannot be
            written; nothing is left behind.
    """
    _check_numbers(draws, warmup, chains, seed)
    store.check_output(out, force=force, replaceable=inversion.FILES)
    with progress or Progress(stream=None) as shown:
        shown.stage("reading the table")
        read = _read(Path(path), str(path), source or Source(), votes, rows)
        _require_identified(read.observed)
        shown.stage("sampling")
        found = inversion.infer(read.observed, jax.random.key(seed), draws=draws, warmup=warmup, chains=chains)
        against = None if read.true_labels is None else inversion.against_truth(found, read.true_labels)
        shown.stage("writing")
        about: dict[str, Any] = {"seed": seed, "input_sha256": read.sha256, "versions": store.versions()}
        if against is not None:
            about["truth"] = {name: None if value != value else value for name, value in against._asdict().items()}
        files = inversion.inference_files(found, about)
        store.write_result(out, files, force=force, replaceable=inversion.FILES)
    return Outcome(found, against)


_LIMITS = {"draws": (100, 1_000_000), "warmup": (50, 1_000_000), "chains": (1, 64), "seed": (0, 2**32 - 1)}


def _check_numbers(*values: Any) -> None:
    for (name, (low, high)), value in zip(_LIMITS.items(), values, strict=True):
        if not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"`{name}` must be a whole number from {low:,} to {high:,}; got {value!r}.")


def _require_identified(observed: Observed) -> None:
    told = inversion.identifiability(observed)
    if told.level == "not_identified":
        level, *_ = str(told).splitlines()
        raise InputError("\n".join([f"{level} Nothing was written.", *(f"  {said}" for said in told.sentences)]))


def read_source(
    *, panel_size: str, classes: str | None, features: str | None, drop: str | None, **columns: Any
) -> Source:
    """Which columns are what, from the texts of the command.

    Raises:
        InputError: a list of names has an empty one, or the panel size is no number.
    """
    size = finite_number(panel_size)
    if size is None or size <= 0:
        raise InputError(f"--panel-size must be a number above 0; got {panel_size!r}.")
    lists: dict[str, Any] = {
        "classes": names(classes, "--classes"),
        "features": names(features, "--features"),
        "drop": names(drop, "--drop") or (),
    }
    return Source(panel_size=size, **lists, **columns)


def names(text: str | None, option: str) -> tuple[str, ...] | None:
    """Names between commas; None where there is no text."""
    if text is None:
        return None
    found = tuple(part.strip() for part in text.split(","))
    if not all(found) or len(set(found)) < len(found):
        raise InputError(f"{option} must be different names between commas, as in a,b,c; got {text!r}.")
    return found


# --- reading ----------------------------------------------------------------------------------------


def _read(path: Path, given: str, source: Source, votes: Sequence[str] | None, rows: str | Path | None = None) -> _Read:
    if rows is not None and votes is None:
        raise InputError("--rows is for what is known of the rows that have votes: give --votes too, or leave it out.")
    if votes is not None:
        _check_votes(source, beside_rows=rows is not None)
    if path.is_dir():
        if votes is not None:
            raise InputError(f"Votes need a table of votes; {given!r} is a folder: name a file.")
        return _from_result(path, source)
    if votes is None and source.target is None and source.observed_soft is None:
        raise InputError("Say which columns hold the observed labels: --target NAME, or --votes ROW,ANNOTATOR,LABEL.")
    if votes is not None:
        data = Data(path=given, row_id=votes[0] if votes else None, drop=tuple(votes[1:]))
        observed = inversion.from_votes(read_frame(data, Path.cwd(), allow_outside=True), votes, source.classes)
        if rows is not None:
            source = source._replace(row_id=source.row_id or votes[0])
            data = Data(path=str(rows), row_id=source.row_id, drop=source.drop)
            observed = inversion.with_rows(observed, read_frame(data, Path.cwd(), allow_outside=True), source)
    else:
        data = Data(path=given, row_id=source.row_id, target=source.target, drop=source.drop)
        observed = inversion.from_frame(read_frame(data, Path.cwd(), allow_outside=True), source)
    return _Read(observed, file_sha256(path.expanduser()))


def _check_votes(source: Source, *, beside_rows: bool) -> None:
    given: dict[str, Any] = {"--target": source.target, "--observed-soft-labels": source.observed_soft}
    if not beside_rows:
        given |= {
            "--soft-labels": source.soft_labels,
            "--features": source.features,
            "--row-id": source.row_id,
            "--drop": source.drop or None,
        }
    for name, value in given.items():
        if value is not None:
            raise InputError(
                f"{name} is for a table with a row for each object, and --votes is for one of votes: leave one out"
                + (
                    "."
                    if beside_rows or name in ("--target", "--observed-soft-labels")
                    else ", or name that table by --rows."
                )
            )


def _from_result(path: Path, source: Source) -> _Read:
    """The noisy hard labels of a result, with the features that its users would see, and the labels before noise."""
    result = store.read_result(path)
    observed = result.observed_hard
    recorded: Any = dict(observed.view.to_frame().items())
    frame = result.frame.assign(**recorded)  # features have the noise that their users see
    if source.target is None and source.observed_soft is None:
        source = source._replace(target=HARD)
    view = observed.view
    source = source._replace(row_id=source.row_id or view.row_id_name)
    if source.soft_labels is None and source.features is None:
        left = [name for name in view.feature_names if name not in source.drop]
        source = source._replace(features=tuple(left))
    read = inversion.from_frame(frame, source)
    # Classes in another order would give the recorded codes another meaning.
    is_known = source.target == HARD and read.classes == observed.classes
    true_labels = result.drawn_label if is_known else None
    return _Read(read, file_sha256(path / "dataset.parquet"), true_labels)
