"""What a user has: labels that may be wrong, and what says something about the true ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..columns import Label, declared_labels
from ..errors import InputError, Problems
from ..metrics import ROW_SUM_TOLERANCE


class Votes(NamedTuple):
    """Who said what of which row, each (votes,): places of rows, places of annotators, class codes."""

    row: np.ndarray
    annotator: np.ndarray
    label: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Observed:
    """Observed labels, of which exactly one of `hard_labels`, `observed_soft` and `votes` is given.

    At most one of `features` and `soft_labels` says what the true labels are likely to be.

    Attributes:
        classes: all classes, in the order of the codes.
        hard_labels: (rows,) codes, one label a row.
        observed_soft: (rows, classes) soft labels after noise, as of a panel whose members each draw a class.
        panel_size: how many members stand behind each observed soft label; it sets how much that counts.
        votes: (row, annotator, label), each (votes,) codes.
        features: (rows, features) finite numbers; the true class follows a softmax-linear law of them.
        soft_labels: (rows, classes) the law of the true class, taken as known.
        row_ids: (rows,) what rows are called; their places by default.
        annotators: what annotators are called; their codes by default.
        feature_names: what features are called; their places by default.

    Raises:
        InputError: the arrays do not fit each other; every problem is named.
    """

    classes: Sequence[Label]
    hard_labels: Any = None
    observed_soft: Any = None
    panel_size: float = 1.0
    votes: Any = None
    features: Any = None
    soft_labels: Any = None
    row_ids: Any = None
    annotators: Any = None
    feature_names: Any = None

    def __post_init__(self) -> None:
        """Read the arrays and report all that is wrong with them."""
        self._set("classes", declared_labels(self.classes, "`classes`"))
        if len(self.classes) < 2:
            raise InputError(
                f"`classes` must name at least two classes, or no label can be wrong; got {len(self.classes)}."
            )
        given = [name for name in ("hard_labels", "observed_soft", "votes") if getattr(self, name) is not None]
        if len(given) != 1:
            raise InputError(
                "exactly one of `hard_labels`, `observed_soft` and `votes` must be given; "
                f"got {' and '.join(given) or 'none'}."
            )
        if self.features is not None and self.soft_labels is not None:
            raise InputError(
                "`features` and `soft_labels` both say what the true labels are likely to be: give one of them "
                "(`soft_labels` where they are known)."
            )
        problems = Problems()
        self._read(problems)
        problems.raise_if_any()
        self._settle(problems)
        problems.raise_if_any()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _read(self, problems: Problems) -> None:
        """Each array by itself."""
        size = len(self.classes)
        if self.hard_labels is not None:
            self._set("hard_labels", _codes("hard_labels", self.hard_labels, size, problems))
        for name in ("observed_soft", "soft_labels"):
            if getattr(self, name) is not None:
                self._set(name, _laws(name, getattr(self, name), size, problems))
        if self.votes is not None:
            self._set("votes", _votes(self.votes, size, problems))
        if self.features is not None:
            self._set("features", _features(self.features, problems))
        if not (np.isscalar(self.panel_size) and np.isfinite(self.panel_size) and self.panel_size > 0):
            problems.add(f"`panel_size` must be a number above 0; got {self.panel_size!r}.")

    def _settle(self, problems: Problems) -> None:
        """Arrays against each other, and names where there are none."""
        sizes = {
            name: len(getattr(self, name))
            for name in ("hard_labels", "observed_soft", "features", "soft_labels", "row_ids")
            if getattr(self, name) is not None
        }
        if len(set(sizes.values())) > 1:
            said = ", ".join(f"`{name}` has {size}" for name, size in sizes.items())
            problems.add(f"all arrays must have the same number of rows; {said}.")
            return
        rows = next(iter(sizes.values()), int(self.votes.row.max()) + 1 if self.votes else 0)
        if self.votes is not None and self.votes.row.max() >= rows:
            problems.add(f"`votes` must name rows below {rows}, the number of rows; got {self.votes.row.max()}.")
            return
        if self.votes is not None and (silent := rows - len(np.unique(self.votes.row))):
            problems.add(f"`votes` must have a vote on every row; {silent} of {rows} have none: leave them out.")
        number = 0 if self.votes is None else int(self.votes.annotator.max()) + 1
        if self.annotators is not None and len(self.annotators) < number:
            problems.add(f"`annotators` must name all {number} annotators; got {len(self.annotators)} names.")
        columns = 0 if self.features is None else self.features.shape[1]
        if self.feature_names is not None and len(self.feature_names) != columns:
            problems.add(f"`feature_names` must have {columns} names; got {len(self.feature_names)}.")
        for name, length in (("row_ids", rows), ("annotators", number), ("feature_names", columns)):
            given = getattr(self, name)
            self._set(name, tuple(range(length)) if given is None else tuple(np.asarray(given).tolist()))

    @property
    def num_rows(self) -> int:
        """How many rows there are, also those on which nobody voted."""
        return len(self.row_ids)

    def counts(self) -> np.ndarray:
        """(rows, classes): how often each label was observed; a soft label counts as often as its panel is large."""
        size = len(self.classes)
        if self.hard_labels is not None:
            return np.eye(size)[self.hard_labels]
        if self.observed_soft is not None:
            return self.panel_size * self.observed_soft
        found = np.zeros((self.num_rows, size))
        np.add.at(found, (self.votes.row, self.votes.label), 1.0)
        return found


def _codes(name: str, values: Any, classes: int, problems: Problems) -> np.ndarray:
    found = np.asarray(values)
    if found.ndim != 1 or not len(found):
        problems.add(f"`{name}` must have shape (rows,) and at least one row; got shape {found.shape}.")
        return np.zeros(1, np.int64)
    if found.dtype.kind not in "iu":
        problems.add(f"`{name}` must be whole class codes; got {found.dtype}: encode labels as places in `classes`.")
        return np.zeros(1, np.int64)
    wrong = found[(found < 0) | (found >= classes)]
    if len(wrong):
        problems.add(
            f"`{name}` must be codes 0 to {classes - 1}; {len(wrong)} of {len(found)} are not, the first is "
            f"{wrong[0]}: leave rows without a label out."
        )
    return found.astype(np.int64)


def _laws(name: str, values: Any, classes: int, problems: Problems) -> np.ndarray:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != classes or not len(found):
        problems.add(f"`{name}` must have shape (rows, {classes}), a column a class; got {found.shape}.")
        return np.full((1, classes), 1 / classes)
    sums = found.sum(1)
    wrong = ~(np.isfinite(found).all(1) & (found >= 0).all(1) & (np.abs(sums - 1) <= ROW_SUM_TOLERANCE))
    if wrong.any():
        first = int(np.argmax(wrong))
        problems.add(
            f"`{name}` must be probabilities whose rows sum to 1; {int(wrong.sum())} of {len(found)} rows are not, the "
            f"first is row {first + 1}, {np.round(found[first], 4).tolist()}."
        )
        return found
    return found / sums[:, None]


def _votes(votes: Any, classes: int, problems: Problems) -> Votes:
    parts = tuple(votes)
    names = ("row", "annotator", "label")
    if len(parts) != 3 or len({np.shape(part) for part in parts}) != 1:
        problems.add("`votes` must be three arrays of one length, (row, annotator, label).")
        return Votes(*(np.zeros(1, np.int64) for _ in names))
    largest = np.iinfo(np.int64).max
    read = [
        _codes(f"votes.{name}", part, classes if name == "label" else largest, problems)
        for name, part in zip(names, parts, strict=True)
    ]
    return Votes(*read)


def _features(values: Any, problems: Problems) -> np.ndarray:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or not found.size:
        problems.add(f"`features` must have shape (rows, features); got {found.shape}.")
        return np.zeros((1, 1))
    if not np.isfinite(found).all():
        rows = int((~np.isfinite(found)).any(1).sum())
        problems.add(
            f"`features` must be finite numbers; {rows} of {len(found)} rows have a missing or infinite one: leave "
            "such rows or columns out."
        )
    return found
