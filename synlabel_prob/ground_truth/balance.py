"""What random functions share: which features they look at, their classes, and how many rows each class is to have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..columns import declared_labels
from ..errors import InputError, Problems, did_you_mean
from ..table import Table
from .ball import continuous_features

_CLOSE = 1e-9


def check_classes(classes: tuple[str, ...], balance: Mapping[str, float]) -> None:
    """Two classes or more, each once, and a share for each of them or for none.

    Raises:
        InputError: says which of the two fields does not fit.
    """
    if len(classes) < 2:
        raise InputError(f"classes must have at least two labels; got {list(classes)}.")
    declared_labels(classes, "classes")
    for label, share in balance.items():
        if label not in classes:
            raise InputError(f"balance names the class {label!r}, which is none of `classes`: {_near(label, classes)}")
        if not share > 0:
            raise InputError(f"balance must have shares above 0; {label!r} has {share:g}: leave out the class instead.")
    if lacking := [label for label in classes if balance and label not in balance]:
        raise InputError(f"balance must have a share for each class; {lacking[0]!r} has none: give it one.")
    total = sum(balance.values())
    if balance and abs(total - 1) > _CLOSE:
        raise InputError(f"balance must add up to 1; its shares add up to {total:.6g}: divide them by that.")


def _near(label: str, classes: tuple[str, ...]) -> str:
    hint = did_you_mean(label, classes)
    return hint if hint.endswith("?") else f"{hint}."


def asked_rows(classes: tuple[str, ...], balance: Mapping[str, float], rows: int) -> np.ndarray:
    """How many rows each class is to have, (classes,), not rounded."""
    return rows * np.array([balance[label] if balance else 1 / len(classes) for label in classes])


def whole_rows(asked: np.ndarray) -> np.ndarray:
    """The same in whole rows, (classes,): the largest remainders are rounded up, and no class has none."""
    rows = round(asked.sum())
    found = np.floor(asked).astype(int)
    found[np.argsort(found - asked, kind="stable")[: rows - found.sum()]] += 1
    while (found == 0).any():
        found[found.argmax()] -= 1
        found[found.argmin()] += 1
    return found


def stated_shares(classes: tuple[str, ...], balance: Mapping[str, float]) -> str:
    """In words."""
    if not balance:
        return f"{', '.join(classes)} in equal shares"
    return ", ".join(f"{label} {balance[label]:.3g}" for label in classes)


def places_of(features: tuple[str, ...], table: Table) -> np.ndarray:
    """Of the features that a function looks at: those named, else all continuous ones."""
    if features:
        return table.index(features)
    return np.array([place for place, column in enumerate(table.columns) if column.kind == "continuous"], dtype=int)


def complete_rows(table: Table, places: np.ndarray) -> np.ndarray:
    """These features (rows, places) of the rows that miss none of them."""
    values = table.features[:, places]
    return values[~np.isnan(values).any(axis=1)]


def report_features(features: tuple[str, ...], classes: tuple[str, ...], table: Table, problems: Problems) -> None:
    """Features that are unknown or not continuous, or none at all, and fewer rows than classes."""
    continuous_features(features, table, problems, "ground_truth.features")
    if not features and not len(places_of(features, table)):
        problems.add(
            "`ground_truth` needs a continuous feature, of which the table has none: use rules or a learned function."
        )
    if table.num_rows < len(classes):
        problems.add(
            f"`ground_truth.classes` has {len(classes)} labels, more than the table has rows ({table.num_rows}): "
            "leave some out, or take more rows."
        )
