"""The strength of a node that reaches a target: of changed labels, of distance, or of changed pluralities."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from .. import metrics
from .._lazy import jax, jnp, numpyro
from ..errors import InputError
from .base import Noise, Setting, row_context
from .channels import change_probability, push_forward

Target = Literal["rate", "mtvd", "plurality"]
_HALVINGS = 50
_WORDS = {
    "rate": "share of changed labels",
    "mtvd": "mean total variation",
    "plurality": "share of rows whose most likely class changes",
}


class Calibrated(NamedTuple):
    """A node with the strength that was solved for, and the value that it reaches on the rows asked about."""

    node: Noise
    reached: float


def calibrate(
    node: Noise,
    target: float,
    *,
    by: Target = "rate",
    setting: Setting,
    soft_labels: np.ndarray | None = None,
    key: Any = None,
) -> Calibrated:
    """The node with its strength such that its effect on soft labels is `target`, by bisection.

    Args:
        node: a node with a single strength (`Noise.at_strength`); the value that it has plays no part.
        target: of the effect, in [0, 1].
        by: the expected `rate` of changes, the mean total variation (`mtvd`) between soft labels before and after, or
            the share of rows whose `plurality` changes, which moves in steps of one row.
        setting: the table and the ground truth.
        soft_labels: (rows, classes) of the table's rows before the node; the ground truth's, one-hot, by default. Nodes
            that depend on features act on these at the table's own features.
        key: fixes the draws of random nodes, the same at every strength.

    Returns:
        The node, and what it reaches: `target` up to rounding where the effect is continuous in the strength, else the
        nearest value to either side of a step (pluralities, and Dirichlet draws, which jump in thousandths).

    Raises:
        InputError: the node has no strength, or no strength reaches the target.
    """
    if by not in _WORDS:
        raise InputError(f"by must be one of {', '.join(map(repr, _WORDS))}; got {by!r}.")
    soft = metrics.one_hot(setting.labels, len(setting.classes)) if soft_labels is None else np.asarray(soft_labels)
    with jax.enable_x64(True):
        effect = _Effect(node, by, setting, soft, jax.random.key(0) if key is None else key)
        return _solved(effect, float(target))


class _Effect:
    """What a node does, as a function of its strength from 0 (nothing) to 1 (all that it can)."""

    def __init__(self, node: Noise, by: Target, setting: Setting, soft: np.ndarray, key: Any) -> None:
        self.node, self.by, self.setting, self.soft, self.key = node, by, setting, soft, key

    def __call__(self, share: float) -> float:
        try:
            transition = transition_at(self.node.at_strength(share), self.setting, self.soft, self.key)
        except InputError:
            if share == 0.0:
                raise
            return math.inf  # beyond what the node can do on these rows
        if self.by == "rate":
            return float(change_probability(jnp.asarray(self.soft), transition).mean())
        after = np.asarray(push_forward(jnp.asarray(self.soft), transition))
        if self.by == "mtvd":
            return metrics.mean_total_variation(self.soft, after)
        return 1.0 - metrics.plurality_agreement(self.soft, after).agreement


def _solved(effect: _Effect, target: float) -> Calibrated:
    effect(0.0)  # says at once what is wrong with the node
    low, high = 0.0, 1.0 - 1e-12
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effect(middle) < target else (low, middle)
    ends = {share: effect(share) for share in (low, high)}
    largest = max(value for value in ends.values() if value < math.inf)
    if target < 0 or target > largest * (1 + 1e-6):
        raise InputError(
            f"target must be from 0 to {largest:.4g}, the largest {_WORDS[effect.by]} that {effect.node.kind!r} "
            f"reaches here; got {target:g}."
        )
    share = min(ends, key=lambda end: abs(ends[end] - target))
    return Calibrated(effect.node.at_strength(share), ends[share])


def transition_at(node: Noise, setting: Setting, soft_labels: np.ndarray, key: Any) -> Any:
    """The transition of a node for the rows of a setting, at their own features and these soft labels (rows, classes).

    Parameters that are laws and random maps are drawn with the key. (classes, classes) for a node that depends on
    nothing, (rows, classes, classes) otherwise.

    Raises:
        InputError: the node does not fit the rows, or cannot reach its target rate on them.
    """
    fitted = node.fit(setting).for_soft_labels(soft_labels)

    def made() -> Any:
        own = fitted.sample_parameters()
        if fitted.depends_on == "features":
            return fitted.transition(own, fitted.context(setting.table.features))
        soft = jnp.asarray(soft_labels)
        return fitted.transition(own, row_context(fitted, own, soft, soft)[1])

    return numpyro.handlers.seed(made, key)()
