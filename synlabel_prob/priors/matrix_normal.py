"""The matrix-normal inverse-Wishart law: of the coefficients and the residual covariance of a normal regression.

Equations and source in `gaussian_regression`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import constant, fitted
from .whitened import Student, student


@fitted
class Regression:
    """One theta: `coefficients (regressors, hidden)` and `scale (hidden, hidden)`, a Cholesky factor.

    A posterior predictive also has the row's leverage, ||leverage_scale' x||^2, and the Student-t; given theta both
    are None and the law is normal.
    """

    coefficients: Any
    scale: Any
    leverage_scale: Any = None
    student: Student | None = None


@fitted
class MatrixNormalInverseWishart:
    """B | S ~ MatrixNormal(mean, precision^-1, S), S ~ InverseWishart(degrees_of_freedom, scatter)."""

    mean: np.ndarray
    precision: np.ndarray
    degrees_of_freedom: float
    scatter: np.ndarray

    def predictive(self) -> Regression:
        """The Student-t predictive; exact."""
        dims = self.scatter.shape[0]
        nu = self.degrees_of_freedom - dims + 1
        inverse_root = np.linalg.inv(np.linalg.cholesky(self.precision)).T
        return Regression(self.mean, np.linalg.cholesky(self.scatter / nu), inverse_root, student(nu, dims))

    def updated(self, regressors: np.ndarray, hidden: np.ndarray) -> MatrixNormalInverseWishart:
        """The posterior after rows of regressors (rows, regressors) and hidden (rows, hidden); exact."""
        precision = self.precision + regressors.T @ regressors
        mean = np.linalg.solve(precision, self.precision @ self.mean + regressors.T @ hidden)
        residual, shift = hidden - regressors @ mean, mean - self.mean
        scatter = self.scatter + residual.T @ residual + shift.T @ self.precision @ shift
        return MatrixNormalInverseWishart(mean, precision, self.degrees_of_freedom + len(hidden), scatter)


def conjugate_prior(
    regressors: int, dims: int, coefficient_scale: float, residual_scale: float
) -> MatrixNormalInverseWishart:
    """The matrix-normal inverse-Wishart prior of `gaussian_regression`."""
    return MatrixNormalInverseWishart(
        mean=np.zeros((regressors, dims)),
        precision=np.eye(regressors) / coefficient_scale**2,
        degrees_of_freedom=float(dims + 2),
        scatter=np.eye(dims) * residual_scale**2,
    )


def sample_conjugate(
    law: MatrixNormalInverseWishart, posterior: MatrixNormalInverseWishart, dims: tuple[str, str, str]
) -> tuple[Any, Any]:
    """Coefficients and Cholesky factor of the covariance from `law`, in coordinates made for `posterior`.

    With L L' the posterior's S and R R' its precision, W = R' B L^-T and the Cholesky factor of L^-1 S L^-T are
    coordinates in which the posterior is close to a sphere. `dims`: names of the regressors' dimension and of the
    features' two.
    """
    regressor, feature, again = dims
    outer = jnp.linalg.cholesky(constant(posterior.scatter) / posterior.degrees_of_freedom)
    rotation, inverse = np.linalg.cholesky(posterior.precision), jnp.linalg.inv(outer)
    scatter = jnp.asarray(_around(inverse, law.scatter))
    whitened = numpyro.sample(
        "prior.whitened_cholesky",
        # Checks of factors that were made here compile a program each, also inside a trace, where they see no values.
        dist.InverseWishartCholesky(law.degrees_of_freedom, scale_matrix=scatter, validate_args=False),
        infer={"event_dims": [feature, again]},
    )
    row_scale = np.linalg.cholesky(
        rotation.T @ np.linalg.solve(law.precision, rotation) + 1e-12 * np.eye(len(rotation))
    )
    rotated = numpyro.sample(
        "prior.rotated_coefficients",
        dist.MatrixNormal(jnp.asarray(rotation.T @ law.mean @ inverse.T), row_scale, whitened, validate_args=False),
        infer={"event_dims": [regressor, feature]},
    )
    unrotated = jax.scipy.linalg.solve_triangular(jnp.asarray(rotation).T, rotated, lower=False)
    return unrotated @ outer.T, outer @ whitened


def _around(outer: Any, middle: Any) -> Any:
    """The product outer middle outer', symmetric to the last digit."""
    product = outer @ middle @ outer.T
    return 0.5 * (product + product.T)
