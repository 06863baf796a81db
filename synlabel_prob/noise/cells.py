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


def cells(weight: FittedWeight, context: Any, destination: FittedDestination, labels: np.ndarray) -> Cells:
    """The cells of rows with a context; `labels (rows, classes)` are probabilities.

    Rows and classes that have the same weight whatever the parameters are one cell.
    """
    context = jax.tree_util.tree_map(np.asarray, context)
    parameters = numpyro.handlers.seed(weight.sample_parameters, 0)("")
    shape = np.shape(weight.weights(parameters, context))
    stays = destination.stays
    amounts = labels if stays is None else np.where(stays, 0.0, labels)
    if len(shape) == 1 or shape[0] == 1:
        amounts = amounts.sum(0, keepdims=True)
    if shape[-1] == 1:
        amounts = amounts.sum(-1, keepdims=True)
    rows, classes = np.nonzero(amounts > 0)
    return Cells(context, rows, classes, amounts[rows, classes] / len(labels))
