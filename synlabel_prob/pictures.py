"""The pictures of a result on disk: its fit computed again, its soft labels read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from . import inspection, process, store
from ._lazy import jax
from .errors import InputError
from .run import Progress, changed_files, stored_spec
from .sources import read_table

NAMES = ("marginals", "pairs", "prior_and_posterior", "calibration", "row", "soft_labels", "entropy", "theta")
FILES = tuple(f"{name}.png" for name in NAMES)


class Inspected(NamedTuple):
    """What `inspect` did: sentences on the fit, files that it wrote, and why each other picture was left out."""

    folder: Path
    sentences: tuple[str, ...]
    files: tuple[str, ...]
    left_out: dict[str, str]


def inspect(
    directory: str | Path,
    out: str | Path | None = None,
    *,
    row: str | None = None,
    data_path: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Inspected:
    """Draw every picture that applies to a result, as PNG, all or nothing.

    Args:
        directory: the result's.
        out: where the pictures go; the result's directory with `-plots` behind its name by default.
        row: the id of the row of the row picture; the one with the largest entropy by default.
        data_path: where the table's file is now; found by itself where the spec's path still leads to it.
        force: replace pictures that are there.
        progress: shows how far it is.

    Raises:
        InputError: it is not a result, or not as its run wrote it; its table is not to be found; there is no such row;
            the pictures cannot be written there.
    """
    directory = Path(directory)
    folder = directory.with_name(f"{directory.resolve().name}-plots") if out is None else Path(out)
    store.check_output(folder, force=force, replaceable=FILES)
    if changed := changed_files(directory):
        raise InputError("\n".join((*changed, "Generate the result again, so that pictures show what the run did.")))
    result = store.read_result(directory)
    spec, _, provenance = stored_spec(directory, data_path)
    if "reference_rows" in provenance:
        raise InputError(
            f"{str(directory)!r} was generated in chunks, and pictures are of a process that was fitted to all rows: "
            "generate some of the rows without --chunk-rows, and inspect that result."
        )
    with progress or Progress(stream=None) as shown:
        shown.stage("fitting")
        key = jax.random.key(spec.seed)
        fitted = process.fit(spec.process, read_table(spec.data, Path.cwd(), allow_outside=True), key)
        if row is not None:
            inspection.row_place(fitted, row)
        shown.stage("drawing")
        sentences = inspection.cautions(fitted, key)
        files, left_out = _drawn(_pictures(fitted, result, key, row))
        store.write_result(folder, files, force=force, replaceable=FILES)
    return Inspected(folder, sentences, tuple(files), left_out)


def _pictures(fitted: process.FittedProcess, result: store.Result, key: Any, row: str | None) -> dict[str, Callable]:
    """A function for each name in `NAMES`."""
    made = (
        lambda: inspection.plot_marginals(fitted, key),
        lambda: inspection.plot_pairs(fitted, key),
        lambda: inspection.plot_prior_and_posterior(fitted, inspection.fit_datatree(fitted, key)),
        lambda: inspection.plot_calibration(fitted, key),
        lambda: inspection.plot_row(fitted, result, key, row=row),
        lambda: inspection.plot_soft_labels(fitted, result),
        lambda: inspection.plot_entropy(fitted, result),
        lambda: inspection.plot_theta(fitted),
    )
    return dict(zip(NAMES, made, strict=True))


def _drawn(pictures: dict[str, Callable]) -> tuple[dict[str, bytes], dict[str, str]]:
    """PNG files by name, and why pictures that do not apply were left out."""
    files, left_out = {}, {}
    for name, draw in pictures.items():
        try:
            figure = draw()
        except InputError as error:
            left_out[name] = str(error)
            continue
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=120)
        files[f"{name}.png"] = content.getvalue()
    return files, left_out
