"""What sets tell of labels: exact functions of soft labels and of P(S | y)."""

from __future__ import annotations

from .._lazy import jnp
from ..arrays import RowValues, SoftLabelArray


def set_probability(soft_labels: SoftLabelArray, chances: SoftLabelArray) -> RowValues:
    """P(S | x) = sum_y p_y P(S | y), (rows,); exact. `chances (rows, classes)` are P(S | y) for every y."""
    return (jnp.asarray(soft_labels) * jnp.asarray(chances)).sum(-1)


def posterior(soft_labels: SoftLabelArray, chances: SoftLabelArray) -> SoftLabelArray:
    """P(y | S, x) in proportion to p_y P(S | y), (rows, classes); exact; NaN where the set cannot be observed.

    `soft_labels` are those of the labels that the sets are made of, after noise; `chances` are P(S | y) for every y.
    """
    joint = jnp.asarray(soft_labels) * jnp.asarray(chances)
    total = joint.sum(-1, keepdims=True)
    return jnp.where(total > 0, joint / jnp.where(total > 0, total, 1.0), jnp.nan)


def given_observed(soft_labels: SoftLabelArray, missing: SoftLabelArray) -> SoftLabelArray:
    """The soft label of rows whose label is not missing: p_k o_k / sum_j p_j o_j, o = 1 - missing; exact.

    `missing (rows, classes)` is the probability that a label of each class is missing. NaN where it always is.
    """
    return posterior(soft_labels, 1.0 - jnp.asarray(missing))
