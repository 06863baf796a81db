"""Frames become observations: a wide table of labels, or a long table of votes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..columns import Label, counted, encode, first_row, plain, value_type_of
from ..errors import InputError, did_you_mean
from ..files import finite_number
from ..table import Table
from .observed import Observed, Votes

PLACE = "{class}"


class Source(NamedTuple):
    """Which columns of a wide table are what; templates name a column for each class, as in `p[{class}]`.

    Attributes:
        target: the column of observed labels; None where `observed_soft` is given.
        observed_soft: a template of observed soft labels.
        soft_labels: a template of known soft labels of the true class.
        panel_size: of the observed soft labels.
        row_id: the column that names the rows.
        classes: all classes in order; else those of the templates or of the target.
        features: the columns that are features; else all others, unless there are known soft labels.
        drop: columns to leave out.
    """

    target: str | None = None
    observed_soft: str | None = None
    soft_labels: str | None = None
    panel_size: float = 1.0
    row_id: str | None = None
    classes: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()


def from_frame(frame: Any, source: Source) -> Observed:
    """The observations in a wide table (a pandas DataFrame), a row an object.

    Raises:
        InputError: columns are missing or do not hold what they should.
    """
    if (source.target is None) == (source.observed_soft is None):
        raise InputError("Name the observed labels: either a target column or columns of observed soft labels.")
    if source.soft_labels is not None and source.features is not None:
        raise InputError("Known soft labels and features both say what the true labels are likely to be: give one.")
    wanted = (source.target, source.row_id, *(source.features or ()), *source.drop)
    _require([name for name in wanted if name is not None], frame)
    classes = _classes(frame, source)
    blocks: dict[str, Any] = {"classes": classes}
    for name, template in (("observed_soft", source.observed_soft), ("soft_labels", source.soft_labels)):
        if template is not None:
            blocks[name] = _soft_labels(frame, template, classes)
    taken = {name for t in (source.observed_soft, source.soft_labels) if t for name in _names(t, classes)}
    table, has_features = _table(frame, source, taken)
    features, names = encoded(table) if has_features else (None, None)
    if source.target is not None:
        blocks["hard_labels"], blocks["classes"] = _labels(frame[source.target], source.target, classes)
    if source.observed_soft is not None:
        blocks["panel_size"] = source.panel_size
    return Observed(features=features, feature_names=names, row_ids=table.row_ids, **blocks)


def from_votes(frame: Any, columns: Sequence[str], classes: Sequence[str] | None = None) -> Observed:
    """The observations in a long table, a row a vote.

    Args:
        frame: a pandas DataFrame.
        columns: of the row, the annotator and the label.
        classes: all classes in order; else the labels that occur, sorted.

    Raises:
        InputError: columns are missing or have empty cells, or labels are no classes.
    """
    if len(columns) != 3 or len(set(columns)) != 3:
        raise InputError(
            "Votes need three columns, of the row, the annotator and the label, as in task,worker,label; got "
            f"{', '.join(columns)}."
        )
    _require(columns, frame)
    row, annotator, label = columns
    for name in columns:
        if (missing := frame[name].isna()).any():
            raise InputError(
                f"The column {name!r} of votes must have a value in every row; {counted(missing)} none, "
                f"{first_row(missing)}: leave such votes out."
            )
    rows, row_ids = pd.factorize(frame[row])
    annotators, names = pd.factorize(frame[annotator])
    declared = None if classes is None else _as_labels(classes, frame[label])
    codes, found = _labels(frame[label], label, declared)
    ids, people = ([plain(value) for value in values] for values in (row_ids, names))
    return Observed(found, votes=Votes(rows, annotators, codes), row_ids=ids, annotators=people)


def with_rows(observed: Observed, frame: Any, source: Source) -> Observed:
    """Votes beside what a wide table (a pandas DataFrame) says of their rows: features, or soft labels of the truth.

    Args:
        observed: from `from_votes`.
        frame: a row an object; those without a vote are left aside.
        source: its columns; `row_id` is needed, and no observed labels may be named.

    Raises:
        InputError: columns are missing or do not hold what they should, or a row that has votes is not there.
    """
    if source.soft_labels is not None and source.features is not None:
        raise InputError("Known soft labels and features both say what the true labels are likely to be: give one.")
    assert source.row_id is not None
    _require((source.row_id, *(source.features or ()), *source.drop), frame)
    soft, taken = None, set()
    if source.soft_labels is not None:
        soft = _soft_labels(frame, source.soft_labels, observed.classes)
        taken = set(_names(source.soft_labels, observed.classes))
    table, has_features = _table(frame, source, taken)
    if soft is None and not has_features:
        raise InputError(f"The table of rows says nothing of them: it has no column but {source.row_id!r}.")
    features, names = encoded(table) if has_features else (None, None)
    places = pd.Index(table.row_ids).get_indexer(pd.Index(observed.row_ids))
    if (absent := places < 0).any():
        first = observed.row_ids[int(absent.argmax())]
        raise InputError(
            f"The table of rows must have every row that has votes; {int(absent.sum())} are not there, the first of "
            f"them {first!r}: add them, or leave their votes out."
        )
    return dataclasses.replace(
        observed,
        features=None if features is None else features[places],
        feature_names=names,
        soft_labels=None if soft is None else soft[places],
    )


def encoded(table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    """Features as numbers (rows, columns) and the names of these: levels are indicators, the first left out.

    Raises:
        InputError: a value is missing.
    """
    if missing := table.missing():
        raise InputError(
            f"Features must not miss values here; {', '.join(map(repr, missing))} do: leave such columns or rows out."
        )
    values, names = [], []
    for place, column in enumerate(table.columns):
        own = table.features[:, place]
        if column.kind == "continuous":
            values.append(own)
            names.append(column.name)
            continue
        for code in range(1, len(column.levels)):
            values.append((own == code).astype(float))
            names.append(f"{column.name}={column.levels[code]}")
    return np.column_stack(values), tuple(names)


# --- parts ------------------------------------------------------------------------------------------


def _require(names: Iterable[str], frame: Any) -> None:
    for name in names:
        if name not in frame:
            raise InputError(f"There is no column {name!r}: {did_you_mean(name, frame.columns)}")


def _classes(frame: Any, source: Source) -> tuple[Label, ...] | None:
    """As declared, else as the names of the columns of soft labels say; None leaves them to the target."""
    column = None if source.target is None else frame[source.target]
    if source.classes is not None:
        return _as_labels(source.classes, column)
    for template in (source.observed_soft, source.soft_labels):
        if template is not None:
            return _as_labels(_matching(frame, template), column)
    return None


def _matching(frame: Any, template: str) -> list[str]:
    """What stands in the place of the class in the names of columns."""
    before, place, after = template.partition(PLACE)
    if not place:
        raise InputError(
            f"The columns of soft labels must be named with {PLACE} in the place of the class, as in 'p[{PLACE}]'; "
            f"got {template!r}."
        )
    pattern = re.compile(re.escape(before) + "(.+)" + re.escape(after))
    found = [match[1] for name in frame.columns if (match := pattern.fullmatch(str(name)))]
    if not found:
        raise InputError(f"No column has a name like {template!r}: {did_you_mean(template, frame.columns)}")
    return found


def _as_labels(texts: Sequence[str], column: Any) -> tuple[Label, ...]:
    """Texts as labels of the kind that a column holds."""
    kind = "text" if column is None else value_type_of(str(column.name), column)
    if kind == "numbers":
        return tuple(text if (number := finite_number(str(text))) is None else plain(number) for text in texts)
    if kind == "truth values":
        return tuple({"True": True, "False": False}.get(str(text), text) for text in texts)
    return tuple(str(text) for text in texts)


def _names(template: str, classes: Iterable[Label] | None) -> list[str]:
    return [template.replace(PLACE, str(value)) for value in classes or ()]


def _soft_labels(frame: Any, template: str, classes: Any) -> np.ndarray:
    _matching(frame, template)
    names = _names(template, classes)
    _require(names, frame)
    for name in names:
        if (kind := value_type_of(name, frame[name])) != "numbers":
            raise InputError(f"The column {name!r} must hold probabilities; it holds {kind}.")
        if (missing := frame[name].isna()).any():
            raise InputError(
                f"The column {name!r} must have a probability in every row; {counted(missing)} none, "
                f"{first_row(missing)}: leave such rows out."
            )
    return frame[names].to_numpy(dtype=np.float64)


def _table(frame: Any, source: Source, taken: set[str]) -> tuple[Table, bool]:
    """Row ids and features; where there are none, a column that only counts the rows, and False."""
    left = [name for name in frame.columns if name not in {source.target, source.row_id, *source.drop, *taken}]
    chosen = list(left if source.features is None else source.features) if source.soft_labels is None else []
    kept = frame[[*([source.row_id] if source.row_id else []), *chosen]]
    if not chosen:
        kept = kept.assign(**{_free(kept): np.arange(len(frame), dtype=float)})
    return Table.from_frame(kept, row_id=source.row_id), bool(chosen)


def _free(frame: Any) -> str:
    name = "row"
    while name in frame:
        name = "_" + name
    return name


def _labels(column: Any, name: str, declared: tuple[Label, ...] | None) -> tuple[np.ndarray, tuple[Label, ...]]:
    if (missing := column.isna()).any():
        raise InputError(
            f"The labels in {name!r} must be there in every row; {counted(missing)} none, {first_row(missing)}: "
            "leave such rows out."
        )
    value_type_of(name, column)
    if declared is None and isinstance(column.dtype, pd.CategoricalDtype):
        declared = tuple(plain(value) for value in column.cat.categories)
    codes, classes = encode(column, declared, f"The column {name!r}", "classes")
    if fractional := [value for value in classes if isinstance(value, float)]:
        raise InputError(
            f"The column {name!r} must hold labels; got numbers that are not whole, such as {fractional[0]}: is it a "
            "feature?"
        )
    return codes, classes
