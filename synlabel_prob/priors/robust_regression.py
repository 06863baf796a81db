"""Bayesian linear regression of one hidden feature with Student-t errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import constant, description, fitted, static
from ..inference import Diagnostics
from .base import Reference, Row, by_cdf
from .design import Design
from .facts import Independent
from .gaussian_regression import Scale
from .regressions import RegressionDescription, RegressionPrior
from .whitened import Student, student


@fitted
class RobustRegressionPrior(RegressionPrior):
    """(h - mean) / deviation = x' b + scale e, e ~ Student-t; the mixture over the kept draws of (b, scale)."""

    theta: dict[str, Any]
    design: Design
    reference: Reference
    center: Any
    spread: Any
    student: Student
    coefficient_scale: float = static()
    residual_scale: float = static()
    statistics: dict[str, np.ndarray] | None = None
    chain_diagnostics: Diagnostics | None = static(default=None)
    sites = ("coefficients", "scale")

    @property
    def uniform_dims(self) -> int:
        """One for the draw of theta and one for the feature."""
        return 2

    def sample_parameters(self) -> dict[str, Any]:
        """Coefficients ~ N(0, coefficient_scale^2), scale^2 ~ InverseGamma(3/2, residual_scale^2 / 2).

        The latter is the law that the variance has in `gaussian_regression`; it keeps the scale from 0, where values
        that are all the same, or nearly all, would have an infinite likelihood.
        """
        law = dist.Normal(jnp.zeros(len(self.design.names)), self.coefficient_scale).to_event(1)
        named = {"event_dims": [self.regressor_dim]}
        variance = dist.InverseGamma(1.5, 0.5 * self.residual_scale**2)
        root = dist.TransformedDistribution(variance, dist.transforms.PowerTransform(0.5))
        return {
            "coefficients": numpyro.sample("prior.coefficients", law, infer=named),
            "scale": numpyro.sample("prior.scale", root),
        }

    def likelihood(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """Student-t."""
        center = regressors @ parameters["coefficients"]
        return dist.StudentT(constant(self.student.degrees_of_freedom), center, parameters["scale"])

    def response(self) -> Any:
        """Standardised."""
        return (self.reference.hidden[:, 0] - self.center) / self.spread

    def quantile(self, theta: dict[str, Any], uniforms: Any, row: Row) -> Any:
        """A kept draw, then its Student-t; exact given the draws."""
        centers, scales = self._laws(theta, row)
        place = jnp.minimum((uniforms[0] * len(centers)).astype(int), len(centers) - 1)
        return centers[place] + scales[place] * self.student.quantile(uniforms[1:])

    def pit(self, theta: dict[str, Any], hidden: Any, row: Row, jitter: Any) -> Any:
        """The mean cdf over the kept draws."""
        centers, scales = self._laws(theta, row)
        return jax.vmap(lambda e: self.student.uniforms(e[None]))((hidden[0] - centers) / scales).mean(0)

    def independent(self, theta: dict[str, Any], row: Row) -> Independent:
        """One component."""
        return by_cdf(self, theta, row)

    def log_density(self, theta: dict[str, Any], hidden: Any, row: Row) -> Any:
        """Of the mixture over the kept draws."""
        centers, scales = self._laws(theta, row)
        logs = jax.vmap(lambda e: self.student.log_density(e[None]))((hidden[0] - centers) / scales) - jnp.log(scales)
        return jax.scipy.special.logsumexp(logs) - np.log(len(centers))

    def _laws(self, theta: dict[str, Any], row: Row) -> tuple[Any, Any]:
        centers = jnp.asarray(theta["coefficients"]) @ self.design.encode(row)
        spread = constant(self.spread)
        return constant(self.center) + spread * centers, spread * jnp.asarray(theta["scale"])

    def dims_of(self, name: str) -> tuple[str, ...]:
        """The regressors; the scale has none."""
        return (self.regressor_dim,) if name == "coefficients" else ()

    def coordinates(self) -> dict[str, Sequence]:
        """Names of the regressors."""
        return {self.regressor_dim: self.design.names}


@description
class RobustRegression(RegressionDescription):
    """One hidden number by linear regression with Student-t errors of given degrees of freedom.

    Outliers pull the line less than under `gaussian_regression`. The feature is standardised; coefficients are normal
    around 0 with deviation `coefficient_scale`, the squared scale of the errors is inverse gamma with the mean
    `residual_scale^2`.
    """

    degrees_of_freedom: Annotated[float, Field(ge=1, le=1000)] = 4.0
    residual_scale: Scale = 0.1
    kind: Literal["robust_regression"] = "robust_regression"

    summary = "Bayesian linear regression with Student-t errors on the observed features; one feature; continuous"

    def with_design(self, reference: Reference, design: Design) -> RobustRegressionPrior:
        """The regression before its fit."""
        values = reference.hidden[:, 0]
        spread = values.std()
        parts = (np.float64(values.mean()), np.float64(spread if spread > 0 else 1.0))
        law = student(self.degrees_of_freedom, 1)
        return RobustRegressionPrior({}, design, reference, *parts, law, self.coefficient_scale, self.residual_scale)

    def explain(self) -> str:
        """In words."""
        return f"by linear {self._stated()} with Student-t errors ({self.degrees_of_freedom:g} degrees of freedom)"
