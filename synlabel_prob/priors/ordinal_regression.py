"""Bayesian ordinal regression of one hidden feature."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import description, fitted, static
from ..inference import Diagnostics
from .base import Reference
from .design import Design
from .levels import LevelsPrior
from .regressions import RegressionDescription


@fitted
class OrdinalRegressionPrior(LevelsPrior):
    """P(level <= k) = sigmoid(cutpoint_k - x' b), x without the constant."""

    theta: dict[str, Any]
    design: Design
    reference: Reference
    coefficient_scale: float = static()
    statistics: dict[str, np.ndarray] | None = None
    chain_diagnostics: Diagnostics | None = static(default=None)
    sites = ("coefficients", "cutpoints")

    def sample_parameters(self) -> dict[str, Any]:
        """Coefficients ~ N(0, coefficient_scale^2), increasing cutpoints."""
        regressors, steps = len(self.design.names) - 1, len(self.reference.hidden_columns[0].levels) - 1
        law = dist.Normal(jnp.zeros(regressors), self.coefficient_scale).to_event(1)
        free = dist.Normal(jnp.zeros(steps), self.coefficient_scale).to_event(1)
        ordered = dist.TransformedDistribution(free, dist.transforms.OrderedTransform())
        named = {name: {"event_dims": [*self.dims_of(name)]} for name in self.sites}
        return {
            "coefficients": numpyro.sample("prior.coefficients", law, infer=named["coefficients"]),
            "cutpoints": numpyro.sample("prior.cutpoints", ordered, infer=named["cutpoints"]),
        }

    def likelihood(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Categorical."""
        scores = regressors[:, 1:] @ parameters["coefficients"]
        return dist.CategoricalProbs(_shares(scores[:, None], parameters["cutpoints"]))

    def response(self) -> Any:
        """Level codes."""
        return self.reference.hidden[:, 0].astype(np.int64)

    def probabilities(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Differences of the cumulative probabilities."""
        scores = jnp.asarray(parameters["coefficients"]) @ regressors[1:]
        return _shares(scores[:, None], jnp.asarray(parameters["cutpoints"]))

    def dims_of(self, name: str) -> tuple[str, ...]:
        """Regressors without the constant, or the steps between levels."""
        step = f"step_{self.reference.hidden_columns[0].name}"
        return (f"slope{self.reference.suffix}",) if name == "coefficients" else (step,)

    def coordinates(self) -> dict[str, Sequence]:
        """Regressors and steps."""
        levels = self.reference.hidden_columns[0].levels
        steps = [f"{low}|{high}" for low, high in itertools.pairwise(levels)]
        return {self.dims_of("coefficients")[0]: self.design.names[1:], self.dims_of("cutpoints")[0]: steps}


def _shares(scores: Any, cutpoints: Any) -> Any:
    """Level probabilities (..., levels); differences are taken on the side where they do not cancel."""
    below, above = jax.nn.sigmoid(cutpoints - scores), jax.nn.sigmoid(scores - cutpoints)
    zeros, ones = jnp.zeros((*below.shape[:-1], 1), below.dtype), jnp.ones((*below.shape[:-1], 1), below.dtype)
    low, high = jnp.concatenate([zeros, below], -1), jnp.concatenate([below, ones], -1)
    low_above, high_above = jnp.concatenate([ones, above], -1), jnp.concatenate([above, zeros], -1)
    return jnp.where(low < 0.5, high - low, low_above - high_above)


@description
class OrdinalRegression(RegressionDescription):
    """One hidden ordinal feature by a cumulative logistic regression (proportional odds; McCullagh, 1980).

    Coefficients, of standardised numbers and of indicators, are normal around 0 with deviation `coefficient_scale`.
    """

    kind: Literal["ordinal_regression"] = "ordinal_regression"

    summary = "Bayesian cumulative logistic regression on the observed features; one feature; ordinal"
    takes = frozenset({"ordinal"})

    def with_design(self, reference: Reference, design: Design) -> OrdinalRegressionPrior:
        """The regression before its fit."""
        return OrdinalRegressionPrior({}, design, reference, self.coefficient_scale)

    def explain(self) -> str:
        """In words."""
        return f"by cumulative logistic {self._stated()}"
