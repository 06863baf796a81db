"""Open-set noise: rows of classes that the observed data do not have get one of those that they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import RowValues
from ..datasets import ObservedSoftDataset, PartialGroundTruthDataset
from ..errors import InputError, Problems, did_you_mean
from .parts import require

Soft = PartialGroundTruthDataset | ObservedSoftDataset


def inject_open_set_noise(
    dataset: Soft, unknown: Sequence[Any], towards: Mapping[Any, Mapping[Any, float]] | None = None
) -> ObservedSoftDataset:
    """D^PG -> D^OS: the classes in `unknown` are not among those that are observed; exact.

    p' = p T with T of (classes, known classes): known classes stay, the probability of an unknown one goes to the known
    ones. With no class unknown soft labels are those before. `open_mass` is how much was unknown.

    Args:
        dataset: with all classes.
        unknown: classes that nobody who labels has heard of.
        towards: by unknown class, proportions of the known classes that its rows get; any one alike where left out.

    Raises:
        InputError: a class is not the dataset's, none is left, or a row of `towards` has no proportion above 0.
    """
    require(dataset, (PartialGroundTruthDataset, ObservedSoftDataset), "inject_open_set_noise")
    codes = _codes(dataset, unknown)
    known = [code for code in range(len(dataset.classes)) if code not in codes]
    classes = tuple(dataset.classes[code] for code in known)
    transition = np.eye(len(dataset.classes))[:, known]
    for code in codes:
        name = dataset.classes[code]
        transition[code] = np.full(len(known), 1 / len(known)) if towards is None else _row(towards, name, classes)
    come = dataset.provenance.then("inject_open_set_noise")
    return ObservedSoftDataset(dataset.view, dataset.soft_labels @ transition, classes, dataset.hidden, come)


def open_mass(dataset: Soft, unknown: Sequence[Any]) -> RowValues:
    """The probability that a row is of one of the unknown classes, (rows,); exact.

    Raises:
        InputError: a class is not the dataset's.
    """
    require(dataset, (PartialGroundTruthDataset, ObservedSoftDataset), "open_mass")
    return dataset.soft_labels[:, _codes(dataset, unknown)].sum(1)


def _codes(dataset: Soft, unknown: Sequence[Any]) -> list[int]:
    problems = Problems()
    for value in unknown:
        if value not in dataset.classes:
            hint = did_you_mean(str(value), [str(name) for name in dataset.classes])
            problems.add(f"`unknown` names the class {value!r}: {hint}")
    problems.raise_if_any()
    codes = [code for code, value in enumerate(dataset.classes) if value in unknown]
    if len(codes) == len(dataset.classes):
        raise InputError(f"`unknown` must leave at least one of the classes {list(dataset.classes)}; got all of them.")
    return codes


def _row(towards: Mapping[Any, Mapping[Any, float]], name: Any, classes: tuple) -> np.ndarray:
    shares = towards.get(name, {})
    for other in shares:
        if other not in classes:
            hint = did_you_mean(str(other), [str(value) for value in classes])
            raise InputError(f"`towards` of {name!r} names {other!r}, which is no known class: {hint}")
    row = np.array([float(shares.get(value, 0.0)) for value in classes])
    if not (np.isfinite(row).all() and row.min() >= 0 and row.sum() > 0):
        raise InputError(
            f"`towards` must have, for the unknown class {name!r}, proportions of at least 0 with one above 0; got "
            f"{dict(shares)}."
        )
    return row / row.sum()
