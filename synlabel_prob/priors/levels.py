"""One categorical or ordinal feature whose level probabilities depend on the row."""

from __future__ import annotations

import abc
from typing import Any

from .._lazy import jnp
from .base import Row
from .facts import Independent
from .mixture_law import pick
from .regressions import RegressionPrior


class LevelsPrior(RegressionPrior):
    """Level codes; the probabilities of a row are averaged over the kept draws of theta."""

    @property
    def uniform_dims(self) -> int:
        """One."""
        return 1

    @abc.abstractmethod
    def probabilities(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Probabilities (..., levels) for parameters (draws, ...) and regressors that broadcast with them."""

    def law(self, theta: dict[str, Any], row: Row) -> Any:
        """(levels,): exact given the draws."""
        return self.probabilities(theta, self.design.encode(row)).mean(0)

    def quantile(self, theta: dict[str, Any], uniforms: Any, row: Row) -> Any:
        """The level that the uniform falls on; exact."""
        law = self.law(theta, row)
        return pick(law, uniforms[0])[None].astype(law.dtype)

    def independent(self, theta: dict[str, Any], row: Row) -> Independent:
        """One component."""
        law = self.law(theta, row)
        below = jnp.concatenate([jnp.zeros(1, law.dtype), jnp.cumsum(law)])

        def cdf(place: int, values: Any) -> Any:
            return below[jnp.clip(jnp.floor(values) + 1, 0, len(law)).astype(int)][None]

        return Independent(jnp.ones(1), cdf)

    def pit(self, theta: dict[str, Any], hidden: Any, row: Row, jitter: Any) -> Any:
        """Anywhere inside the jump at the level."""
        law, code = self.law(theta, row), hidden[0].astype(int)
        return ((jnp.cumsum(law) - law)[code] + jitter[0] * law[code])[None]

    def log_density(self, theta: dict[str, Any], hidden: Any, row: Row) -> Any:
        """Log probability; exact given the draws."""
        return jnp.log(self.law(theta, row)[hidden[0].astype(int)])
