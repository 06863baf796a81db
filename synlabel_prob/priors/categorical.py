"""Categories with Dirichlet probabilities."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..descriptions import description, fitted, static
from .base import FittedPrior, Prior, Reference
from .univariate import Law, Marginal, independent


@fitted
class CategoricalLaw(Law):
    """Level codes with `probabilities (levels,)`."""

    probabilities: Any
    discrete = True

    def quantile(self, uniform: Any) -> Any:
        """The smallest code whose cumulative probability exceeds the uniform; exact."""
        below = jnp.cumsum(self.probabilities) - self.probabilities
        code = (uniform >= below).sum() - 1
        return jnp.clip(code, 0, self.probabilities.shape[0] - 1).astype(below.dtype)

    def cdf(self, value: Any, jitter: Any) -> Any:
        """Randomised: anywhere inside the jump at the value."""
        code = jnp.asarray(value).astype(int)
        below = jnp.cumsum(self.probabilities) - self.probabilities
        return below[code] + jitter * self.probabilities[code]

    def up_to(self, value: Any) -> Any:
        """P(code <= value); exact."""
        return jnp.where(jnp.arange(self.probabilities.shape[0]) <= value, self.probabilities, 0.0).sum()

    def log_density(self, value: Any) -> Any:
        """Log probability; exact."""
        return jnp.log(self.probabilities[jnp.asarray(value).astype(int)])


@fitted
class CategoricalMarginal(Marginal):
    """Probabilities ~ Dirichlet; `counts (levels,)` of the reference rows."""

    counts: np.ndarray
    concentration: float
    name: str = static()

    def predictive(self) -> CategoricalLaw:
        """The posterior mean; exact. Levels that never occur keep positive probability."""
        total = self.counts + self.concentration
        return CategoricalLaw(total / total.sum())

    def sample(self, name: str, *, posterior: bool) -> CategoricalLaw:
        """Probabilities from the Dirichlet posterior (conjugate, exact) or prior."""
        total = self.concentration + (self.counts if posterior else 0 * self.counts)
        infer = {"event_dims": [f"level_{self.name}"]}
        return CategoricalLaw(numpyro.sample(f"{name}.probabilities", dist.Dirichlet(jnp.asarray(total)), infer=infer))


@description
class Categorical(Prior):
    """Each hidden categorical or ordinal feature by its level frequencies, with a Dirichlet prior."""

    concentration: Annotated[float, Field(gt=0)] = 0.5
    kind: Literal["categorical"] = "categorical"

    summary = "level frequencies with a Dirichlet prior; independent; categorical and ordinal"
    conditions_on = "nothing"
    cost = "rows, once"
    takes = frozenset({"categorical", "ordinal"})

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Exact: Dirichlet posterior of the probabilities."""
        marginals = []
        for column, values in zip(reference.hidden_columns, reference.hidden.T, strict=True):
            counts = np.bincount(values.astype(int), minlength=len(column.levels)).astype(np.float64)
            marginals.append(CategoricalMarginal(counts, self.concentration, column.name))
        return independent(reference, tuple(marginals))

    def explain(self) -> str:
        """In words."""
        return (
            f"each by its level frequencies (probabilities ~ Dirichlet({self.concentration:g}), posterior mean), "
            "independently of everything"
        )
