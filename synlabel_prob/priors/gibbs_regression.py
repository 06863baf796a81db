"""The conjugate regression where responses are missing: Gibbs sampling of the parameters and of what is missing.

B, S | responses              matrix-normal inverse-Wishart
missing | present, B, S       normal, row by row (data augmentation: Tanner & Wong, 1987)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .matrix_normal import MatrixNormalInverseWishart

_WARMUP, _THIN = 100, 5


def draw_regressions(
    prior: MatrixNormalInverseWishart, regressors: np.ndarray, responses: np.ndarray, draws: int, seed: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (draws, regressors, hidden) and residual Cholesky factors (draws, hidden, hidden).

    `responses (rows, hidden)` are NaN where missing. One chain after 100 sweeps, one draw kept every 5.
    """
    generator = np.random.default_rng(seed)
    patterns = _patterns(np.isnan(responses))
    completed = np.where(np.isnan(responses), 0.0, responses)
    coefficients, roots = [], []
    for sweep in range(_WARMUP + draws * _THIN):
        posterior = prior.updated(regressors, completed)
        beta, covariance = _drawn(posterior, generator)
        _complete(completed, regressors @ beta, covariance, patterns, generator)
        if sweep >= _WARMUP and (sweep - _WARMUP) % _THIN == _THIN - 1:
            coefficients.append(beta)
            roots.append(np.linalg.cholesky(covariance))
    return np.stack(coefficients), np.stack(roots)


def _patterns(missing: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each pattern of missing responses (hidden,) that occurs, with its rows; the complete one left out."""
    patterns, place = np.unique(missing, axis=0, return_inverse=True)
    pairs = [(pattern, np.flatnonzero(place.ravel() == number)) for number, pattern in enumerate(patterns)]
    return [(pattern, rows) for pattern, rows in pairs if pattern.any()]


def _drawn(law: MatrixNormalInverseWishart, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    from scipy import stats

    drawn = stats.invwishart(law.degrees_of_freedom, law.scatter).rvs(random_state=generator)
    covariance = np.asarray(drawn).reshape(law.scatter.shape)
    root = np.linalg.inv(np.linalg.cholesky(law.precision)).T
    standard = generator.standard_normal(law.mean.shape)
    return law.mean + root @ standard @ np.linalg.cholesky(covariance).T, covariance


def _complete(
    completed: np.ndarray, centers: np.ndarray, covariance: np.ndarray, patterns: list, generator: np.random.Generator
) -> None:
    """Draw what is missing, in place."""
    for missing, rows in patterns:
        present = ~missing
        gains = np.linalg.solve(covariance[np.ix_(present, present)], covariance[np.ix_(present, missing)])
        left = covariance[np.ix_(missing, missing)] - covariance[np.ix_(missing, present)] @ gains
        residual = (completed[rows] - centers[rows])[:, present]
        standard = generator.standard_normal((len(rows), missing.sum()))
        drawn = centers[rows][:, missing] + residual @ gains + standard @ np.linalg.cholesky(left).T
        completed[np.ix_(rows, missing)] = drawn
