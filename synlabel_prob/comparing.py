"""Specs become a comparison on disk."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import comparison, store
from ._lazy import jax
from .descriptions import to_plain
from .errors import InputError, Problems, did_you_mean
from .feature_laws import FeatureLaw
from .priors import DESCRIPTIONS as PRIORS
from .process import Process
from .run import Progress
from .sources import read_table
from .spec import Spec, with_paths
from .table import Table


def compare(
    specs: Mapping[str, Spec],
    out: str | Path,
    *,
    folders: Mapping[str, Path] | None = None,
    allow_outside: bool = False,
    folds: int = 5,
    force: bool = False,
    progress: Progress | None = None,
) -> comparison.Comparison:
    """Compare the priors of specs that agree in data, ground truth and hidden features, and write the files.

    Seed, title and evaluator are the first spec's. Where the data are drawn from a law, soft labels are also compared
    with the exact ones. Writes comparison.parquet, rows.parquet, comparison.png and comparison.json, all or nothing;
    equal specs give equal bytes on one type of machine.

    Args:
        specs: by name; the name is what its prior is called.
        out: the directory.
        folders: by name, the folder that the spec's `data.path` is relative to; by default where the program runs.
        allow_outside: `data.path` comes from the user rather than from a file, so it may lead anywhere.
        folds: how many parts the rows are dealt into.
        force: replace a comparison that is there, once the new one is complete.
        progress: shows how far the run is.

    Raises:
        InputError: the specs do not agree, do not fit the table, or the files cannot be written.
    """
    store.check_output(out, force=force, replaceable=comparison.FILES)
    folders = folders or dict.fromkeys(specs, Path())
    specs = {name: with_paths(spec, folders[name], allow_outside=allow_outside) for name, spec in specs.items()}
    require_agreement({name: located(spec, folders[name]) for name, spec in specs.items()})
    name, first = next(iter(specs.items()))
    with progress or Progress(stream=None) as shown:
        shown.stage("reading the table")
        table = read_table(first.data, folders[name], allow_outside=allow_outside)
        truth, unknown = _truth(first, table)
        shown.stage("fitting and scoring")
        made = comparison.compare(
            {name: spec.process for name, spec in specs.items()},
            table,
            jax.random.key(first.seed),
            folds=folds,
            evaluator=first.soft_labels,
            truth=truth,
            title=first.title,
            progress=shown,
        )
        made = dataclasses.replace(made, verdict=(*made.verdict, *unknown))
        shown.stage("writing")
        about = {"seed": first.seed, "table_sha256": table.sha256(), "versions": store.versions()}
        store.write_result(out, comparison.comparison_files(made, about), force=force, replaceable=comparison.FILES)
    return made


def _truth(spec: Spec, table: Table) -> tuple[FeatureLaw | None, tuple[str, ...]]:
    """The law of the data where it knows the law of the hidden features, and a sentence where it does not."""
    law = spec.data.law
    if law is None or not set(spec.process.hidden) <= set(table.feature_names):
        return None, ()
    problems = Problems()
    law.report_problems(table, tuple(table.column(name) for name in spec.process.hidden), problems)
    if not problems.sentences:
        return law, ()
    return None, tuple(f"The exact soft labels are not known: {sentence}" for sentence in problems.sentences)


def located(spec: Spec, folder: Path) -> Spec:
    """The spec with a data path that does not depend on where the spec is, so that two can be compared."""
    if spec.data.path is None:
        return spec
    path = os.path.normpath(os.path.join(folder, spec.data.path))
    return dataclasses.replace(spec, data=dataclasses.replace(spec.data, path=path))


def require_agreement(specs: Mapping[str, Spec]) -> None:
    """Raise an `InputError` that names the first key in which two specs differ that have to agree in it."""
    (name, first), *others = specs.items()
    ours = dict(_shared(first))
    for other, spec in others:
        theirs = dict(_shared(spec))
        for key in [*ours, *theirs]:
            if ours.get(key) != theirs.get(key):
                raise InputError(
                    f"Specs that are compared must agree in `{key}`; {name} has {_said(ours.get(key))} and {other} has "
                    f"{_said(theirs.get(key))}: make them alike, or compare them in runs of their own."
                )


def _shared(spec: Spec) -> Iterator[tuple[str, Any]]:
    yield from _leaves("data", to_plain(spec.data))
    yield from _leaves("ground_truth", to_plain(spec.process.ground_truth))
    yield "hidden", list(spec.process.hidden)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, item in value.items():
        yield from _leaves(f"{path}.{key}", item)


def _said(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def with_priors(spec: Spec, kinds: Sequence[str]) -> dict[str, Spec]:
    """The spec once for each kind of prior, which with its defaults takes the place of the spec's own.

    Raises:
        InputError: a kind is unknown, given twice, or has no defaults.
    """
    known = {part.kind: part for part in PRIORS}
    made: dict[str, Spec] = {}
    for kind in kinds:
        if kind not in known:
            raise InputError(f"--prior {kind}: this is no kind of prior: {did_you_mean(kind, known)}")
        if kind in made:
            raise InputError(f"--prior {kind} is given twice: name each kind once.")
        try:
            prior: Any = known[kind]()
        except InputError as error:
            raise InputError(
                f"--prior {kind}: this prior has fields without a default ({error}): write it into a spec of its own."
            ) from None
        process: Process = dataclasses.replace(spec.process, prior=prior)
        made[kind] = dataclasses.replace(spec, process=process)
    return made


def named(paths: Sequence[str]) -> list[str]:
    """What specs are called: the names of their files, or their paths where two files have one name."""
    for path in paths:
        if paths.count(path) > 1:
            raise InputError(f"The spec {path!r} is given twice: name each spec once.")
    stems = [Path(path).stem for path in paths]
    return [stem if stems.count(stem) == 1 else path for stem, path in zip(stems, paths, strict=True)]
