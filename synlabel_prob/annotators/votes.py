"""Votes: what annotators said, as a long table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import PairCodes
from ..errors import InputError
from ..table import Label

COLUMNS = ("task", "worker", "label")
"""Of the long table, as crowd-kit calls them."""


@dataclasses.dataclass(frozen=True, eq=False)
class Votes:
    """Who said what of which row, in the order of the rows and then of the annotators.

    Attributes:
        rows, annotators, labels: (votes,) places of rows among `row_ids`, of annotators among `names`, and codes.
        row_ids: (rows,) of all rows, those without a vote included.
        names: of all annotators, those without a vote included.
        classes: the declared classes, in the order of the codes.
    """

    rows: PairCodes
    annotators: PairCodes
    labels: PairCodes
    row_ids: np.ndarray
    names: tuple[str, ...]
    classes: tuple[Label, ...]

    def __len__(self) -> int:
        """How many votes there are."""
        return len(self.labels)


def votes_to_frame(votes: Votes) -> pd.DataFrame:
    """A row each vote: `task` (the row id), `worker` (the annotator) and `label`; the names of crowd-kit."""
    return pd.DataFrame(
        {
            "task": votes.row_ids[votes.rows],
            "worker": pd.Categorical.from_codes(votes.annotators, categories=list(votes.names)),
            "label": pd.Categorical.from_codes(votes.labels, categories=list(votes.classes)),
        }
    )


def votes_from_frame(
    frame: pd.DataFrame, row_ids: np.ndarray, classes: Sequence[Label], names: Sequence[str] | None = None
) -> Votes:
    """Votes from a long table with the columns `task`, `worker` and `label`, in any order.

    Args:
        frame: a row each vote.
        row_ids: (rows,) of all rows.
        classes: the declared classes.
        names: of all annotators; those of the table, sorted, by default.

    Raises:
        InputError: a column is missing, a value is not among those declared, or somebody labels a row twice.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(f"votes must have the columns task, worker and label; there is no {missing[0]!r}.")
    names = sorted({str(worker) for worker in frame["worker"]}) if names is None else names
    rows = _places(frame["task"], row_ids, "task", "the id of a row")
    annotators = _places(frame["worker"].astype(str), names, "worker", "an annotator")
    labels = _places(frame["label"].astype(object), classes, "label", "a declared class")
    order = np.lexsort((annotators, rows))
    rows, annotators, labels = rows[order], annotators[order], labels[order]
    twice = np.flatnonzero((np.diff(rows) == 0) & (np.diff(annotators) == 0))
    if len(twice):
        who, what = names[int(annotators[twice[0]])], np.asarray(row_ids).tolist()[int(rows[twice[0]])]
        raise InputError(f"votes must hold one label of an annotator for a row; {who!r} labels {what!r} twice.")
    return Votes(rows, annotators, labels, np.asarray(row_ids), tuple(names), tuple(classes))


def _places(values: Any, known: Sequence | np.ndarray, column: str, what: str) -> np.ndarray:
    places = pd.Index(list(known), dtype=object).get_indexer(pd.Index(values.to_numpy(object), dtype=object))
    if (places < 0).any():
        raise InputError(
            f"votes must have {what} in the column {column!r}; got {values.tolist()[int(np.argmin(places))]!r}."
        )
    return places.astype(np.int64)
