"""What a conditional prior sees of a row: standardised numbers, indicators, and the label if it conditions on it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from .base import Reference, Row


@fitted
class Design:
    """Encodes one row's observed features (and label) as regressors, the first of them the constant 1.

    Continuous columns are standardised by the reference rows; every other column becomes an indicator a level, the
    first left out.
    """

    means: np.ndarray
    scales: np.ndarray
    continuous: tuple[int, ...] = static()
    discrete: tuple[tuple[int, int], ...] = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    def encode(self, row: Row) -> Any:
        """Regressors of one row, shape (regressors,)."""
        observed = jnp.asarray(row.observed)
        parts = [jnp.ones(1, observed.dtype)]
        if self.continuous:
            numbers = observed[jnp.array(self.continuous)]
            parts.append((numbers - constant(self.means)) / constant(self.scales))
        parts += [_indicators(observed[column], levels, observed.dtype) for column, levels in self.discrete]
        if self.num_classes:
            parts.append(_indicators(row.label, self.num_classes, observed.dtype))
        return jnp.concatenate(parts)


@functools.cache
def _compiled_encode() -> Callable:
    return jax.jit(jax.vmap(Design.encode, (None, 0)))


def encoded(design: Design, rows: Row) -> np.ndarray:
    """Regressors of many rows, on the host, shape (rows, regressors)."""
    with jax.enable_x64(True):
        return np.asarray(_compiled_encode()(design, rows))


def _indicators(code: Any, levels: int, dtype: Any) -> Any:
    return (code == jnp.arange(1, levels)).astype(dtype)


def fit_design(reference: Reference, *, with_label: bool) -> Design:
    """The design of the reference rows; a constant column becomes a regressor that is always 0."""
    columns = reference.observed_columns
    continuous = tuple(index for index, column in enumerate(columns) if column.kind == "continuous")
    discrete = tuple((index, len(column.levels)) for index, column in enumerate(columns) if column.kind != "continuous")
    values = reference.observed[:, list(continuous)]
    spread = values.std(0) if len(continuous) else np.zeros(0)
    names = ["constant", *(columns[index].name for index in continuous)]
    names += [f"{columns[index].name}={level}" for index, _ in discrete for level in columns[index].levels[1:]]
    classes = reference.classes if with_label else ()
    names += [f"label={value}" for value in classes[1:]]
    return Design(
        means=values.mean(0) if len(continuous) else np.zeros(0),
        scales=np.where(spread > 0, spread, 1.0),
        continuous=continuous,
        discrete=discrete,
        num_classes=len(classes),
        names=tuple(names),
    )


def constant_design() -> Design:
    """The design of a prior that conditions on nothing: the constant alone."""
    return Design(np.zeros(0), np.zeros(0), (), (), 0, ("constant",))
