"""Priors that draw reference rows: as they are, or with a kernel around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from ..errors import InputError
from ..table import Column
from .base import FittedPrior, Reference, Row
from .facts import Atoms
from .mixture_law import MixtureLaw, MixturePrior, kinds_of, pick
from .similarity import Similarity
from .whitened import Normal, normal


@fitted
class RowsPrior(FittedPrior):
    """Reference rows as they are, `values (rows, hidden)`, all alike or weighted by their similarity.

    Rows lie in the order of their first principal coordinate, so that near uniforms give near rows.
    """

    theta: Any
    values: np.ndarray
    similarity: Similarity | None = None
    has_density = False

    @property
    def uniform_dims(self) -> int:
        """One, which picks the row."""
        return 1

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """The row that the uniform falls on; exact."""
        values = constant(self.values)
        if self.similarity is None:
            return values[jnp.minimum((uniforms[0] * len(values)).astype(int), len(values) - 1)]
        return values[pick(jnp.exp(self.similarity.log_weights(row)), uniforms[0])]

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """The randomised cdf of each feature among the rows that agree in those before it; exact.

        Where none agrees, as with rows that were not among the reference, it is the jitter.
        """
        values = constant(self.values)
        weights = jnp.exp(self.similarity.log_weights(row)) if self.similarity else jnp.ones(len(values))
        found = []
        for place in range(values.shape[1]):
            equal, total = values[:, place] == hidden[place], weights.sum()
            below = (weights * (values[:, place] < hidden[place])).sum() + jitter[place] * (weights * equal).sum()
            found.append(jnp.where(total > 0, below / jnp.where(total > 0, total, 1.0), jitter[place]))
            weights = weights * equal
        return jnp.stack(found)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Always an error."""
        raise InputError("a prior that draws observed rows as they are has no density: give it a `smoothing`.")

    def atoms(self, theta: Any, row: Row) -> Atoms:
        """The rows, all alike or by their similarity."""
        values = constant(self.values)
        if self.similarity is None:
            return Atoms(values, jnp.full(len(values), 1.0 / len(values)))
        return Atoms(values, jax.nn.softmax(self.similarity.log_weights(row)))

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()


@fitted
class KernelRowsPrior(MixturePrior):
    """A kernel around each reference row, all alike or weighted by their similarity."""

    theta: Any
    locations: np.ndarray
    scale: np.ndarray
    probabilities: tuple
    normal: Normal
    similarity: Similarity | None = None
    hidden: tuple[str, ...] = static(default=())
    numbers: tuple[int, ...] = static(default=())
    levels: tuple[int, ...] = static(default=())

    def law(self, theta: Any, row: Row) -> MixtureLaw:
        """The mixture of the kernels."""
        size = len(self.locations)
        even = jnp.full(size, -np.log(size), jnp.zeros(0).dtype)
        weights = even if self.similarity is None else self.similarity.log_weights(row)
        parts = (constant(self.locations), constant(self.scale)[None], tuple(constant(it) for it in self.probabilities))
        return MixtureLaw(weights, *parts, self.normal, self.numbers, self.levels)

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()


def order_of_rows(hidden: np.ndarray) -> np.ndarray:
    """Places of the rows along their first principal coordinate, ties by the features from the first on."""
    centered = hidden - hidden.mean(0)
    spread = centered.std(0)
    scaled = centered / np.where(spread > 0, spread, 1.0)
    direction = np.linalg.eigh(scaled.T @ scaled)[1][:, -1]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    return np.lexsort((*hidden.T[::-1], np.round(scaled @ direction, 12)))


def fit_rows(reference: Reference, places: np.ndarray, similarity: Similarity | None) -> RowsPrior:
    """Rows as they are, in the order of `places`."""
    return RowsPrior((), reference.hidden[places], similarity)


def fit_kernel_rows(
    reference: Reference, places: np.ndarray, factor: float, share: float, similarity: Similarity | None
) -> KernelRowsPrior:
    """Kernels around the rows in the order of `places`.

    The normal kernel has covariance factor^2 times that of the rows; a discrete kernel moves `share` of what would be
    uniform to other levels, of an ordinal to near ones first.
    """
    hidden, columns = reference.hidden[places], reference.hidden_columns
    numbers, levels = kinds_of(columns)
    values = hidden[:, list(numbers)]
    return KernelRowsPrior(
        theta=(),
        locations=values,
        scale=factor * _root(values),
        probabilities=tuple(_discrete_kernel(hidden[:, place], columns[place], share) for place in levels),
        normal=normal(len(numbers)),
        similarity=similarity,
        hidden=tuple(column.name for column in columns),
        numbers=numbers,
        levels=levels,
    )


def _root(values: np.ndarray) -> np.ndarray:
    """A Cholesky factor of the covariance; constant and collinear columns get a hair's breadth."""
    if not values.shape[1]:
        return np.zeros((0, 0))
    spread = values.std(0, ddof=1)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (values - values.mean(0)) / spread
    correlation = scaled.T @ scaled / (len(values) - 1)
    return spread[:, None] * np.linalg.cholesky(correlation + 1e-9 * np.eye(len(spread)))


def _discrete_kernel(codes: np.ndarray, column: Column, share: float) -> np.ndarray:
    """(rows, levels): the row's own level with probability 1 - share (L - 1) / L, and the others."""
    size = len(column.levels)
    steps = np.abs(np.arange(size)[:, None] - np.arange(size))
    leaves = share * (size - 1) / size
    away = np.where(steps > 0, 0.5 ** (steps - 1.0) if column.kind == "ordinal" else 1.0, 0.0)
    kernel = (1 - leaves) * np.eye(size) + leaves * away / np.maximum(away.sum(1, keepdims=True), 1.0e-300)
    return kernel[codes.astype(int)]
