"""Sums of trees that XGBoost or LightGBM has saved."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal

from ..descriptions import description
from ..errors import InputError, Problems
from ..files import file_inside, read_bytes
from ..messages import separate
from ..table import Table
from .base import GroundTruth
from .decisions import Argmax, Decision
from .reading.boosted import columns_in, read_dump
from .reading.dump import Dump
from .reading.seen import Seen
from .reading.text import dump_of
from .trees import TreesFunction

_SUFFIXES = (".json", ".txt")


@description
class BoostedTrees(GroundTruth):
    """Trees that XGBoost saved as JSON or LightGBM as text; the label is the one that the library's `predict` gives.

    `path` is the file, relative to the spec's folder; neither library is needed to read it. Its columns are the
    table's features by name. `classes` are those of the model's codes 0, 1, ..., in this order; the table's own where
    they are left out, else the codes themselves.
    """

    path: str
    classes: tuple[str | int, ...] = ()
    decision: Decision = Argmax()
    kind: Literal["boosted_trees"] = "boosted_trees"

    summary = "a model saved by XGBoost (JSON) or LightGBM (text)"

    def __post_init__(self) -> None:
        if "\0" in self.path or not self.path:
            raise InputError(f"path must be a file name; got {self.path!r}.")
        if self.classes and (len(self.classes) < 2 or len(set(self.classes)) < len(self.classes)):
            raise InputError(f"classes must be two or more, each once; got {list(self.classes)}.")

    @property
    def file(self) -> str:
        """As given."""
        return self.path

    def located(self, base_directory: str | Path, *, allow_outside: bool) -> BoostedTrees:
        """With the whole path."""
        path = file_inside(self.path, base_directory, allow_outside=allow_outside, key="ground_truth.path")
        return dataclasses.replace(self, path=str(path))

    def class_values(self, table: Table) -> tuple:
        """As declared, or the table's, or the model's codes."""
        return self.classes or table.classes or tuple(range(self._read().num_classes))

    def report_problems(self, table: Table, problems: Problems) -> None:
        """A file that is no whole model, another number of classes, features that are missing."""
        try:
            dump = self._read()
        except InputError as error:
            problems.add(f"`ground_truth.path`: {error}")
            return
        classes = self.class_values(table)
        check_classes_of(dump, classes, "`ground_truth.classes`" if self.classes else "the table", problems)
        self.decision.report_problems(classes, problems)
        try:
            columns_in(dump, table)
        except InputError as error:
            for sentence in separate(str(error)):
                problems.add(sentence)

    def fit(self, table: Table) -> TreesFunction:
        """Nothing is learned.

        Raises:
            InputError: the file is no whole model, or does not go with the table.
        """
        return function_of(self._read(), table, self.class_values(table), self.decision)

    def _read(self) -> Dump:
        content = read_bytes(Path(self.path), self.path, _SUFFIXES)
        return dump_of(content, f"The file {self.path!r}")

    def explain(self) -> str:
        """In words."""
        return f"trees read from {Path(self.path).name!r}; what its library predicts is the truth"


def check_classes_of(dump: Dump, classes: tuple, whose: str, problems: Problems) -> None:
    """Report another number of classes than the model's."""
    if len(classes) != dump.num_classes:
        problems.add(
            f"{dump.what} tells {dump.num_classes} classes apart, and {whose} has {len(classes)} "
            f"({', '.join(map(str, classes))}): name those of its codes, in order, in `ground_truth.classes`."
        )


def function_of(dump: Dump, table: Table, classes: tuple, decision: Any) -> TreesFunction:
    """The function on a table's features; errors as for `BoostedTrees.fit`."""
    problems = Problems()
    check_classes_of(dump, classes, "what is declared", problems)
    problems.raise_if_any()
    seen = Seen(tuple(range(dump.num_classes)), decision, classes, len(table.columns))
    return read_dump(dump, columns_in(dump, table), seen)
