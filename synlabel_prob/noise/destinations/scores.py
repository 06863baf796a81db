"""A destination by random linear scores of the features (Xia et al., 2020)."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jax, jnp
from ...descriptions import constant, description, fitted, static
from ...laws import ScaleParameter
from ..base import Setting, sample_parameter
from ..weights.region import of_raw_features
from .base import Destination, FittedDestination


@fitted
class ScoreDestination(FittedDestination):
    """Softmax over the other classes; `weights (features, classes * classes)` of raw features."""

    weights: np.ndarray
    intercepts: np.ndarray
    temperature: Any = static()

    def sample_parameters(self, prefix: str) -> Any:
        """The temperature."""
        return sample_parameter(f"{prefix}.temperature", self.temperature)

    def context(self, source: Any) -> Any:
        """The scores, (..., classes, classes)."""
        size = round(len(self.intercepts) ** 0.5)
        features, weights = jnp.asarray(source), constant(self.weights)
        # One feature after another, so that a row's scores do not depend on the batch that it is in.
        scores = constant(self.intercepts) + sum(features[..., i, None] * weights[i] for i in range(len(weights)))
        return scores.reshape(*scores.shape[:-1], size, size)

    def towards(self, parameters: Any, context: Any) -> Any:
        """Shares without the label itself."""
        own = jnp.eye(context.shape[-1], dtype=bool)
        return jnp.where(own, 0.0, jax.nn.softmax(context / parameters, -1, where=~own))

    def once_drawn(self) -> ScoreDestination:
        """The temperature is a parameter."""
        return dataclasses.replace(self, temperature=1.0)


@description
class ToScores(Destination):
    """By random linear scores of the row: softmax(x' W_i / temperature) over the other classes (Xia et al., 2020).

    W_i, one matrix for each class that changes, is standard normal and fixed by `seed`; x are standardised features,
    divided by the square root of their number, without which nearly all goes to one class where there are many.
    A small `temperature` leaves one class, a large one takes all alike.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    temperature: ScaleParameter = 1.0
    kind: Literal["to_scores"] = "to_scores"

    summary = "by random linear scores of the features (IDN)"
    paper = "Xia et al., 2020"
    depends_on = "features"

    def fit(self, setting: Setting) -> ScoreDestination:
        """The matrices, and means and standard deviations of the table's features."""
        table, size = setting.table, len(setting.classes)
        standard = np.random.default_rng(self.seed).normal(size=(len(table.columns), size * size))
        scaled = standard / np.sqrt(len(table.columns))
        return ScoreDestination(*of_raw_features(table, scaled), self.temperature)

    def explain(self) -> str:
        """In words."""
        return f"to other classes by random linear scores of the features (seed {self.seed})"
