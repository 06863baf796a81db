"""Bayesian (multinomial) logistic regression of one hidden feature."""

from __future__ import annotations

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
class LogisticRegressionPrior(LevelsPrior):
    """log p(level) - log p(first level) = x' B[:, level]; `coefficients (regressors, levels - 1)`."""

    theta: dict[str, Any]
    design: Design
    reference: Reference
    coefficient_scale: float = static()
    statistics: dict[str, np.ndarray] | None = None
    chain_diagnostics: Diagnostics | None = static(default=None)
    sites = ("coefficients",)

    def sample_parameters(self) -> dict[str, Any]:
        """Coefficients ~ N(0, coefficient_scale^2)."""
        shape = (len(self.design.names), len(self.reference.hidden_columns[0].levels) - 1)
        law = dist.Normal(jnp.zeros(shape), self.coefficient_scale).to_event(2)
        named = {"event_dims": [*self.dims_of("coefficients")]}
        return {"coefficients": numpyro.sample("prior.coefficients", law, infer=named)}

    def likelihood(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Categorical."""
        return dist.CategoricalLogits(_with_first(regressors @ parameters["coefficients"]))

    def response(self) -> Any:
        """Level codes."""
        return self.reference.hidden[:, 0].astype(np.int64)

    def probabilities(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Softmax."""
        return jax.nn.softmax(_with_first(regressors @ jnp.asarray(parameters["coefficients"])), -1)

    def dims_of(self, name: str) -> tuple[str, ...]:
        """Regressors, and the levels after the first."""
        return self.regressor_dim, f"other_level_{self.reference.hidden_columns[0].name}"

    def coordinates(self) -> dict[str, Sequence]:
        """Regressors and levels."""
        levels = self.reference.hidden_columns[0].levels[1:]
        return {self.regressor_dim: self.design.names, self.dims_of("coefficients")[1]: levels}


def _with_first(scores: Any) -> Any:
    return jnp.concatenate([jnp.zeros((*scores.shape[:-1], 1), scores.dtype), scores], -1)


@description
class LogisticRegression(RegressionDescription):
    """One hidden categorical feature by logistic regression, multinomial where it has more than two levels.

    Coefficients, of standardised numbers and of indicators, are normal around 0 with deviation `coefficient_scale`
    (2.5 after Gelman et al., 2008), so levels that are separated perfectly or never occur have positive probability.
    """

    kind: Literal["logistic_regression"] = "logistic_regression"

    summary = "Bayesian (multinomial) logistic regression on the observed features; one feature; categorical, ordinal"
    takes = frozenset({"categorical", "ordinal"})

    def with_design(self, reference: Reference, design: Design) -> LogisticRegressionPrior:
        """The regression before its fit."""
        return LogisticRegressionPrior({}, design, reference, self.coefficient_scale)

    def explain(self) -> str:
        """In words."""
        return f"by logistic {self._stated()}"
