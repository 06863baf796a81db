r"""Gaussian regression of the hidden on the observed features, conjugate.

In standardised units, with regressors x (the constant, numbers, indicators):

    hidden | x, B, S  ~  N(B' x, S)
    B | S             ~  MatrixNormal(0, c^2 I, S)          c = coefficient_scale
    S                 ~  InverseWishart(d + 2, r^2 I)       r = residual_scale, so E[S] = r^2 I

The posterior is of the same family and the posterior predictive of one row is a Student-t (Gelman et al., Bayesian
Data Analysis, 3rd ed., sections 3.6 and 14.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import constant, description, fitted, static
from ..inference import Diagnostics, nuts
from .base import FittedPrior, Prior, Reference, Row, by_cdf, filled
from .conditioning import normal_evidence, normal_given
from .design import Design, encoded, fit_design
from .facts import Elliptical, Independent
from .gibbs_regression import draw_regressions
from .matrix_normal import MatrixNormalInverseWishart, Regression, conjugate_prior, sample_conjugate
from .whitened import Normal, Student, normal, rotated

Scale = Annotated[float, Field(ge=1e-9, le=1e9)]


@fitted
class GaussianRegressionPrior(FittedPrior):
    """The fitted regression."""

    theta: Regression
    design: Design
    means: np.ndarray
    scales: np.ndarray
    prior: MatrixNormalInverseWishart
    posterior: MatrixNormalInverseWishart
    reference: Reference
    normal: Normal
    draws: Regression | None = None
    statistics: dict[str, np.ndarray] | None = None
    chain_diagnostics: Diagnostics | None = static(default=None)
    hidden_names: tuple[str, ...] = static(default=())

    @property
    def uniform_dims(self) -> int:
        """One a hidden feature."""
        return len(self.hidden_names)

    def quantile(self, theta: Regression, uniforms: Any, row: Row) -> Any:
        """The Rosenblatt map in the order of the hidden features; the t quantile is within 1e-9."""
        center, scale = self._center_and_scale(theta, row)
        if row.known is not None:
            residual, covariance, is_known = self._known(theta, row.known, row)
            _, gains = normal_evidence(residual, covariance, is_known)
            center, scale = normal_given(center, covariance, residual, gains, is_known)
        whitened = self._whitened_law(theta).quantile(uniforms)
        return constant(self.means) + constant(self.scales) * (center + rotated(scale, whitened))

    def pit(self, theta: Regression, hidden: Any, row: Row, jitter: Any) -> Any:
        """Exact."""
        whitened, _ = self._whitened(theta, hidden, row)
        return self._whitened_law(theta).uniforms(whitened)

    def last_cdf(self, theta: Regression, hidden: Any, values: Any, row: Row) -> Any:
        """Exact; what does not depend on the values is worked out once."""
        center, scale = self._center_and_scale(theta, row)
        whole = (hidden - constant(self.means)) / constant(self.scales) - center
        inverse = jax.scipy.linalg.solve_triangular(scale[:-1, :-1], jnp.eye(len(whole) - 1), lower=True)
        before = inverse @ whole[:-1]
        residuals = (values - constant(self.means)[-1]) / constant(self.scales)[-1] - center[-1]
        return self._whitened_law(theta).last_uniforms(before, (residuals - scale[-1, :-1] @ before) / scale[-1, -1])

    def log_density(self, theta: Regression, hidden: Any, row: Row) -> Any:
        """Exact."""
        if row.known is not None:
            known, both = (self._log_evidence(theta, values, row) for values in (row.known, filled(row, hidden)))
            return both - known
        whitened, log_volume = self._whitened(theta, hidden, row)
        return self._whitened_law(theta).log_density(whitened) - log_volume

    def independent(self, theta: Regression, row: Row) -> Independent | None:
        """Where one feature is hidden."""
        return by_cdf(self, theta, row) if len(self.means) == 1 else None

    def elliptical(self, theta: Regression, row: Row) -> Elliptical:
        """The normal law, or the Student-t predictive; exact."""
        center, scale = self._center_and_scale(theta, row)
        units = constant(self.scales)
        law = self._whitened_law(theta)
        degrees = law.degrees_of_freedom if isinstance(law, Student) else None
        location, root = constant(self.means) + units * center, units[:, None] * scale
        return Elliptical(jnp.ones(1), location[None], root[None], degrees)

    def _whitened_law(self, theta: Regression) -> Normal | Student:
        return self.normal if theta.student is None else theta.student

    def _center_and_scale(self, theta: Regression, row: Row) -> tuple[Any, Any]:
        regressors = self.design.encode(row)
        scale = constant(theta.scale)
        if theta.leverage_scale is not None:
            scale = scale * jnp.sqrt(1.0 + ((regressors @ theta.leverage_scale) ** 2).sum())
        return regressors @ theta.coefficients, scale

    def _known(self, theta: Regression, values: Any, row: Row) -> tuple[Any, Any, Any]:
        """Standardised residuals (hidden,), 0 where values are NaN, their covariance, and whether each is known."""
        center, scale = self._center_and_scale(theta, row)
        is_known = ~jnp.isnan(values)
        standardised = (jnp.where(is_known, values, 0.0) - constant(self.means)) / constant(self.scales)
        return jnp.where(is_known, standardised - center, 0.0), scale @ scale.T, is_known

    def _log_evidence(self, theta: Regression, values: Any, row: Row) -> Any:
        """Log density of the values that are not NaN, the others integrated out."""
        residual, covariance, is_known = self._known(theta, values, row)
        widths = jnp.where(is_known, jnp.log(constant(self.scales)), 0.0).sum()
        return normal_evidence(residual, covariance, is_known)[0] - widths

    def _whitened(self, theta: Regression, hidden: Any, row: Row) -> tuple[Any, Any]:
        center, scale = self._center_and_scale(theta, row)
        residual = (hidden - constant(self.means)) / constant(self.scales) - center
        whitened = jax.scipy.linalg.solve_triangular(scale, residual, lower=True)
        return whitened, jnp.log(jnp.diag(scale)).sum() + jnp.log(constant(self.scales)).sum()

    def sample_theta(self, *, posterior: bool) -> Regression:
        """Coefficients and residual covariance: conjugate posterior, one of the fit's draws, or the prior."""
        if posterior and self.draws is not None:
            num = self.draws.coefficients.shape[0]
            index = numpyro.sample("prior.draw", dist.CategoricalProbs(jnp.full(num, 1.0 / num)))
            return jax.tree_util.tree_map(lambda leaf: constant(leaf)[index], self.draws)
        law = self.posterior if posterior else self.prior
        return self._named(*sample_conjugate(law, self.posterior, self._dims))

    def _named(self, coefficients: Any, root: Any) -> Regression:
        """Theta, and its parts as sites with named dimensions."""
        regressor, feature, again = self._dims
        rows, columns = coefficients.shape
        with numpyro.plate(feature, columns, dim=-2), numpyro.plate(again, columns, dim=-1):
            numpyro.deterministic("prior.residual_cholesky", root)
        with numpyro.plate(regressor, rows, dim=-2), numpyro.plate(feature, columns, dim=-1):
            numpyro.deterministic("prior.coefficients", coefficients)
        return Regression(coefficients, root)

    @property
    def _dims(self) -> tuple[str, str, str]:
        suffix = self.reference.suffix
        return f"regressor{suffix}", f"hidden_feature{suffix}", f"hidden_feature_bis{suffix}"

    def coordinates(self) -> dict[str, Sequence]:
        """Names of regressors and hidden features."""
        regressor, feature, again = self._dims
        return {regressor: self.design.names, feature: self.hidden_names, again: self.hidden_names}

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """The draws of NUTS, or the plugged-in point."""
        if self.draws is None:
            return {}
        coefficients, root = np.asarray(self.draws.coefficients), np.asarray(self.draws.scale)
        return {
            "prior.coefficients": (self._dims[:2], coefficients),
            "prior.residual_cholesky": (self._dims[1:], root),
        }

    def diagnostics(self) -> Diagnostics | None:
        """Those of NUTS, where it made the draws."""
        return self.chain_diagnostics

    def sample_statistics(self) -> dict[str, np.ndarray]:
        """Those of NUTS, where it made the draws."""
        return dict(self.statistics or {})

    def reference_model(self) -> Any:
        """Theta ~ p(theta), then the reference rows given theta: what the conjugate posterior solves exactly."""
        standardised = (self.reference.hidden - self.means) / self.scales

        def model() -> None:
            theta = self.sample_theta(posterior=False)
            regressors = jax.vmap(self.design.encode)(self.reference.rows)
            residuals = jnp.asarray(standardised) - regressors @ theta.coefficients
            # A normal law written out: NumPyro's solves a triangular system a row, which takes many times as long.
            whitened = residuals @ jnp.linalg.inv(theta.scale).T
            logs = dist.Normal(0.0, 1.0).log_prob(whitened).sum(-1) - jnp.log(jnp.diag(theta.scale)).sum()
            with numpyro.plate("reference_row", len(standardised)):
                numpyro.factor("reference_hidden", logs)

        return model


@description
class GaussianRegression(Prior):
    """The hidden features, jointly normal around a linear function of the observed ones (and of the label).

    `fit`: `exact` uses the Student-t posterior predictive (theta integrated out), `nuts` averages over `draws` of
    theta from NUTS on the same NumPyro fragment, `point` plugs in the posterior mean. Scales are in standard
    deviations of the standardised features.
    """

    conditions_on: Literal["observed", "observed_and_label"] = "observed"
    fit_by: Literal["exact", "nuts", "point"] = "exact"
    draws: Annotated[int, Field(ge=1)] = 1000
    coefficient_scale: Scale = 10.0
    residual_scale: Scale = 0.1
    kind: Literal["gaussian_regression"] = "gaussian_regression"

    summary = "conjugate Gaussian regression on the observed features (and the label); joint; continuous"
    fits = ("exact", "nuts", "point")
    cost = "rows x regressors^2, once"

    def fit(self, reference: Reference, key: Any) -> GaussianRegressionPrior:
        """The conjugate posterior (exact), and what `fit_by` makes of it."""
        design = fit_design(reference, with_label=self.conditions_on == "observed_and_label")
        prior = conjugate_prior(
            len(design.names), reference.hidden.shape[1], self.coefficient_scale, self.residual_scale
        )
        return fit_conjugate(reference, design, prior, fit_by=self.fit_by, draws=self.draws, key=key)

    def explain(self) -> str:
        """In words."""
        given = "the observed features" + (" and the ground-truth label" if "label" in self.conditions_on else "")
        how = {
            "exact": "conjugate posterior; its Student-t predictive integrates the parameters out exactly",
            "nuts": f"{self.draws} draws of the parameters by NUTS",
            "point": "the posterior mean plugged in, so parameter uncertainty is left out",
        }[self.fit_by]
        return f"jointly by Gaussian regression on {given} ({how})"


def fit_conjugate(
    reference: Reference, design: Design, prior: MatrixNormalInverseWishart, *, fit_by: str, draws: int, key: Any
) -> GaussianRegressionPrior:
    """The regression of the hidden features on a design, fitted in a way that `GaussianRegression` describes."""
    means, scales = reference.hidden.mean(0), reference.hidden.std(0)
    scales = np.where(scales > 0, scales, 1.0)
    regressors = encoded(design, reference.rows)
    posterior = prior.updated(regressors, (reference.hidden - means) / scales)
    names = tuple(column.name for column in reference.hidden_columns)
    parts = (design, means, scales, prior, posterior, reference, normal(len(means)))
    made = GaussianRegressionPrior(_stack(posterior.predictive()), *parts, hidden_names=names)
    if fit_by == "exact":
        return made
    if fit_by == "point":
        kept = _point(posterior)
        return GaussianRegressionPrior(kept, *parts, draws=kept, hidden_names=names)
    found = nuts(made.reference_model(), key, draws=draws)
    kept = Regression(found.samples["prior.coefficients"], found.samples["prior.residual_cholesky"])
    sampled = {"draws": kept, "statistics": found.statistics, "chain_diagnostics": found.diagnostics}
    return GaussianRegressionPrior(kept, *parts, **sampled, hidden_names=names)


def fit_by_gibbs(reference: Reference, design: Design, draws: int, key: Any) -> GaussianRegressionPrior:
    """The regression of what is resampled, NaN where missing, by kept draws of its parameters; Monte Carlo."""
    values = reference.resampled
    means, spread = np.nanmean(values, 0), np.nanstd(values, 0)
    scales = np.where(spread > 0, spread, 1.0)
    regressors = encoded(design, reference.rows)
    prior = conjugate_prior(len(design.names), len(means), 10.0, 0.1)
    seed = np.asarray(jax.random.key_data(key)).tolist()
    kept = Regression(*draw_regressions(prior, regressors, (values - means) / scales, draws, seed))
    names = tuple(column.name for column in reference.resampled_columns)
    parts = (design, means, scales, prior, prior, reference, normal(len(means)))
    return GaussianRegressionPrior(kept, *parts, draws=kept, hidden_names=names)


def _stack(theta: Regression) -> Regression:
    return jax.tree_util.tree_map(lambda leaf: np.asarray(leaf)[None], theta)


def _point(posterior: MatrixNormalInverseWishart) -> Regression:
    dims = posterior.scatter.shape[0]
    covariance = posterior.scatter / (posterior.degrees_of_freedom - dims - 1)
    return _stack(Regression(posterior.mean, np.linalg.cholesky(covariance)))
