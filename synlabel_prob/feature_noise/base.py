"""The contract of noise on features: which cells of a table change, and to what; labels stay with their rows."""

from __future__ import annotations

import abc
import dataclasses
import itertools
import zlib
from collections.abc import Collection, Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from ..descriptions import Part, description
from ..errors import InputError, Problems
from ..randomness import row_hashes, row_uniforms
from ..table import KINDS, Column, Table

Rate = Annotated[float, Field(ge=0, le=1)]


@description
class FeatureNoise(Part, abc.ABC):
    """The description of noise on features; cells that miss their value keep missing it.

    `features` are the names of those that it acts on, by default all that it takes. `name` tells two of a kind apart;
    with the id of the row and the name of the feature it fixes what happens to a cell, whatever else is in the table.
    """

    features: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(default=None, kw_only=True)
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] | None = Field(default=None, kw_only=True)

    takes: ClassVar[frozenset[str]] = frozenset(KINDS)
    """The kinds of column that it can act on."""
    uniform_dims: ClassVar[int] = 2
    """How many uniforms a cell takes."""
    is_random: ClassVar[bool] = True
    """Whether chance is in it."""

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        problems, names = Problems(), self.features or ()
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.add(f"features names {name!r} twice: name each feature once.")
        problems.raise_if_any()

    @property
    def label(self) -> str:
        """What it is called: its kind unless it has a name of its own."""
        return self.name or self.kind

    @abc.abstractmethod
    def noisy(self, values: np.ndarray, uniforms: np.ndarray, column: Column) -> np.ndarray:
        """One feature's values (rows,) after noise; none is missing. `uniforms (rows, uniform_dims)`."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One clause: what happens to which share of cells."""

    def acts_on(self, table: Table) -> tuple[str, ...]:
        """Names of the features that it acts on."""
        if self.features is not None:
            return self.features
        return tuple(column.name for column in table.columns if column.kind in self.takes)

    def report_problems(self, table: Table, problems: Problems, hidden: Collection[str] = ()) -> None:
        """Features that there are not, or that it cannot act on.

        Args:
            table: of the features that are observed.
            problems: where what is wrong is added.
            hidden: names of features that there are but that nobody observes.
        """
        path, names = f"feature_noise.{self.label}", self.acts_on(table)
        for name in sorted(set(names).intersection(hidden)):
            problems.add(
                f"`{path}.features` names {name!r}, which is hidden, and noise is on what is observed: leave it out."
            )
        try:
            columns = [table.columns[place] for place in table.index(name for name in names if name not in hidden)]
        except InputError as error:
            for sentence in str(error).splitlines():
                problems.add(f"`{path}.features`: {sentence}")
            return
        kinds = " or ".join(kind for kind in KINDS if kind in self.takes)
        if not names:
            there = "none is observed" if hidden else "the table has none"
            problems.add(f"`{path}` takes {kinds} features, of which {there}: leave it out.")
        for column in columns:
            if column.kind not in self.takes:
                what = f"takes {kinds} features, but {column.name!r} is {column.kind}"
                problems.add(f"`{path}` {what}: leave it out of `features`.")


def report_names(noise: Sequence[FeatureNoise], problems: Problems) -> None:
    """Descriptions of one name, whose cells would share random numbers."""
    labels = [one.label for one in noise]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        problems.add(f"feature_noise has two parts called {label!r}: give each a `name` of its own.")
    for first, second in itertools.combinations(sorted(set(labels)), 2):
        if zlib.crc32(first.encode()) == zlib.crc32(second.encode()):
            problems.add(f"feature_noise {first!r} and {second!r} would share random numbers: rename one of them.")


def acted_on(table: Table, noise: Sequence[FeatureNoise]) -> tuple[str, ...]:
    """Names of the features that any of the descriptions acts on, in the order of the table."""
    named = {name for one in noise for name in one.acts_on(table)}
    return tuple(name for name in table.feature_names if name in named)


def noisy_table(table: Table, noise: Sequence[FeatureNoise], key: Any) -> Table:
    """The table after noise on its features, one description after another; a sample.

    Row ids, target and classes stay. Numbers of a column of whole ones need not be whole afterwards.

    Raises:
        InputError: a description does not fit the table, two have one name, or numbers become too large for a computer.
    """
    problems = Problems()
    report_names(noise, problems)
    for one in noise:
        one.report_problems(table, problems)
    problems.raise_if_any()
    hashes = row_hashes(table.row_ids)
    for one in noise:
        table = _after(table, one, key, hashes)
    return table


def _after(table: Table, one: FeatureNoise, key: Any, hashes: np.ndarray) -> Table:
    features, columns = table.features.copy(), list(table.columns)
    for name in one.acts_on(table):
        place = int(table.index([name])[0])
        there = np.flatnonzero(~np.isnan(features[:, place]))
        uniforms = row_uniforms(key, f"{one.label}.{name}", hashes, one.uniform_dims)[there]
        features[there, place] = one.noisy(features[there, place], uniforms, columns[place])
        columns[place] = columns[place].as_drawn()
        if np.isinf(features[there, place]).any():
            raise InputError(
                f"`feature_noise.{one.label}` makes numbers of {name!r} that are too large for a computer: make it "
                "smaller, or the numbers."
            )
    return dataclasses.replace(table, columns=tuple(columns), features=features)
