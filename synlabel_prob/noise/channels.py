"""The views of a channel that all nodes share: exact push-forward, reverse, and exact-count selection."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..arrays import Codes, Law, LawValues, ReverseTransition, RowFlags, RowValues, Transition


def known(value: Any) -> Any:
    """A value on the host where it is known: step by step, NumPy rounds as JAX does but compiles nothing.

    What a trace stands for is not known, and stays as it is.
    """
    return value if isinstance(value, jax.core.Tracer) else np.asarray(value)


def push_forward(soft_labels: Law, transition: Transition) -> Law:
    """P T, (..., classes); exact.

    Classes are added one after another, so that a row's result does not depend on the batch that it is in and the
    identity changes no bit.
    """
    result = soft_labels[..., :1] * transition[..., 0, :]
    for code in range(1, soft_labels.shape[-1]):
        result = result + soft_labels[..., code, None] * transition[..., code, :]
    return result


def change_probability(soft_labels: Law, transition: Transition) -> LawValues:
    """sum_i p_i (1 - T_ii), (...): the probability that a label drawn from the soft label changes; exact."""
    leaves = jnp.where(jnp.eye(transition.shape[-1], dtype=bool), 0.0, transition).sum(-1)
    return (soft_labels * leaves).sum(-1)


def coupling(soft_labels: Law, others: Law) -> ReverseTransition:
    """Of all T with p T = p' the one that changes the fewest labels, (..., classes, classes); exact.

    T_ii = min(1, p'_i / p_i), and what is taken from a class goes to those that gain, in proportion to their gain
    (the maximal coupling; Levin & Peres, Markov Chains and Mixing Times, 2017, section 4.2). A class without
    probability keeps its label.
    """
    soft_labels, others = jnp.asarray(soft_labels), jnp.asarray(others)
    possible = soft_labels > 0
    kept = jnp.where(possible, jnp.minimum(1.0, others / jnp.where(possible, soft_labels, 1.0)), 1.0)
    gain = jnp.maximum(others - soft_labels, 0.0)
    total = gain.sum(-1, keepdims=True)
    towards = gain / jnp.where(total > 0, total, 1.0)
    # Where nothing gains, nothing may leave: the two sums of a row can differ in the last digit.
    leaves = jnp.where(total > 0, 1.0 - kept, 0.0)
    stays = jnp.eye(soft_labels.shape[-1], dtype=soft_labels.dtype) * (1.0 - leaves)[..., None]
    return stays + leaves[..., None] * towards[..., None, :]


def reverse(soft_labels: Law, transition: Transition) -> ReverseTransition:
    """P(true i | observed j, x) = p_i T_ij / (p T)_j, shape (..., observed, true); NaN where j cannot be observed."""
    joint = jnp.swapaxes(soft_labels[..., :, None] * transition, -1, -2)
    total = joint.sum(-1, keepdims=True)
    return jnp.where(total > 0, joint / jnp.where(total > 0, total, 1.0), jnp.nan)


_UNIT = 2**36  # rates are multiples of its inverse


def systematic_selection(rates: RowValues, start: float, order: Codes) -> RowFlags:
    """Rows to change, (rows,) booleans: inclusion probabilities are exactly `rates`, the count their sum.

    Rows are laid end to end in `order`, each as long as its rate, and every unit step from `start` in [0, 1) picks the
    row that it falls into (systematic sampling; Tille, Sampling Algorithms, 2006). A sum that is no integer is rounded
    up or down at random, by `start`.
    """
    # In whole numbers, because two roundings of one sum can put a step on both sides of a row's end, or on neither.
    ends = np.cumsum(np.asarray(rates, dtype=np.float64)[order])
    ends = np.where(np.isclose(ends, np.round(ends), rtol=0, atol=1e-9), np.round(ends), ends)
    lengths = np.clip(np.diff(np.rint(ends * _UNIT).astype(np.int64), prepend=0), 0, _UNIT)
    picked_before_end = (np.cumsum(lengths) - int(start * _UNIT) + _UNIT - 1) // _UNIT
    chosen = np.diff(picked_before_end, prepend=0) > 0
    selected = np.zeros(len(order), dtype=bool)
    selected[order] = chosen
    return selected & (np.asarray(rates) > 0)
