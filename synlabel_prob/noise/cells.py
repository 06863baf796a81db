"""The rows and classes over which a mean rate is taken: what their weights follow from, and their shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp, numpyro
from ..descriptions import constant, fitted
from .destinations import FittedDestination
from .weights import FittedWeight


@fitted
class Cells:
    """Cells that have a share of the labels and can change: `rows` and `classes (cells,)`, `shares (cells,)`.

    `context` is the weight's of all rows; `classes` are places of the last axis of its weights.
    """

    context: Any
    rows: np.ndarray
    classes: np.ndarray
    shares: np.ndarray

    def weights(self, weight: FittedWeight, parameters: Any) -> Any:
        """(cells,)."""
        found = weight.weights(parameters, jax.tree_util.tree_map(constant, self.context))
        return jnp.atleast_2d(jnp.asarray(found))[constant(self.rows), constant(self.classes)]


def no_cells() -> Cells:
    """A stand-in where the rate has been solved, or cannot be yet."""
    return Cells(None, np.zeros(1, int), np.zeros(1, int), np.ones(1))


def cells(weight: FittedWeight, context: Any, destination: FittedDestination, labels: np.ndarray) -> Cells:
    """The cells of rows with a context; `labels (rows, classes)` are probabilities.

    Rows and classes that have the same weight whatever the parameters are one cell.
    """
    context = jax.tree_util.tree_map(np.asarray, context)
    parameters = numpyro.handlers.seed(weight.sample_parameters, 0)("")
    shape = np.shape(weight.weights(parameters, context))
    stays = destination.stays
    shares = labels / len(labels) if stays is None else np.where(stays, 0.0, labels) / len(labels)
    if len(shape) == 1 or shape[0] == 1:
        shares = shares.sum(0, keepdims=True)
    if shape[-1] == 1:
        shares = shares.sum(-1, keepdims=True)
    rows, classes = np.nonzero(shares > 0)
    return Cells(context, rows, classes, shares[rows, classes])
