"""Normal laws given some of their coordinates, where which ones differs from row to row: masks instead of indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp


def normal_evidence(residual: Any, covariance: Any, is_known: Any) -> tuple[Any, Any]:
    """Of residuals (..., d), 0 where `is_known (d,)` is not; exact.

    Returns:
        The log density (...) of the known coordinates, and gains (..., d, d): all coordinates on the known ones.
    """
    root = jnp.linalg.cholesky(_separated(covariance, is_known))
    roots = jnp.broadcast_to(root, (*residual.shape[:-1], *root.shape[-2:]))
    whitened = jax.scipy.linalg.solve_triangular(roots, residual[..., None], lower=True)[..., 0]
    volume = jnp.log(jnp.diagonal(root, axis1=-2, axis2=-1)).sum(-1) + 0.5 * is_known.sum() * np.log(2 * np.pi)
    inverse = jax.scipy.linalg.cho_solve((root, True), jnp.broadcast_to(jnp.eye(len(is_known)), root.shape))
    return -volume - 0.5 * (whitened**2).sum(-1), jnp.where(is_known, covariance, 0.0) @ inverse


def normal_given(locations: Any, covariance: Any, residual: Any, gains: Any, is_known: Any) -> tuple[Any, Any]:
    """Locations (..., d) and Cholesky factors (..., d, d) of the unknown coordinates given the known ones; exact.

    Known coordinates keep variance 1 and no correlation, which means nothing: put their values in.
    """
    moved = locations + (gains @ residual[..., None])[..., 0]
    left = covariance - gains @ jnp.where(is_known[:, None], covariance, 0.0)
    left = 0.5 * (left + jnp.swapaxes(left, -1, -2))
    return moved, jnp.linalg.cholesky(_separated(left, ~is_known))


def _separated(covariance: Any, kept: Any) -> Any:
    """The covariances with the coordinates that are not kept independent of all, of variance 1."""
    return jnp.where(kept[:, None] & kept[None, :], covariance, jnp.eye(len(kept)))
