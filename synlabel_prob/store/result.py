"""The files of a result: what is in each, and the four datasets back from them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import platform
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..annotators import Votes
from ..datasets import (
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
    Provenance,
)
from ..errors import InputError
from ..ground_truth import GroundTruthFunction, restored
from ..process import FittedProcess, Generated
from ..report import Report, from_plain, to_plain
from .croissant import croissant
from .directory import Content, Written
from .frame import (
    CANDIDATE,
    DRAWN,
    ERROR,
    HARD,
    NOISY,
    SOFT,
    TRUTH,
    read_back_completed,
    read_back_noisy,
    read_back_table,
    read_parquet,
    read_votes,
    result_frame,
    to_parquet,
    votes_to_parquet,
)
from .parts import Parts

_PACKAGES = ("synlabel_prob", "numpyro", "jax", "numpy", "pandas", "scikit-learn", "arviz")
_HASHED = ("dataset.parquet", "votes.parquet", "process.nc", "ground_truth.json", "croissant.json", "spec.toml")


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """What a result's directory holds.

    Attributes:
        frame: the dataset, a row for each row of the table.
        ground_truth, partial, observed_soft, observed_hard: the four datasets.
        drawn_label: (rows,) codes of the labels drawn from the soft labels, where noisy hard labels start.
        report: the run in numbers.
        spec: the spec as TOML, without the provenance; `spec.from_toml` reads it.
        provenance: versions and hashes.
        ground_truth_function: the ground truth's function, where it can be saved; else fit the spec again.
        votes: what annotators said, where there are any.
        observed_sets: (rows, classes) which classes are in what is recorded of each row's label, where that is a set.
    """

    frame: pd.DataFrame
    ground_truth: GroundTruthDataset
    partial: PartialGroundTruthDataset
    observed_soft: ObservedSoftDataset
    observed_hard: ObservedHardDataset
    drawn_label: np.ndarray
    report: Report
    spec: str
    provenance: Mapping[str, Any]
    ground_truth_function: GroundTruthFunction | None
    votes: Votes | None = None
    observed_sets: np.ndarray | None = None


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}


def result_files(
    fitted: FittedProcess,
    generated: Generated,
    report: Report,
    *,
    spec: str,
    netcdf: bytes,
    input_sha256: str | None = None,
    model_sha256: str | None = None,
) -> dict[str, Content]:
    """The files of a result, for `write_result`; nothing in them depends on when or where they are made.

    Args:
        fitted: the process.
        generated: its run.
        report: of the run.
        spec: the spec as TOML.
        netcdf: the run for ArviZ, from `inspection.to_netcdf`.
        input_sha256: of the table's file, where it has one of the user's.
        model_sha256: of the file that the ground truth was read from, where it was.
    """
    saved = fitted.ground_truth.saved()
    files: dict[str, Content] = {
        "dataset.parquet": to_parquet(result_frame(fitted, generated), fitted),
        "process.nc": netcdf,
        "spec.toml": _with_provenance(spec, fitted, input_sha256=input_sha256, model_sha256=model_sha256).encode(),
    }
    if generated.votes is not None:
        files["votes.parquet"] = votes_to_parquet(generated.votes)
    if saved is not None:
        files["ground_truth.json"] = _json(saved)
    files["croissant.json"] = _json(croissant(files, fitted, title=report.title))
    return {**files, "summary.json": functools.partial(_summary, report)}


def chunked_files(
    fitted: FittedProcess, parts: Parts, report: Report, *, spec: str, **hashes: str | None
) -> dict[str, Content]:
    """The files of a result whose rows lie in parts, for `write_result`: those of `result_files` without `process.nc`.

    Args:
        fitted: the process, on its reference rows.
        parts: the rows.
        report: of all of them.
        spec: the spec as TOML.
        hashes: `input_sha256` and `model_sha256` as there.
    """
    saved = fitted.ground_truth.saved()
    files: dict[str, Content] = {
        "dataset.parquet": Written(parts.join),
        "spec.toml": chunked_spec(fitted, report, spec=spec, **hashes),
    }
    if saved is not None:
        files["ground_truth.json"] = _json(saved)

    def described(directory: Path) -> bytes:
        return _json(croissant({"dataset.parquet": directory / "dataset.parquet"}, fitted, title=report.title))

    return {**files, "croissant.json": described, "summary.json": functools.partial(_summary, report)}


def chunked_spec(fitted: FittedProcess, report: Report, *, spec: str, **hashes: str | None) -> bytes:
    """The `spec.toml` of such a result, which says that the process knows its reference rows only."""
    rows = {"reference_rows": report.reference_rows, "reference_sha256": fitted.table.sha256()}
    return _with_provenance(spec, fitted, rows=rows, **hashes).encode()


def _summary(report: Report, directory: Path) -> bytes:
    return _json({**to_plain(report), "hashes": file_hashes(directory)})


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _with_provenance(
    spec: str, fitted: FittedProcess, *, rows: Mapping[str, Any] | None = None, **hashes: str | None
) -> str:
    import tomli_w

    table: dict[str, Any] = {"table_sha256": fitted.table.sha256()} if rows is None else dict(rows)
    table["conditions_on_label"] = fitted.process.prior.conditions_on == "observed_and_label"
    table |= {name: value for name, value in hashes.items() if value is not None}
    return f"{spec.rstrip()}\n\n" + tomli_w.dumps({"provenance": {**table, "versions": versions()}})


# --- reading ----------------------------------------------------------------------------------------


def file_hashes(directory: str | Path) -> dict[str, str]:
    """SHA-256 of every file of a result that is hashed and there; the summary, which holds them, is not."""
    paths = [Path(directory) / name for name in _HASHED]
    return {path.name: _sha256(path) for path in paths if path.is_file()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def recorded_hashes(directory: str | Path) -> dict[str, str]:
    """The hashes that the summary of a result holds; errors as for `read_result`."""
    return _read_summary(Path(directory))["hashes"]


def read_result(directory: str | Path) -> Result:
    """A result from its directory.

    Raises:
        InputError: it is not the directory of a complete result.
    """
    directory = Path(directory)
    summary = _read_summary(directory)
    spec, provenance = split_spec(_read(directory, "spec.toml").decode())
    frame, about = read_parquet(directory / "dataset.parquet")
    saved, voted = directory / "ground_truth.json", directory / "votes.parquet"
    datasets = _datasets(frame, about, _provenance(spec, provenance))
    return Result(
        frame,
        *datasets,
        drawn_label=_codes(frame, DRAWN),
        report=from_plain(summary),
        spec=spec,
        provenance=provenance,
        ground_truth_function=restored(json.loads(saved.read_bytes())) if saved.is_file() else None,
        votes=read_votes(voted, datasets[0].view.row_ids) if voted.is_file() else None,
        observed_sets=_sets(frame, about["classes"]),
    )


def split_spec(text: str) -> tuple[str, dict[str, Any]]:
    """The TOML text of a spec, and the provenance that a result adds at its end."""
    spec, _, _ = text.rpartition("\n[provenance]\n")
    return f"{spec.rstrip()}\n", tomllib.loads(text)["provenance"]


def _read(directory: Path, name: str) -> bytes:
    try:
        return (directory / name).read_bytes()
    except OSError as error:
        raise InputError(
            f"{str(directory)!r} must be the directory of a result; its {name} cannot be read: {error.strerror}."
        ) from None


def _read_summary(directory: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(_read(directory, "summary.json")))
    except ValueError:
        raise InputError(
            f"{str(directory)!r} must be the directory of a result; its summary.json is damaged."
        ) from None


def _provenance(spec: str, recorded: Mapping[str, Any]) -> Provenance:
    process = tomllib.loads(spec)
    return Provenance(
        process=process,
        seed=process.get("seed"),
        versions=recorded["versions"],
        input_sha256=recorded.get("input_sha256"),
        conditions_on_label=recorded["conditions_on_label"],
    )


def _codes(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].cat.codes.to_numpy(dtype=np.int64)


def _sets(frame: pd.DataFrame, classes: list) -> np.ndarray | None:
    names = [f"{CANDIDATE}[{value}]" for value in classes]
    return frame[names].to_numpy(dtype=bool) if set(names) <= set(frame.columns) else None


def _datasets(frame: pd.DataFrame, about: Mapping[str, Any], provenance: Provenance) -> tuple:
    """The four, as `process.generate` makes them."""
    table, classes, hidden = read_back_table(frame, about["table"]), tuple(about["classes"]), about["hidden"]
    view = table.select([name for name in table.feature_names if name not in hidden])
    concealed = table.select(hidden)

    def by_class(kind: str) -> np.ndarray:
        return np.column_stack([frame[f"{kind}[{value}]"].to_numpy() for value in classes])

    truth = GroundTruthDataset(read_back_completed(frame, table), _codes(frame, TRUTH), classes, provenance)
    come = provenance.then("hide_features")
    partial = PartialGroundTruthDataset(view, by_class(SOFT), by_class(ERROR), classes, concealed, come)
    come = come.then("inject_noise")
    if noisy := about.get("noisy_features"):  # older results have none
        view, come = read_back_noisy(frame, view, noisy), come.then("inject_feature_noise")
    observed_soft = ObservedSoftDataset(view, by_class(NOISY), classes, concealed, come)
    come = come.then("draw_labels")
    return truth, partial, observed_soft, ObservedHardDataset(view, _codes(frame, HARD), classes, concealed, come)
