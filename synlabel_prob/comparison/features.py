"""Held-out rows of hidden features, judged by the prior that did not see them: log score, energy score, PIT."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..priors import FittedPrior, Row
from ..randomness import row_uniforms
from ..soft_labels import Rows
from ..soft_labels.integrand import compiled_draws, point_dims
from ..table import Column

ENERGY_DRAWS = 200
_ROWS_AT_ONCE = 256


class FeatureScores(NamedTuple):
    """Of each row: log density or None, energy score (rows,), PIT values (rows, hidden) or None."""

    log_score: np.ndarray | None
    energy_score: np.ndarray
    pit: np.ndarray | None


def score_features(
    prior: FittedPrior, rows: Rows, values: np.ndarray, columns: Sequence[Column], scales: np.ndarray, key: Any
) -> FeatureScores:
    """The scores of rows, theta averaged out.

    `values (rows, resampled)` are what the rows have of the hidden features, `columns`, and after them of features that
    other rows miss; `scales (hidden,)` standardise.
    """
    with jax.enable_x64(True):
        log_score = np.asarray(_log_scores()(prior, values, rows.given)) if prior.has_density else None
        pit = None
        if prior.has_pit:
            jitter = row_uniforms(key, "comparison.jitter", rows.hashes, values.shape[1])
            pit = np.asarray(_pits()(prior, values, rows.given, jitter))
        draws = _draws(prior, rows, key)[..., : len(columns)]
    points = encoded(draws, columns, scales)
    return FeatureScores(log_score, energy_scores(points, encoded(values, columns, scales)), pit)


@functools.cache
def _log_scores() -> Callable:
    """Log of the mean over theta of the density of each row; exact for the draws of theta that the prior holds."""

    def of_row(prior: Any, hidden: Any, row: Row) -> Any:
        number = prior.num_theta
        logs = jax.lax.map(lambda index: prior.log_density(prior.theta_at(index), hidden, row), jnp.arange(number))
        return jax.scipy.special.logsumexp(logs) - jnp.log(number)

    return _over_rows(of_row)


@functools.cache
def _pits() -> Callable:
    """Mean over theta of the PIT values; with several draws exact for the first feature and near it for the others."""

    def of_row(prior: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        indices = jnp.arange(prior.num_theta)
        return jax.lax.map(lambda index: prior.pit(prior.theta_at(index), hidden, row, jitter), indices).mean(0)

    return _over_rows(of_row)


def _over_rows(of_row: Callable) -> Callable:
    """Some rows at a time, because a prior may keep as many numbers for each row as there are reference rows."""

    def run(prior: Any, *rows: Any) -> Any:
        return jax.lax.map(lambda row: of_row(prior, *row), rows, batch_size=_ROWS_AT_ONCE)

    return jax.jit(run)


def _draws(prior: FittedPrior, rows: Rows, key: Any) -> np.ndarray:
    """Independent draws of the hidden features, (rows, draws, hidden)."""
    dims = point_dims(prior)
    uniforms = row_uniforms(key, "comparison.energy", rows.hashes, ENERGY_DRAWS * dims)
    shaped = uniforms.reshape(len(rows), 1, ENERGY_DRAWS, dims)
    return np.asarray(compiled_draws()(prior, shaped, rows.given))[:, 0]


def encoded(values: np.ndarray, columns: Sequence[Column], scales: np.ndarray) -> np.ndarray:
    """Values (..., hidden) as points: numbers and ordinal codes over their scale, an indicator for each category."""
    parts = []
    for place, column in enumerate(columns):
        if column.kind == "categorical":
            parts.append((values[..., place, None] == np.arange(len(column.levels))).astype(np.float64))
        else:
            parts.append(values[..., place, None] / scales[place])
    return np.concatenate(parts, -1)


def energy_scores(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """E|X - h| - E|X - X'| / 2 for draws (rows, draws, dims) and truth (rows, dims); lower is better, (rows,).

    An unbiased Monte Carlo estimate of a strictly proper score (Gneiting & Raftery, 2007, section 4.3) that needs no
    density: X and X' are two different draws.
    """
    from scipy.spatial.distance import pdist

    to_truth = np.linalg.norm(draws - truth[:, None], axis=-1).mean(1)
    between = np.array([pdist(points).mean() for points in draws])
    return to_truth - 0.5 * between


def uniform_distance(values: np.ndarray) -> tuple[float, float]:
    """Kolmogorov and Smirnov's distance of values (rows,) from the uniform law, and its standard error.

    The error is that of the empirical frequency at the place where the distance is largest, by Jeffreys' estimate, so
    it is never 0.
    """
    ordered, number = np.sort(values), len(values)
    ranks = np.arange(number + 1) / number
    gaps = np.stack([ranks[1:] - ordered, ordered - ranks[:-1]])
    side, place = np.unravel_index(gaps.argmax(), gaps.shape)
    share = (place + (side == 0) + 0.5) / (number + 1)
    return float(gaps.max()), float(np.sqrt(share * (1 - share) / number))
