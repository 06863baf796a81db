"""Everything that can be wrong with a spec and its table, found without running it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..errors import InputError, Problems
from ..ground_truth import located
from ..messages import ended, placed, separate
from ..process import report_problems
from ..sources import Data, read_table
from .description import Spec


def check(spec: Spec, base_directory: str | Path = ".", *, allow_outside: bool = False) -> Problems:
    """Every problem of a spec with its table; nothing is fitted, and neither JAX nor scikit-learn is imported.

    Args:
        spec: what to check.
        base_directory: the folder that `data.path` is relative to, and the path of a saved model.
        allow_outside: these come from the user rather than from a file, so they may lead anywhere.
    """
    problems = Problems()
    try:
        spec = with_paths(spec, base_directory, allow_outside=allow_outside)
    except InputError as error:
        problems.add(f"`ground_truth.path`: {error}")
        return problems
    try:
        table = read_table(spec.data, base_directory, allow_outside=allow_outside)
    except InputError as error:
        names = {field.name for field in dataclasses.fields(Data)}
        for sentence in separate(str(error)):
            problems.add(placed(sentence, "data", names) if "`" in sentence else _about_path(sentence, spec.data))
        return problems
    for sentence in report_problems(spec.process, table).sentences:
        problems.add(ended(sentence[:1].upper() + sentence[1:]))
    return problems


def with_paths(spec: Spec, base_directory: str | Path, *, allow_outside: bool) -> Spec:
    """The spec with the whole path of every saved model that it reads; arguments as for `check`.

    Raises:
        InputError: a path leaves the folder.
    """
    process = located(spec.process, base_directory, allow_outside=allow_outside)
    return dataclasses.replace(spec, process=process)


def _about_path(sentence: str, data: Data) -> str:
    """A sentence that names the file begins with the key that does so."""
    return ended(f"`data.path`: {sentence}" if data.path is not None and repr(data.path) in sentence else sentence)
