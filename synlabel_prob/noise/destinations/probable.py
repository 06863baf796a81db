"""Destinations by class probabilities: the second most likely class, or all others in proportion."""

from __future__ import annotations

from typing import Any, Literal

from ..._lazy import jax, jnp
from ...descriptions import description, fitted
from .. import probabilities as by
from ..base import Setting
from .base import Destination, FittedDestination


@fitted
class SecondDestination(FittedDestination):
    """The most likely class other than the label."""

    reads_probabilities = True

    def context(self, source: Any) -> Any:
        """The probabilities themselves."""
        return source

    def towards(self, parameters: Any, context: Any) -> Any:
        """One-hot rows; ties go to the first class."""
        given = jnp.asarray(context)
        size = given.shape[-1]
        others = jnp.where(jnp.eye(size, dtype=bool), -1.0, given[..., None, :])
        return jax.nn.one_hot(others.argmax(-1), size, dtype=given.dtype)


@description
class ToSecond(by.GoesByProbabilities, Destination):  # pyright: ignore[reportIncompatibleVariableOverride]
    """To the most likely other class; ties go to the first.

    `source` says whose probabilities: the `ground_truth`'s at the row's features, hidden ones included, or those of the
    row's `soft_label` before any noise.
    """

    source: by.Source = "ground_truth"
    kind: Literal["to_second"] = "to_second"

    summary = "the most likely other class"
    paper = "Zhang et al., 2021; Chen et al., 2021"

    def fit(self, setting: Setting) -> SecondDestination:
        """Nothing is learned."""
        return SecondDestination()

    def explain(self) -> str:
        """In words."""
        return f"to the most likely other class by {by.words(self.source)}"


@fitted
class LikelyDestination(FittedDestination):
    """Other classes in proportion to their probabilities."""

    reads_probabilities = True

    def context(self, source: Any) -> Any:
        """The probabilities themselves."""
        return source

    def towards(self, parameters: Any, context: Any) -> Any:
        """Where the label has all the probability, any other class alike."""
        given = jnp.asarray(context)
        own = jnp.eye(given.shape[-1], dtype=bool)
        others = jnp.where(own, 0.0, given[..., None, :])
        others = jnp.where((others > 0).any(-1, keepdims=True), others, jnp.where(own, 0.0, 1.0))
        return others / others.sum(-1, keepdims=True)


@description
class ToLikely(by.GoesByProbabilities, Destination):  # pyright: ignore[reportIncompatibleVariableOverride]
    """To other classes in proportion to their probabilities; where the label has all of it, to any other alike.

    `source` says whose probabilities, as in `to_second`.
    """

    source: by.Source = "ground_truth"
    kind: Literal["to_likely"] = "to_likely"

    summary = "other classes in proportion to their probabilities"

    def fit(self, setting: Setting) -> LikelyDestination:
        """Nothing is learned."""
        return LikelyDestination()

    def explain(self) -> str:
        """In words."""
        return f"to other classes in proportion to {by.words(self.source)}"
