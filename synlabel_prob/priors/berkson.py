"""Berkson noise on features: the true value is the recorded one plus noise that does not depend on it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jnp
from ..descriptions import constant, description, fitted
from .base import FittedPrior, Prior, Reference, Row
from .whitened import Normal, normal


@fitted
class BerksonPrior(FittedPrior):
    """Normal around the reference rows' own values, `values (rows, hidden)`; `deviations (hidden,)`."""

    theta: Any
    values: np.ndarray
    deviations: np.ndarray
    normal: Normal

    @property
    def stated(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """All features: nothing about the noise was learned from the rows."""
        return tuple(range(len(self.deviations)))

    @property
    def uniform_dims(self) -> int:
        """One a feature."""
        return len(self.deviations)

    def _own(self, row: Row) -> Any:
        """The row's recorded values; NaN for a row that is none of the reference rows."""
        return jnp.where(jnp.asarray(row.place) >= 0, constant(self.values)[row.place], jnp.nan)

    def _standard(self, hidden: Any, row: Row) -> Any:
        return (jnp.asarray(hidden) - self._own(row)) / constant(self.deviations)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Feature by feature, to 1e-9 of the noise."""
        return self._own(row) + constant(self.deviations) * self.normal.quantile(uniforms)

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Feature by feature; exact."""
        return self.normal.uniforms(self._standard(hidden, row))

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """The sum over features; exact."""
        return self.normal.log_density(self._standard(hidden, row)) - jnp.log(constant(self.deviations)).sum()

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()


@description
class Berkson(Prior):
    """Hidden features are what the row records plus normal noise, independent for each feature (Berkson, 1950).

    The true value is the recorded one plus noise that does not depend on it, as where a thermostat is set and the
    temperature differs. `scale` is the standard deviation of the noise in standard deviations of the feature.
    """

    scale: Annotated[float, Field(gt=0, le=1e9)]
    kind: Literal["berkson"] = "berkson"

    summary = "the row's own hidden features plus normal noise (Berkson error); continuous"
    conditions_on = "nothing"
    cost = "nothing"
    needs_own_values = True

    def fit(self, reference: Reference, key: Any) -> BerksonPrior:
        """Standard deviations of the recorded values; nothing else is learned."""
        deviations = self.scale * reference.hidden.std(0)
        return BerksonPrior((), reference.hidden, deviations, normal(len(deviations)))

    def explain(self) -> str:
        """In words."""
        return (
            f"what the row records plus independent normal noise of {self.scale:g} standard deviations of the feature "
            "(Berkson error)"
        )
