"""Observations become the arrays of a model; rows that are alike are one row that counts several times."""

from __future__ import annotations

import math

import numpy as np

from ..errors import InputError
from .models import Arrays
from .observed import Observed

_MOST_CELLS = 100_000_000


def arrays(observed: Observed) -> Arrays:
    """A row for each row of the user's; constant features are left out, because the intercept stands for them."""
    return Arrays(
        counts=observed.counts(),
        multiplicity=np.ones(observed.num_rows),
        votes=None if observed.votes is None else _by_annotator(observed),
        law=observed.soft_labels,
        features=standardised(observed.features),
    )


def standardised(features: np.ndarray | None) -> np.ndarray | None:
    """Columns with mean 0 and standard deviation 1, without those that are constant; None where none is left."""
    if features is None:
        return None
    kept = features[:, varying(features)]
    return (kept - kept.mean(0)) / kept.std(0) if kept.size else None


def varying(features: np.ndarray) -> np.ndarray:
    """Places of the features that are not constant but for rounding."""
    return np.flatnonzero(features.std(0) > 1e-12 * np.abs(features).max(0))


def merged(rows: Arrays) -> Arrays:
    """The sufficient statistics: rows with one law of the true class (and, with votes, the same votes) are one."""
    parts = [part for part in (rows.law, rows.features) if part is not None]
    if rows.votes is not None:
        parts.append(rows.votes.reshape(len(rows.votes), -1))
    if not parts:
        return rows._replace(counts=rows.counts.sum(0, keepdims=True), multiplicity=np.array([float(len(rows.counts))]))
    _, first, place = np.unique(np.concatenate(parts, 1), axis=0, return_index=True, return_inverse=True)
    place = place.reshape(-1)
    counts = np.zeros((len(first), rows.counts.shape[1]))
    np.add.at(counts, place, rows.counts)
    return Arrays(
        counts=counts,
        multiplicity=np.bincount(place, minlength=len(first)).astype(float),
        votes=None if rows.votes is None else rows.votes[first],
        law=None if rows.law is None else rows.law[first],
        features=None if rows.features is None else rows.features[first],
    )


def _by_annotator(observed: Observed) -> np.ndarray:
    shape = (observed.num_rows, len(observed.annotators), len(observed.classes))
    if math.prod(shape) > _MOST_CELLS:
        raise InputError(
            f"`votes` must fit into {_MOST_CELLS:,} cells of rows, annotators and classes; got "
            f"{' x '.join(f'{size:,}' for size in shape)}: take a sample of the rows, or the busiest annotators."
        )
    found = np.zeros(shape)
    np.add.at(found, tuple(observed.votes), 1.0)
    return found
