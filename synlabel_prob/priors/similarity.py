"""Which reference rows are like the row asked about: the weights of priors that resample or smooth these rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from .base import Reference, Row


@fitted
class Similarity:
    """Weights of the reference rows by the distance of their observed features, in the order that `places` gives.

    A number counts by its squared difference in standard deviations, an ordinal by that of its code over the number of
    steps between the levels, a category by 1 where it differs. `observed (rows, observed)` and `labels (rows,)` are
    those of the reference rows.
    """

    observed: np.ndarray
    labels: np.ndarray
    places: np.ndarray
    scales: np.ndarray
    bandwidth: Any
    is_category: tuple[bool, ...] = static()
    neighbors: int = static()
    with_label: bool = static()
    leave_self_out: bool = static()

    def log_weights(self, row: Row) -> Any:
        """(rows,), normalised; exact."""
        squares = self._squared_distances(row)
        if self.with_label:
            squares = jnp.where(constant(self.labels) == row.label, squares, squares + 1e6)
        if self.leave_self_out:
            squares = jnp.where(constant(self.places) == row.place, jnp.inf, squares)
        if self.neighbors:
            farthest = jnp.sort(squares)[self.neighbors - 1]
            logs = jnp.where(squares <= farthest, 0.0, -jnp.inf)
        else:
            logs = -0.5 * (squares - squares.min()) / constant(self.bandwidth) ** 2
        return jax.nn.log_softmax(logs)

    def _squared_distances(self, row: Row) -> Any:
        difference = constant(self.observed) - jnp.asarray(row.observed)
        category = jnp.array(self.is_category)
        scaled = jnp.where(category, difference != 0, difference / constant(self.scales))
        return (scaled**2).sum(1)


def fit_similarity(
    reference: Reference,
    places: np.ndarray,
    *,
    neighbors: int,
    bandwidth: float,
    with_label: bool,
    leave_self_out: bool,
) -> Similarity:
    """The similarity to reference rows, these in the order of `places`."""
    kinds = [column.kind for column in reference.observed_columns]
    spread = reference.observed.std(0)
    steps = [max(1, len(column.levels) - 1) for column in reference.observed_columns]
    scales = np.where([kind == "ordinal" for kind in kinds], steps, np.where(spread > 0, spread, 1.0))
    return Similarity(
        observed=reference.observed[places],
        labels=reference.labels[places],
        places=places,
        scales=scales.astype(np.float64),
        bandwidth=np.float64(bandwidth),
        is_category=tuple(kind == "categorical" for kind in kinds),
        neighbors=min(neighbors, len(places) - leave_self_out),
        with_label=with_label,
        leave_self_out=leave_self_out,
    )
