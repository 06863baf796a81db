"""What the arrows share: the features that are known, the labels as hard or soft ones, and which set may go where."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..datasets import (
    Dataset,
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
)
from ..errors import InputError
from ..metrics import one_hot
from ..table import Table

SYMBOLS = {
    GroundTruthDataset: "D^G",
    PartialGroundTruthDataset: "D^PG",
    ObservedSoftDataset: "D^OS",
    ObservedHardDataset: "D^OH",
}
"""Each dataset by its symbol in the paper."""


def symbols(types: tuple[type, ...]) -> str:
    """The sets of an arrow, for a message."""
    return " or ".join(f"{SYMBOLS[kind]} ({kind.__name__})" for kind in types)


def require(dataset: object, types: tuple[type, ...], arrow: str) -> None:
    """That an arrow starts where the paper lets it start.

    Raises:
        InputError: the dataset is of another type.
    """
    if not isinstance(dataset, types):
        came = SYMBOLS.get(type(dataset), f"a value of type {type(dataset).__name__}")
        raise InputError(f"`{arrow}` must start at {symbols(types)}; got {came}: use another arrow.")


def hidden_of(dataset: Dataset) -> Table | None:
    """What was hidden, where it is known; nothing is hidden in D^G."""
    return None if isinstance(dataset, GroundTruthDataset) else dataset.hidden


def known(dataset: Dataset) -> Table:
    """All features that are known: the observed ones, then the hidden ones."""
    hidden = hidden_of(dataset)
    if hidden is None:
        return dataset.view
    features = np.concatenate([dataset.view.features, hidden.features], axis=1)
    return dataclasses.replace(dataset.view, columns=dataset.view.columns + hidden.columns, features=features)


def soft_labels(dataset: Dataset) -> np.ndarray:
    """Label distributions (rows, classes): hard labels one-hot over all declared classes."""
    if isinstance(dataset, (GroundTruthDataset, ObservedHardDataset)):
        return one_hot(dataset.hard_labels, len(dataset.classes))
    return dataset.soft_labels


def certain_labels(dataset: Dataset, arrow: str) -> np.ndarray:
    """Codes (rows,) where every row has one class with probability 1.

    Raises:
        InputError: some row has not.
    """
    if isinstance(dataset, (GroundTruthDataset, ObservedHardDataset)):
        return dataset.hard_labels
    uncertain = dataset.soft_labels.max(1) != 1.0
    if uncertain.any():
        first = dataset.view.row_ids[int(np.argmax(uncertain))]
        raise InputError(
            f"`{arrow}` from soft to hard labels must find one class with probability 1 in every row; "
            f"{int(uncertain.sum())} of {len(uncertain)} rows are uncertain, the first of them {first!r}: use `decide` "
            "or, for observed labels, `draw_labels`."
        )
    return dataset.soft_labels.argmax(1)
