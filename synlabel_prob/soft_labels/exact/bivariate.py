"""Cdfs of two correlated normal or Student-t numbers, by one integral over the angle between them.

With both numbers standard, correlation cos(a) and q(b) = ((h - k)^2 + 4 h k sin^2(b / 2)) / sin^2(b),

    P(X <= h, Y <= k) = P(X <= min(h, k)) - (1 / 2 pi) integral over b from 0 to a of g(q(b)),

where g(q) = exp(-q / 2), or (1 + q / nu)^(-nu / 2) (Plackett, 1954; Genz, 2004). For angles above a right one the same
formula is used on (X, -Y). The integrand turns on at an angle of about |h - k|, however small; nodes that cluster
doubly exponentially at 0 (Takahasi & Mori, 1974) find it at any scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._lazy import jax, jnp

NODES = 385
_REACH = 3.3
_FAR = 1e100


def univariate_cdf(value: Any, degrees_of_freedom: Any = None) -> Any:
    """P(X <= value) of a standard normal number, or of a Student-t one; infinite values too."""
    if degrees_of_freedom is None:
        return jax.scipy.special.ndtr(value)
    # Of the two forms each value has the one whose argument is small, where the other one is flat.
    squares, half = value**2, 0.5 * degrees_of_freedom
    near = squares < degrees_of_freedom
    share = jnp.where(near, squares, degrees_of_freedom) / (degrees_of_freedom + squares)
    part = jax.scipy.special.betainc(jnp.where(near, 0.5, half), jnp.where(near, half, 0.5), share)
    tail = 0.5 * jnp.where(near, 1.0 - part, part)
    return jnp.where(value > 0, 1.0 - tail, tail)


def bivariate_cdf(first: Any, second: Any, angle: Any, degrees_of_freedom: Any = None) -> Any:
    """P(X <= first, Y <= second) of numbers with correlation cos(angle); within 1e-14."""
    is_acute = angle <= 0.5 * np.pi
    other = jnp.where(is_acute, second, -second)
    turned = jnp.where(is_acute, angle, np.pi - angle)
    excess = _integral(first, other, turned, degrees_of_freedom)
    one = univariate_cdf(first, degrees_of_freedom)
    # P(X <= h, Y <= k) = P(X <= h) - P(X <= h, -Y <= -k) for the angle between X and -Y.
    both = univariate_cdf(jnp.minimum(first, other), degrees_of_freedom) - excess
    return jnp.clip(jnp.where(is_acute, both, one - both), 0.0, 1.0)


def _integral(first: Any, second: Any, angle: Any, degrees_of_freedom: Any) -> Any:
    position, _, weight = doubly_exponential()
    at = angle * jnp.asarray(position)
    # Bounds of classes that are never predicted are finite, but their squares are not.
    finite = (jnp.abs(first) < _FAR) & (jnp.abs(second) < _FAR)
    h, k = jnp.where(finite, first, 0.0), jnp.where(finite, second, 1.0)
    half, sine = jnp.sin(0.5 * at), jnp.sin(at)
    quadratic = ((h - k) ** 2 + 4 * h * k * half**2) / jnp.where(sine > 0, sine, 1.0) ** 2
    values = tail_of_distance(quadratic, degrees_of_freedom)
    total = angle * (jnp.asarray(weight) * jnp.where(sine > 0, values, 0.0)).sum() / (2 * np.pi)
    return jnp.where(finite, total, 0.0)


def tail_of_distance(squares: Any, degrees_of_freedom: Any = None) -> Any:
    """P(a point of the plane is farther from 0 than the root of `squares`), its law standard normal or Student-t."""
    if degrees_of_freedom is None:
        return jnp.exp(-0.5 * squares)
    return jnp.exp(-0.5 * degrees_of_freedom * jnp.log1p(squares / degrees_of_freedom))


def doubly_exponential() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions in (0, 1), one minus these, each exact near 0, and weights of the rule; (nodes,) each."""
    step = 2 * _REACH / (NODES - 1)
    at = np.linspace(-_REACH, _REACH, NODES)
    inner = np.pi * np.sinh(at)
    position, rest = 1.0 / (1.0 + np.exp(-inner)), 1.0 / (1.0 + np.exp(inner))
    return position, rest, step * np.pi * np.cosh(at) * position * rest
