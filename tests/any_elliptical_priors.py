"""Normal and Student-t priors of any numbers beside their laws in NumPy and SciPy, for Hypothesis."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from any_functions import integers
from any_priors import KEY, ROWS, Drawn, RowLaw, alike
from hypothesis import strategies as st
from scipy import special, stats

from synlabel_prob import priors as p
from synlabel_prob.descriptions import fitted
from synlabel_prob.errors import InputError
from synlabel_prob.priors.matrix_normal import Regression
from synlabel_prob.priors.whitened import normal, student


def elliptical(weights: np.ndarray, locations: np.ndarray, roots: np.ndarray, nu: float | None) -> RowLaw:
    """With the cdf of the only feature, where there is one."""

    def cdf(_: int, values: np.ndarray) -> np.ndarray:
        standard = (values - locations[:, 0, None]) / roots[:, 0, 0, None]
        return special.ndtr(standard) if nu is None else stats.t(nu).cdf(standard)

    return RowLaw(weights, cdf, (locations, roots, nu))


def regressors(given: p.Reference) -> np.ndarray:
    """The constant and the standardised observed features, (rows, regressors)."""
    spread = given.observed.std(0)
    scaled = (given.observed - given.observed.mean(0)) / np.where(spread > 0, spread, 1.0)
    return np.column_stack([np.ones(ROWS), scaled])


def conjugate(given: p.Reference, known: np.ndarray, residual_scale: float, *, exact: bool) -> list[RowLaw]:
    """The law of each row, by least squares with a row more for each coefficient, which stands for its prior."""
    dims, means, units = given.hidden.shape[1], given.hidden.mean(0), given.hidden.std(0)
    rows = np.concatenate([known, np.eye(known.shape[1]) / 10.0])
    aims = np.concatenate([(given.hidden - means) / units, np.zeros((known.shape[1], dims))])
    coefficients = np.linalg.lstsq(rows, aims)[0]
    scatter = residual_scale**2 * np.eye(dims) + (aims - rows @ coefficients).T @ (aims - rows @ coefficients)
    leverages = (np.linalg.qr(rows)[0][:ROWS] ** 2).sum(1)  # x' (X' X + 1 / c^2)^-1 x
    freedom, laws = dims + 2 + ROWS, []
    for row, leverage in zip(known, leverages, strict=True):
        nu = freedom - dims + 1.0 if exact else None
        covariance = scatter / nu * (1 + leverage) if nu else scatter / (freedom - dims - 1)
        root = units[:, None] * np.linalg.cholesky(covariance)
        laws.append(elliptical(np.ones(1), (means + units * (row @ coefficients))[None], root[None], nu))
    return laws


@st.composite
def regression(draw, given: p.Reference, *, exact: bool = True) -> Drawn:
    """Given the observed features, which may leave next to nothing open."""
    scale = draw(st.sampled_from([1e-3, 0.1, 2.0]))
    made = p.GaussianRegression(fit_by="exact" if exact else "point", residual_scale=scale)
    return made.fit(given, KEY), conjugate(given, regressors(given), scale, exact=exact)


@st.composite
def gaussian(draw, given: p.Reference) -> Drawn:
    """Student-t, given nothing."""
    scale = draw(st.sampled_from([1e-3, 0.1, 2.0]))
    return p.Gaussian(residual_scale=scale).fit(given, KEY), conjugate(given, np.ones((ROWS, 1)), scale, exact=True)


def gaussian_each(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """The same, features independent of each other."""
    own = [
        conjugate(dataclasses.replace(given, hidden=given.hidden[:, [place]]), np.ones((ROWS, 1)), 0.1, exact=True)
        for place in range(given.hidden.shape[1])
    ]

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        found = own[place][0].cdf
        assert found is not None
        return found(0, values)

    return st.just((p.Gaussian(joint=False).fit(given, KEY), alike(RowLaw(np.ones(1), cdf))))


def joint_kernels(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """A normal kernel around each row."""
    hidden, dims = given.hidden, given.hidden.shape[1]
    covariance = np.atleast_2d(np.cov(hidden.T))
    covariance = covariance + 1e-9 * np.diag(np.diag(covariance))
    root = ROWS ** (-1 / (dims + 4)) * np.linalg.cholesky(covariance)
    law = elliptical(np.full(ROWS, 1 / ROWS), hidden, np.tile(root, (ROWS, 1, 1)), None)
    return st.just((p.JointKernelDensity().fit(given, KEY), alike(law)))


@st.composite
def several_thetas(draw, given: p.Reference, number: int = 3) -> Drawn:
    """A regression with kept draws of its parameters."""
    dims, known = given.hidden.shape[1], regressors(given)
    coefficients = draw(integers((number, known.shape[1], dims), -8, 8)) / 8
    below, diagonal = draw(integers((number, dims, dims), -8, 8)) / 8, draw(integers((number, dims), 1, 16)) / 16
    scale = np.tril(below, -1) + diagonal[:, :, None] * np.eye(dims)
    made = p.GaussianRegression(fit_by="point").fit(given, KEY)
    means, units = given.hidden.mean(0), given.hidden.std(0)
    weights = np.full(number, 1 / number)
    laws = [elliptical(weights, means + units * (row @ coefficients), units[:, None] * scale, None) for row in known]
    return dataclasses.replace(made, theta=Regression(coefficients, scale)), laws


def whitened_law(dims: int, nu: float | None) -> Any:
    return normal(dims) if nu is None else student(nu, dims)


@fitted
class StatedPrior(p.FittedPrior):
    """An elliptical law that is given, the same for all rows."""

    theta: Any
    weights: np.ndarray
    locations: np.ndarray
    roots: np.ndarray
    degrees_of_freedom: Any
    whitened: Any
    has_pit = False
    has_density = False

    @property
    def uniform_dims(self) -> int:
        return self.locations.shape[1] + 1

    def quantile(self, theta: Any, uniforms: Any, row: p.Row) -> Any:
        component = jnp.searchsorted(jnp.cumsum(self.weights)[:-1], uniforms[-1])
        root = jnp.asarray(self.roots)[component]
        return jnp.asarray(self.locations)[component] + root @ self.whitened.quantile(uniforms[:-1])

    def pit(self, theta: Any, hidden: Any, row: p.Row, jitter: Any) -> Any:
        raise InputError("a stated law, which may be singular, has no `pit`.")

    def log_density(self, theta: Any, hidden: Any, row: p.Row) -> Any:
        raise InputError("a stated law, which may be singular, has no density.")

    def sample_theta(self, *, posterior: bool) -> Any:
        return ()

    def elliptical(self, theta: Any, row: p.Row) -> p.Elliptical:
        parts = (jnp.asarray(it) for it in (self.weights, self.locations, self.roots))
        return p.Elliptical(*parts, self.degrees_of_freedom)


@st.composite
def stated(draw, given: p.Reference, *, student: bool = False) -> Drawn:
    """Roots of whole numbers, many of them singular: features that are certain, or certain given each other."""
    dims = given.hidden.shape[1]
    first = draw(st.integers(1, 8)) / 8
    weights = np.array([first, 1 - first])
    locations, roots = draw(integers((2, dims), -8, 8)) / 4, draw(integers((2, dims, dims), -2, 2)) / 2
    nu = float(draw(st.integers(1, 9))) if student else None
    made = StatedPrior((), weights, locations, roots, None if nu is None else np.float64(nu), whitened_law(dims, nu))
    return made, alike(RowLaw(weights, elliptical=(locations, roots, nu)))
