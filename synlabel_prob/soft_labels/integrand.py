"""What is averaged: the label at each draw of the hidden features, and the noise that depends on them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import fitted, static
from ..ground_truth import GroundTruthFunction, LabelsAtDraws
from ..noise import FittedNoise, change_probability, push_forward
from ..priors import Row
from .tiles import on_device


@fitted
class LabelLaw:
    """Features to the law of the label: one-hot at the ground truth, then through `nodes` with their `parameters`.

    `hidden` and `observed` are the places of these features among all; `levels` says how many each of the hidden ones
    has, 0 for a number. `quicker` is the function's quicker way to its labels; see `prepared`.
    """

    function: GroundTruthFunction
    nodes: tuple[FittedNoise, ...]
    parameters: tuple
    hidden: tuple[int, ...] = static()
    observed: tuple[int, ...] = static()
    levels: tuple[int, ...] = static(default=())
    quicker: LabelsAtDraws | None = None

    def prepared(self) -> LabelLaw:
        """With the function's quicker way, where it has one; on the host, before arrays go into compiled programs.

        A law that runs on the host has none, and keeps to NumPy.
        """
        if not self.runs_in_jax:
            return self
        return dataclasses.replace(self, quicker=self.function.at_draws(self.hidden, self.observed))

    @functools.cached_property
    def placed(self) -> LabelLaw:
        """Its arrays where it runs: a function beside nodes that run on the host labels there too, from NumPy's."""
        placed = on_device(self)
        return placed if self.runs_in_jax else dataclasses.replace(placed, function=self.function)

    def codes(self, observed: Any, hidden: Any) -> Any:
        """Labels before noise (rows, ...) from observed (rows, observed) and hidden (rows, ..., hidden)."""
        if self.quicker is not None:
            return self.quicker.labels(observed, hidden)
        return self.function.labels(self.features(observed, hidden))

    @property
    def runs_in_jax(self) -> bool:
        """Whether the ground truth and every node do."""
        return self.function.runs_in_jax and all(node.runs_in_jax for node in self.nodes)

    def features(self, observed: Any, hidden: Any) -> Any:
        """All features (rows, ..., features) from observed (rows, observed) and hidden (rows, ..., hidden)."""
        if isinstance(hidden, np.ndarray):
            return self._host_features(np.asarray(observed), hidden)
        spread = jnp.broadcast_to(_spread(observed, hidden), (*hidden.shape[:-1], len(self.observed)))
        order = np.argsort(np.array(self.observed + self.hidden))
        return jnp.concatenate([spread, hidden], -1)[..., order]

    def _host_features(self, observed: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Whole rows copied to all their points, then the hidden features written over: the quickest in NumPy."""
        rows = np.zeros((len(observed), len(self.observed) + len(self.hidden)), hidden.dtype)
        rows[:, list(self.observed)] = observed
        features = np.repeat(rows, hidden[0, ..., 0].size, axis=0).reshape(*hidden.shape[:-1], rows.shape[-1])
        for place, column in enumerate(self.hidden):
            features[..., column] = hidden[..., place]
        return features

    def stages(self, codes: Any, features: Any) -> list[tuple[Any, Any]]:
        """After each node: the law (..., classes) and the probability that the node changed the label (...)."""
        law, found = jax.nn.one_hot(codes, len(self.function.classes), dtype=float), []
        for node, parameters in zip(self.nodes, self.parameters, strict=True):
            source = features if node.depends_on == "features" else None
            transition = node.transition(parameters, node.context(source))
            changed = change_probability(law, transition)
            law = push_forward(law, transition)
            found.append((law, changed))
        return found

    def sums(self, observed: Any, hidden: Any) -> tuple[Any, Any, Any]:
        """Over the points of each group, from hidden (rows, groups, points, hidden).

        Returns:
            Counts of labels (rows, groups, classes), integers; sums of what `stages` gives, laws and change
            probabilities side by side (rows, groups, nodes, classes + 1); and the sums of their squares.
        """
        codes = self.codes(observed, hidden)
        counts = count_by_class(codes, len(self.function.classes))
        if not self.nodes:
            nothing = np.zeros((*counts.shape[:-1], 0, counts.shape[-1] + 1))
            return counts, nothing, nothing
        found = self.stages(codes, self.features(observed, hidden))
        stages = [jnp.concatenate([law, changed[..., None]], -1) for law, changed in found]
        values = jnp.stack(stages, -2)
        return counts, values.sum(2), (values**2).sum(2)


def _spread(observed: Any, hidden: Any) -> Any:
    """Observed (rows, observed) with as many axes as hidden has."""
    return observed.reshape(len(observed), *(1,) * (hidden.ndim - 2), observed.shape[-1])


def count_by_class(codes: Any, num_classes: int) -> Any:
    """How often each class occurs along the last axis, (..., classes)."""
    if not isinstance(codes, np.ndarray):
        return jnp.stack([(codes == code).sum(-1, dtype="int32") for code in range(num_classes)], -1)
    groups = codes.reshape(-1, codes.shape[-1]) + num_classes * np.arange(codes[..., 0].size)[:, None]
    counts = np.bincount(groups.ravel(), minlength=len(groups) * num_classes)
    return counts.reshape(*codes.shape[:-1], num_classes).astype(np.int32)


@functools.cache
def compiled_draws() -> Callable:
    """Uniforms (rows, groups, points, dims) to hidden features: the prior's quantile for rows and points at once."""

    def draw(prior: Any, uniforms: Any, given: Row) -> Any:
        one = jax.vmap(functools.partial(predictive_draw, prior), (0, None))
        return jax.vmap(jax.vmap(one, (0, None)))(uniforms, given)

    return jax.jit(draw)


def predictive_draw(prior: Any, uniforms: Any, row: Row) -> Any:
    """Hidden features of one row, theta integrated out."""
    return prior.quantile(*theta_and_uniforms(prior, uniforms), row)


def theta_and_uniforms(prior: Any, uniforms: Any) -> tuple[Any, Any]:
    """Theta of a point, and what of its uniforms is the prior's: where theta has several draws, the last picks one."""
    if prior.num_theta == 1:
        return prior.theta_at(0), uniforms
    index = jnp.floor(uniforms[-1] * prior.num_theta).astype(int)
    return prior.theta_at(index), uniforms[:-1]


def point_dims(prior: Any) -> int:
    """How many coordinates a point has: the prior's, and one for theta where it has several draws."""
    return prior.uniform_dims + (prior.num_theta > 1)
