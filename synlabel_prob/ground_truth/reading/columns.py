"""What a pipeline's steps make of the table's columns, column by column."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...table import Table
from ..encoding import Encoding

_NEVER = -2
"""A level that no code is."""


@dataclasses.dataclass(frozen=True)
class Source:
    """One column that an estimator sees: a feature, or whether it has a level, then (x - a) / b * c + d step by step.

    `level` is -1 for the feature itself.
    """

    place: int
    level: int = -1
    steps: tuple[tuple[float, float, float, float], ...] = ()

    def then(self, a: float = 0.0, b: float = 1.0, c: float = 1.0, d: float = 0.0) -> Source:
        """With one step more."""
        return dataclasses.replace(self, steps=(*self.steps, (float(a), float(b), float(c), float(d))))

    def encoded(self, values: np.ndarray) -> np.ndarray:
        """Of values of the feature, or of 0 and 1 where the level is not, and is, there."""
        for a, b, c, d in self.steps:
            values = (values - a) / b * c + d
        return values


def unwrapped(estimator: Any) -> tuple[list[Any], Any]:
    """The steps before the classifier, and the classifier."""
    from sklearn.pipeline import Pipeline

    if type(estimator) is not Pipeline:
        return [], estimator
    steps = [step for _, step in estimator.steps]
    before, last = unwrapped(steps[-1])
    return steps[:-1] + before, last


def read_columns(steps: Sequence[Any], table: Table) -> tuple[Source, ...] | None:
    """The columns after the steps, or None where one is of a kind that is not read."""
    sources: list[Source] | None = [Source(place) for place in range(len(table.columns))]
    for step in steps:
        sources = _after(step, sources, table)
        if sources is None:
            return None
    if any(source.level == -1 and not _codes_are_values(source.place, table) for source in sources):
        return None
    return tuple(sources)


def _codes_are_values(place: int, table: Table) -> bool:
    column = table.columns[place]
    return column.kind == "continuous" or tuple(column.levels) == tuple(range(len(column.levels)))


def _after(step: Any, sources: list[Source], table: Table) -> list[Source] | None:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

    kind = type(step)
    if step is None or step == "passthrough" or (kind is FunctionTransformer and step.func is None):
        return sources
    if kind is StandardScaler:
        return _standardised(step, sources)
    if kind is MinMaxScaler and not step.clip:
        steps = zip(step.scale_, step.min_, strict=True)
        return [source.then(c=scale, d=least) for source, (scale, least) in zip(sources, steps, strict=True)]
    if kind is OneHotEncoder:
        return _indicators(step, sources, table)
    if kind is ColumnTransformer:
        return _side_by_side(step, sources, table)
    if kind is Pipeline:
        return _in_turn([inner for _, inner in step.steps], sources, table)
    return None


def _in_turn(steps: list[Any], sources: list[Source], table: Table) -> list[Source] | None:
    found: list[Source] | None = sources
    for step in steps:
        found = None if found is None else _after(step, found, table)
    return found


def _standardised(scaler: Any, sources: list[Source]) -> list[Source]:
    means = np.zeros(len(sources)) if scaler.mean_ is None or not scaler.with_mean else scaler.mean_
    scales = np.ones(len(sources)) if scaler.scale_ is None else scaler.scale_
    return [source.then(mean, scale) for source, mean, scale in zip(sources, means, scales, strict=True)]


def _indicators(encoder: Any, sources: list[Source], table: Table) -> list[Source] | None:
    if encoder.drop is not None or encoder.min_frequency is not None or encoder.max_categories is not None:
        return None
    found = []
    for source, categories in zip(sources, encoder.categories_, strict=True):
        column = table.columns[source.place]
        if column.kind == "continuous" or source.level != -1 or source.steps:
            return None
        levels = list(column.levels)
        codes = [levels.index(value) if value in levels else _NEVER for value in categories.tolist()]
        if encoder.handle_unknown != "ignore" and not set(range(len(levels))) <= set(codes):
            return None  # the estimator refuses rows with such a level, and goes on doing so
        found += [Source(source.place, code) for code in codes]
    return found


def _side_by_side(transformer: Any, sources: list[Source], table: Table) -> list[Source] | None:
    found: list[Source] = []
    for name, step, _ in transformer.transformers_:
        places = transformer._transformer_to_input_indices[name]
        if (isinstance(step, str) and step == "drop") or not len(places):
            continue
        part = _after(step, [sources[place] for place in places], table)
        if part is None:
            return None
        found += part
    return found


def encoding_of(sources: Sequence[Source]) -> Encoding:
    """The same as arrays, for functions that encode rows."""
    longest = max(len(source.steps) for source in sources)
    padded = [(*source.steps, *[(0.0, 1.0, 1.0, 0.0)] * (longest - len(source.steps))) for source in sources]
    steps = np.array(padded, dtype=np.float64).reshape(len(sources), longest, 4).transpose(1, 2, 0)
    places = tuple(source.place for source in sources)
    return Encoding(np.ascontiguousarray(steps), places, tuple(source.level for source in sources))
