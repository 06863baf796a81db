"""A spec becomes a study on disk."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from . import store, studies
from ._lazy import jax
from .comparing import with_priors
from .errors import InputError
from .run import Progress
from .sources import read_table
from .spec import Spec, with_paths
from .studies.files import FILES
from .table import Table


def hiding(
    spec: Spec,
    out: str | Path,
    *,
    base_directory: str | Path = ".",
    allow_outside: bool = False,
    kinds: Sequence[str] = (),
    steps: Sequence[int] | None = None,
    repeats: int = 3,
    force: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run the study of feature hiding on a spec's table, ground truth and evaluator, and write curves.parquet and .png.

    The spec's own hidden features and noise play no part. Equal specs give equal bytes on one type of machine.

    Args:
        spec: what to study.
        out: the directory of the result.
        base_directory: the folder that the spec's `data.path` is relative to, and the path of a saved model.
        allow_outside: these come from the user rather than from a file, so they may lead anywhere.
        kinds: of prior, with their defaults; the spec's own prior where there are none.
        steps: how many features to hide; the first ones of the table that vary.
        repeats: how often, each with random numbers of its own.
        force: replace a study that is there, once the new one is complete.
        progress: shows how far it is.

    Raises:
        InputError: the result cannot be written there, or something does not fit the table; nothing is left behind.
    """
    spec = with_paths(spec, base_directory, allow_outside=allow_outside)
    run = functools.partial(_hiding, studies.feature_hiding, spec, kinds, {"steps": steps, "repeats": repeats})
    to_files = functools.partial(studies.hiding_files, title=title_of(spec))
    return _written(spec, out, run, to_files, "hiding features", base_directory, allow_outside, force, progress)


def _hiding(
    study: Callable, spec: Spec, kinds: Sequence[str], options: dict[str, Any], table: Table, shown: Any
) -> Any:
    """A study of priors over more and more hidden features."""
    parts = with_priors(spec, kinds) if kinds else {spec.process.prior.kind: spec}
    priors = {name: part.process.prior for name, part in parts.items()}
    given = {**options, "evaluator": spec.soft_labels, "progress": shown}
    return study(spec.process.ground_truth, table, priors, jax.random.key(spec.seed), **given)


def _written(
    spec: Spec,
    out: str | Path,
    run: Callable[[Table, Any], pd.DataFrame],
    to_files: Callable[[pd.DataFrame], Any],
    stage: str,
    base_directory: str | Path,
    allow_outside: bool,
    force: bool,
    progress: Progress | None,
) -> pd.DataFrame:
    """Read the table, run the study and write its files, all or nothing."""
    store.check_output(out, force=force, replaceable=FILES)
    with progress or Progress(stream=None) as shown:
        shown.stage("reading the table")
        table = read_table(spec.data, base_directory, allow_outside=allow_outside)
        shown.stage(stage)
        made = run(table, shown)
        shown.stage("writing")
        store.write_result(out, to_files(made), force=force, replaceable=FILES)
    return made


def noise_beside(
    spec: Spec,
    out: str | Path,
    *,
    base_directory: str | Path = ".",
    allow_outside: bool = False,
    kinds: Sequence[str] = (),
    steps: Sequence[int] | None = None,
    repeats: int = 3,
    force: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run the study of soft labels beside noise of the same distance; arguments and errors as for `hiding`."""
    spec = with_paths(spec, base_directory, allow_outside=allow_outside)
    run = functools.partial(_hiding, studies.noise_beside, spec, kinds, {"steps": steps, "repeats": repeats})
    to_files = functools.partial(studies.noise_beside_files, title=title_of(spec))
    return _written(spec, out, run, to_files, "hiding features", base_directory, allow_outside, force, progress)


def injection(
    spec: Spec,
    out: str | Path,
    *,
    base_directory: str | Path = ".",
    allow_outside: bool = False,
    rates: Sequence[float] = studies.DEFAULT_RATES,
    repeats: int = 10,
    force: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run the study of exact against sampled noise on a spec, and write curves.parquet and .png.

    Uses the spec's ground truth, hidden features, prior and those of its noise nodes that have a single strength, which
    the rates take the place of; symmetric, random-matrix and nearest-neighbour noise where it has none.

    Raises:
        InputError: the result cannot be written there, or something does not fit the table; nothing is left behind.
    """
    spec = with_paths(spec, base_directory, allow_outside=allow_outside)
    nodes = {node.label: node for node in spec.process.noise if node.strength_field is not None}

    def run(table: Table, shown: Any) -> pd.DataFrame:
        options = {"rates": rates, "repeats": repeats, "evaluator": spec.soft_labels, "progress": shown}
        key = jax.random.key(spec.seed)
        return studies.injection(spec.process, table, nodes or studies.DEFAULT_INJECTED, key, **options)

    to_files = functools.partial(studies.injection_files, title=injection_title(spec))
    return _written(spec, out, run, to_files, "injecting noise", base_directory, allow_outside, force, progress)


def injection_title(spec: Spec) -> str:
    """What is studied."""
    hidden = spec.process.hidden
    features = "1 hidden feature" if len(hidden) == 1 else f"{len(hidden)} hidden features"
    return f"{_source(spec)}, {features}, prior {spec.process.prior.kind}: noise put in exactly, and by sampling"


def read_rates(text: str | None) -> tuple[float, ...]:
    """Rates from a text such as 0.1,0.2; the paper's where there is none.

    Raises:
        InputError: it is none.
    """
    if text is None:
        return studies.DEFAULT_RATES
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        rates = ()
    if not rates or not all(0 <= rate <= 1 for rate in rates):
        raise InputError(f"--rates must be numbers from 0 to 1 such as 0.1,0.2; got {text!r}.")
    return rates


def title_of(spec: Spec) -> str:
    """What is studied; the spec's own title may speak of its hidden features and noise, which play no part."""
    truth = spec.process.ground_truth
    return f"{_source(spec)}, the first features hidden; ground truth: {getattr(truth, 'estimator', truth.kind)}"


def _source(spec: Spec) -> str:
    data = spec.data
    names = (data.table, data.path and Path(data.path).name, data.law and data.law.kind)
    return next(name for name in names if name)


def read_steps(text: str | None) -> tuple[int, ...] | None:
    """Numbers of hidden features from a text such as 1,5,9 or 1-4,9; None where there is no text.

    Raises:
        InputError: it is none.
    """
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal()) or len(first) > 6 or len(last) > 6 or int(last) < int(first):
            raise InputError(f"--steps must be whole numbers such as 1,5,9 or 1-4,9; got {text!r}.")
        found += range(int(first), int(last) + 1)
    return tuple(found)
