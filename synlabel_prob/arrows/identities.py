"""The identity arrows: the same labels, read as those of another set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..datasets import (
    Dataset,
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
)
from ..errors import InputError
from .parts import SYMBOLS, certain_labels, hidden_of, known, require, soft_labels, symbols

_TARGETS: Mapping[type, tuple[type, ...]] = {
    GroundTruthDataset: (PartialGroundTruthDataset, ObservedSoftDataset, ObservedHardDataset),
    PartialGroundTruthDataset: (GroundTruthDataset, ObservedSoftDataset, ObservedHardDataset),
    ObservedSoftDataset: (GroundTruthDataset, PartialGroundTruthDataset, ObservedHardDataset),
    ObservedHardDataset: (ObservedSoftDataset,),
}


def identity[D: Dataset](dataset: Dataset, to: type[D]) -> D:
    """The same rows and labels as a dataset of another type; exact.

    Hard labels become one-hot over all declared classes. Soft labels become hard ones only where each row has a class
    with probability 1; whether these are exact or draws that all agree is for the caller to judge. D^G gets the known
    hidden features back, after the observed ones.

    Raises:
        InputError: Figure 1 has no such identity, or a soft label is not certain.
    """
    require(dataset, tuple(_TARGETS), "identity")
    if to not in _TARGETS[type(dataset)]:
        came = SYMBOLS.get(to, repr(to))
        raise InputError(
            f"`to` must be {symbols(_TARGETS[type(dataset)])} from {SYMBOLS[type(dataset)]}; got {came}: observed hard "
            "labels become true ones by `relabel`."
        )
    return _as_type(dataset, to)


def _as_type(dataset: Dataset, to: Any) -> Any:
    provenance = dataset.provenance.then("identity")
    if to is GroundTruthDataset:
        return to(known(dataset), certain_labels(dataset, "identity"), dataset.classes, provenance)
    view, hidden = dataset.view, hidden_of(dataset)
    if to is ObservedHardDataset:
        return to(view, certain_labels(dataset, "identity"), dataset.classes, hidden, provenance)
    soft = soft_labels(dataset)
    if to is ObservedSoftDataset:
        return to(view, soft, dataset.classes, hidden, provenance)
    return to(view, soft, np.zeros_like(soft), dataset.classes, hidden, provenance)
