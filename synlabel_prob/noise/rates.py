"""Flip rates that reach a target mean: the constant is solved for, with a derivative that NUTS can follow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .._lazy import jax, jnp

_STEPS = 60


@functools.cache
def _compiled(solve: Callable) -> Callable:
    return jax.jit(solve)  # one program, where each operation alone would take one


def solve_increasing(function: Callable, low: Any, high: Any) -> Any:
    """The root of an increasing function between `low` and `high`, by bisection and one Newton step.

    The Newton step carries the derivative with respect to whatever `function` closes over (implicit function
    theorem); bisection alone has none.
    """

    def halve(_: Any, bounds: tuple) -> tuple:
        lower, upper = bounds
        middle = 0.5 * (lower + upper)
        above = function(middle) > 0
        return jnp.where(above, lower, middle), jnp.where(above, middle, upper)

    start = (jnp.asarray(low, float), jnp.asarray(high, float))
    lower, upper = jax.lax.fori_loop(0, _STEPS, halve, start)
    root = jax.lax.stop_gradient(0.5 * (lower + upper))
    value, slope = jax.value_and_grad(function)(root)
    slope = jax.lax.stop_gradient(slope)
    return root - jnp.where(slope > 0, value / jnp.where(slope > 0, slope, 1.0), 0.0)


def logistic_rates(scores: Any, weights: Any, target: Any, largest: Any) -> Any:
    """Rates largest * sigmoid(scores + c) with weighted mean `target`, below `largest`; weights sum to 1."""
    return _compiled(_logistic_rates)(scores, weights, target, largest)


def _logistic_rates(scores: Any, weights: Any, target: Any, largest: Any) -> Any:
    def excess(constant: Any) -> Any:
        return (weights * largest * jax.nn.sigmoid(scores + constant)).sum() - target

    reach = jnp.abs(scores).max() + 50.0
    return largest * jax.nn.sigmoid(scores + solve_increasing(excess, -reach, reach))


def scale_to_mean(weights: Any, target: Any, largest: Any, shares: Any) -> Any:
    """The c with sum(shares * min(largest, c * weights)) = target: water-filling over weights (cells,) >= 0; exact.

    With the cells of the largest weights at the cap, c is what is left of the target over the sum of the rest; the cap
    holds the fewest cells for which the next one stays below it. `shares (cells,)` are of at least 0. A target out of
    reach gives the largest sum there is.
    """
    return _compiled(_scale_to_mean)(weights, target, largest, shares)


def _scale_to_mean(weights: Any, target: Any, largest: Any, shares: Any) -> Any:
    order = jnp.argsort(-jnp.asarray(weights))
    ordered, parts = weights[order], shares[order]
    rest = jnp.cumsum((parts * ordered)[::-1])[::-1]
    positive = rest > 0
    left = target - largest * (jnp.cumsum(parts) - parts)
    scales = jnp.maximum(left, 0.0) / jnp.where(positive, rest, 1.0)
    fits = positive & (scales * ordered <= largest)
    smallest = jnp.where(ordered > 0, ordered, jnp.inf).min()
    return jnp.where(fits.any(), scales[fits.argmax()], largest / smallest)
