"""The dataset as one frame, a row for each row of the table, and as a Parquet file that keeps all that it means."""

from __future__ import annotations

import dataclasses
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..annotators import Votes, plurality, vote_shares, votes_from_frame, votes_to_frame
from ..columns import encode
from ..errors import InputError, Problems
from ..process import FittedProcess, Generated, Ledger
from ..table import Label, Table

_KEY = b"synlabel_prob"
SOFT, ERROR, NOISY = "soft_label", "soft_label_standard_error", "noisy_soft_label"
TRUTH, HARD, DRAWN = "ground_truth_label", "noisy_hard_label", "drawn_label"
COMPLETED, NOISY_FEATURE = "completed", "noisy_feature"
SHARE, PLURALITY = "vote_share", "plurality_label"
CANDIDATE, OBSERVED = "candidate", "observed_label"


def result_names(fitted: FittedProcess) -> list[str]:
    """The names of the columns that a result adds to the user's.

    Raises:
        InputError: one of them is a column of the user's, or two classes have one name.
    """
    by_class = [name for kind in (SOFT, ERROR, NOISY) for name in _by_class(kind, fitted.classes)]
    nodes = [name for node in fitted.process.noise for name in _node_names(node.label)]
    table, problems = fitted.table, Problems()
    voting = [*_by_class(SHARE, fitted.classes), PLURALITY] if fitted.annotation is not None else []
    recorded = [*_by_class(CANDIDATE, fitted.classes), OBSERVED] if fitted.observation is not None else []
    noisy = [f"{NOISY_FEATURE}[{name}]" for name in fitted.noisy_features]
    names = [*_completed_names(table), TRUTH, *by_class, HARD, DRAWN, *nodes, *voting, *recorded, *noisy]
    for name in sorted({*table.feature_names, table.row_id_name, table.target_name or ""}.intersection(names)):
        problems.add(f"The table has a column {name!r}, which the result adds itself: rename it with `data.rename`.")
    for name, count in Counter(names).items():
        if count > 1:
            problems.add(f"The result would have {count} columns {name!r}: give classes and noise nodes other names.")
    problems.raise_if_any()
    return names


def _completed_names(table: Table) -> list[str]:
    """Of the columns with the values that the ground truth saw, for features that miss some."""
    return [f"{COMPLETED}[{name}]" for name in table.missing()]


def _by_class(kind: str, classes: Sequence[Label]) -> list[str]:
    return [f"{kind}[{value}]" for value in classes]


def _node_names(node: str) -> list[str]:
    return [f"{node}.before", f"{node}.after", f"{node}.flip_probability"]


def result_frame(fitted: FittedProcess, generated: Generated) -> pd.DataFrame:
    """The row id, the features in their dtypes and the target, then everything that the run made.

    Labels are pandas categoricals of the declared classes; errors as for `result_names`.
    """
    result_names(fitted)
    table, classes = fitted.table, fitted.classes
    frame = pd.concat([pd.DataFrame({table.row_id_name: table.row_ids}), table.to_frame()], axis="columns")
    parts: dict[str, Any] = {}
    if table.target is not None:
        parts[str(table.target_name)] = _labels(table.target, table.classes)
    truth = fitted.truth_table.to_frame()
    parts |= {name: truth[own] for name, own in zip(_completed_names(table), table.missing(), strict=True)}
    parts[TRUTH] = _labels(fitted.labels, classes)
    soft = {SOFT: generated.partial.soft_labels, ERROR: generated.partial.standard_error}
    for kind, values in {**soft, NOISY: generated.observed_soft.soft_labels}.items():
        parts |= dict(zip(_by_class(kind, classes), values.T, strict=True))
    parts |= {
        HARD: _labels(generated.observed_hard.hard_labels, classes),
        DRAWN: _labels(generated.drawn_label, classes),
    }
    for entry in generated.ledger:
        parts |= _ledger(entry, classes)
    if generated.votes is not None:
        parts |= dict(zip(_by_class(SHARE, classes), vote_shares(generated.votes).T, strict=True))
        parts[PLURALITY] = _labels(plurality(generated.votes), classes)
    if (sets := generated.observed_sets) is not None:
        parts |= dict(zip(_by_class(CANDIDATE, classes), sets.T, strict=True))
        parts[OBSERVED] = _labels(np.where(sets.sum(1) == 1, sets.argmax(1), -1), classes)
    recorded = generated.observed_hard.view.to_frame()
    parts |= {f"{NOISY_FEATURE}[{name}]": recorded[name] for name in fitted.noisy_features}
    return pd.concat([frame, pd.DataFrame(parts)], axis="columns")


def _ledger(entry: Ledger, classes: Sequence[Label]) -> dict[str, Any]:
    values = (_labels(entry.before, classes), _labels(entry.after, classes), entry.flip_probability)
    return dict(zip(_node_names(entry.name), values, strict=True))


def _labels(codes: np.ndarray, classes: Sequence[Label]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=list(classes))


# --- Parquet ----------------------------------------------------------------------------------------


def to_parquet(frame: pd.DataFrame, fitted: FittedProcess) -> bytes:
    """The frame of `result_frame` as a Parquet file; its metadata hold kinds, levels, classes and dtypes."""
    import pyarrow.parquet

    content, made = io.BytesIO(), to_arrow(frame, fitted)
    pyarrow.parquet.write_table(made, content, use_dictionary=repeating(made.schema))
    return content.getvalue()


def repeating(schema: Any) -> Any:
    """Names of the columns whose values may repeat: numbers hardly do, and looking for it takes most of the time."""
    import pyarrow

    return [field.name for field in schema if not pyarrow.types.is_floating(field.type)]


def to_arrow(frame: pd.DataFrame, fitted: FittedProcess) -> Any:
    """The frame of `result_frame` as an Arrow table with these metadata."""
    import pyarrow

    about = {
        "dtypes": {name: _dtype_to_plain(frame[name].dtype) for name in frame.columns},
        "table": _table_to_plain(fitted.table),
        "classes": list(fitted.classes),
        "hidden": list(fitted.process.hidden),
        "noisy_features": list(fitted.noisy_features),
    }
    plain = pd.DataFrame({name: _writable(column) for name, column in frame.items()})
    made = pyarrow.Table.from_pandas(plain, preserve_index=False)
    return made.replace_schema_metadata({**(made.schema.metadata or {}), _KEY: json.dumps(about).encode()})


def votes_to_parquet(votes: Votes) -> bytes:
    """The long table of votes (`task`, `worker`, `label`) as a Parquet file; its metadata hold names and classes."""
    import pyarrow
    import pyarrow.parquet

    about = {"names": list(votes.names), "classes": list(votes.classes)}
    plain = pd.DataFrame({name: _writable(column) for name, column in votes_to_frame(votes).items()})
    written = pyarrow.Table.from_pandas(plain, preserve_index=False)
    written = written.replace_schema_metadata({**(written.schema.metadata or {}), _KEY: json.dumps(about).encode()})
    content = io.BytesIO()
    pyarrow.parquet.write_table(written, content)
    return content.getvalue()


def read_votes(path: Path, row_ids: np.ndarray) -> Votes:
    """The votes on rows with these ids.

    Raises:
        InputError: it is not a file that `votes_to_parquet` made.
    """
    frame, about = _read(path, "votes")
    classes = about["classes"]
    if _is_mixed(classes):
        texts = {str(value): value for value in classes}
        frame = frame.assign(label=[texts[text] for text in frame["label"]])
    return votes_from_frame(frame, row_ids, classes, about["names"])


def read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame with the dtypes that it had, and what its metadata say.

    Raises:
        InputError: it is not a file that `to_parquet` made.
    """
    frame, about = _read(path, "dataset")
    return frame.assign(**{name: _restored(frame[name], dtype) for name, dtype in about["dtypes"].items()}), about


def _read(path: Path, what: str) -> tuple[Any, dict[str, Any]]:
    """The frame in a Parquet file of ours, and what its metadata say."""
    import pyarrow
    import pyarrow.parquet

    try:
        read = pyarrow.parquet.read_table(path)
        about = json.loads((read.schema.metadata or {})[_KEY])
    except (OSError, KeyError, ValueError, pyarrow.ArrowException):
        raise InputError(f"{str(path)!r} must be the {what} of a result; it is missing or something else.") from None
    return read.to_pandas(), about


def _table_to_plain(table: Table) -> dict[str, Any]:
    return {
        "features": [{"name": it.name, "kind": it.kind, "levels": list(it.levels)} for it in table.columns],
        "classes": list(table.classes),
        "row_id": table.row_id_name,
        "target": table.target_name,
    }


def read_back_table(frame: pd.DataFrame, plain: dict[str, Any]) -> Table:
    """The table that was labelled."""
    features = plain["features"]
    names = [plain["row_id"], *(it["name"] for it in features), *([plain["target"]] if plain["target"] else [])]
    return Table.from_frame(
        frame.loc[:, names],
        target=plain["target"],
        row_id=plain["row_id"],
        classes=plain["classes"] or None,
        kinds={it["name"]: it["kind"] for it in features},
        levels={it["name"]: it["levels"] for it in features if it["levels"]},
    )


def read_back_completed(frame: pd.DataFrame, table: Table) -> Table:
    """The table that the ground truth saw: the same where it misses no value."""
    missing = table.missing()
    if not missing:
        return table
    values = frame.loc[:, _completed_names(table)].set_axis(list(missing), axis="columns")
    read = Table.from_frame(
        values,
        kinds={name: table.column(name).kind for name in missing},
        levels={name: table.column(name).levels for name in missing if table.column(name).levels},
    )
    features = table.features.copy()
    features[:, table.index(missing)] = read.features
    return table.completed(features)


def read_back_noisy(frame: pd.DataFrame, view: Table, names: Sequence[str]) -> Table:
    """The observed features as they are recorded, with noise on those of these names."""
    features, columns = view.features.copy(), list(view.columns)
    for name, place in zip(names, view.index(names), strict=True):
        column, written = columns[place], f"{NOISY_FEATURE}[{name}]"
        if column.kind == "continuous":
            features[:, place] = frame[written].to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            own: Any = frame[written]
            codes, _ = encode(own, column.levels, f"Column {written!r}", "levels")
            features[:, place] = np.where(codes < 0, np.nan, codes)
        columns[place] = column.as_drawn()
    return dataclasses.replace(view, columns=tuple(columns), features=features)


def _dtype_to_plain(dtype: Any) -> Any:
    if isinstance(dtype, pd.CategoricalDtype):
        categories = [getattr(value, "item", lambda value=value: value)() for value in dtype.categories]
        return {"categories": categories, "ordered": bool(dtype.ordered)}
    return str(dtype)


def _is_mixed(categories: Iterable[Any]) -> bool:
    return len({"text" if isinstance(value, str) else isinstance(value, bool) for value in categories}) > 1


def _writable(column: pd.Series) -> pd.Series:
    """Categories as plain values, which every reader knows (Hugging Face's datasets refuse dictionaries).

    Those of several types become text, because a Parquet column has one type.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if _is_mixed(column.cat.categories):
        column = column.cat.rename_categories([str(value) for value in column.cat.categories])
    return column.astype(column.cat.categories.dtype) if column.notna().all() else column.astype(object)


def _restored(column: pd.Series, dtype: Any) -> pd.Series:
    """Parquet keeps categories of text only; others come back as plain values."""
    if isinstance(dtype, str):
        return column if str(column.dtype) == dtype else column.astype(dtype)
    categories = dtype["categories"]
    keys = [str(value) for value in categories] if _is_mixed(categories) else categories
    lookup = {key: code for code, key in enumerate(keys)}
    codes = np.array([lookup.get(value, -1) for value in column.astype(object)], dtype=np.int64)
    whole = pd.CategoricalDtype(categories, dtype["ordered"])
    return pd.Series(pd.Categorical.from_codes(codes, dtype=whole), index=column.index)
