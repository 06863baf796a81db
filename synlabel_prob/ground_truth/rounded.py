"""What boosting libraries compare instead of scores: probabilities, of which rounding makes some equal.

In NumPy and in XLA's programs the same, but for LightGBM's of scores that differ by rounding alone, where XLA's
exponentials in double precision, which are not rounded as those of C are, may decide otherwise.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._lazy import jax, jnp

SCORES_APART = 2.0**-22
"""Scores of single precision further apart than this never have equal softmax probabilities."""


def softmax_in_single(scores: Any, scale: float) -> Any:
    """XGBoost's: float32 but for the sum, (..., classes); exponentials are rounded correctly, as in C."""
    array, single = _module(scores), np.float32
    scores = scores.astype(single)
    raised = _rounded(array.exp((scores - scores.max(-1, keepdims=True)).astype(float)))
    return _shares(raised, _rounded(_sum(raised.astype(float))))


def softmax_in_double(scores: Any, scale: float) -> Any:
    """LightGBM's, (..., classes)."""
    array = _module(scores)
    below = scores - scores.max(-1, keepdims=True)
    # Near 1 exponentials differ between libraries of mathematics; there they are 1 + x, rounded as if a little larger.
    raised = array.where(below > -(2.0**-30), 1.0 + array.nextafter(below, 0.0 * below), array.exp(below))
    return _shares(raised, _sum(raised))


def logistic_in_double(scores: Any, scale: float) -> Any:
    """LightGBM's 1 / (1 + exp(-scale * scores)), which is 1 from about 37 / scale on."""
    if isinstance(scores, np.ndarray):
        from scipy.special import expit

        return expit(scale * scores)  # with the C library's exponential, which NumPy's is not
    return 1.0 / (1.0 + jnp.exp(jnp.minimum(-scale * scores, 709.0)))


COMPARED: Mapping[str, Callable[[Any, float], Any]] = {
    "largest_single_softmax": softmax_in_single,
    "largest_softmax": softmax_in_double,
    "largest_logistic": logistic_in_double,
}
"""Rule -> what it takes the largest of."""


def last_below_half(scale: float) -> float:
    """The largest score whose logistic function 1 / (1 + exp(-scale * score)) rounds to 1/2, in double precision."""
    last = 1.5 * 2.0**-53
    score = last / scale
    while scale * score <= last:
        score = math.nextafter(score, math.inf)
    while scale * score > last:
        score = math.nextafter(score, 0.0)
    return score


LAST_BELOW_HALF_IN_SINGLE = 1.5 * 2.0**-24
"""The same in single precision, of scale 1."""


def _shares(values: Any, total: Any) -> Any:
    """Of a total (..., 1); XLA would multiply by the inverse of what is broadcast, which rounds differently."""
    return values / (total + 0.0 * values)


def _sum(values: Any) -> Any:
    """Over the last axis, one after another, which is kept with length 1."""
    parts = [values[..., place : place + 1] for place in range(values.shape[-1])]
    return functools.reduce(operator.add, parts)


def _rounded(values: Any) -> Any:
    """To single precision; XLA may leave a mere conversion out."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float32)
    return jax.lax.reduce_precision(values, 8, 23).astype(np.float32)


def _module(values: Any) -> Any:
    return np if isinstance(values, np.ndarray) else jnp
