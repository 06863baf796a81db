"""Standard normal and Student-t vectors, by quantiles one coordinate after another.

With e ~ t(nu, 0, I), the coordinate e_j given those before it is t with nu + j degrees of freedom (j of them come
before it) and squared scale (nu + the sum of their squares) / (nu + j). JAX lacks the Student-t quantile and is slow
at the normal one, so both are tables, fitted in float64 to SciPy's quantiles when a prior is fitted.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static

_MANY = 100
_LOWEST = 33  # the uniforms are multiples of 2^-33
_CELLS_PER_OCTAVE = 128
_CELLS_PER_KNOT = 4
_CELLS = (_LOWEST - 1) * _CELLS_PER_OCTAVE + 1  # the last one is the median alone


@fitted
class QuantileTable:
    """Quantile functions of symmetric laws: `cubics (4, laws * cells)` over cells of the lower tail.

    Each halving of the tail probability has 128 cells, found from the bits of the number: the error is below 1e-9
    of the value, as far out as the uniforms go.
    """

    cubics: Any
    laws: int = static()

    def __call__(self, uniforms: Any) -> Any:
        """Uniforms (laws,) to quantiles (laws,)."""
        uniforms = jnp.asarray(uniforms)
        tail = jnp.minimum(uniforms, 1.0 - uniforms)
        cell, position = _cell(tail)
        cell = cell + jnp.arange(self.laws, dtype=cell.dtype) * _CELLS
        level, first, second, third = (row.at[cell].get(mode="promise_in_bounds") for row in constant(self.cubics))
        below = level + position * (first + position * (second + position * third))
        return jnp.where(uniforms < 0.5, below, -below)


def _cell(tail: Any) -> tuple[Any, Any]:
    """The cell of a tail probability and the position inside it, read from the exponent and the mantissa."""
    mantissa, bias, integer = (52, 1023, jnp.int64) if tail.dtype == jnp.float64 else (23, 127, jnp.int32)
    rest = mantissa - 7
    bits = jax.lax.bitcast_convert_type(tail, integer)
    cell = (bits >> rest) - ((bias - _LOWEST) << 7)
    position = (bits & ((1 << rest) - 1)).astype(tail.dtype) * 2.0**-rest
    return jnp.clip(cell, 0, _CELLS - 1).astype(jnp.int32), position


class _Law(NamedTuple):
    """A symmetric law: quantiles of tail probabilities, and of values the log density and its slope."""

    quantile: Callable[[np.ndarray], np.ndarray]
    log_density: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


def _table(laws: Sequence[_Law]) -> QuantileTable:
    octave, step = np.divmod(np.arange(_CELLS), _CELLS_PER_OCTAVE)
    tail = 2.0 ** (octave - _LOWEST) * (1 + step / _CELLS_PER_OCTAVE)
    width = np.diff(tail)
    parts = []
    for law in laws:
        values = _quantiles(law, tail)
        slopes = np.exp(-law.log_density(values))
        rise, start, end = np.diff(values), slopes[:-1] * width, slopes[1:] * width
        inner = np.stack([values[:-1], start, 3 * rise - 2 * start - end, start + end - 2 * rise])
        parts.append(np.pad(inner, [(0, 0), (0, 1)]))
    return QuantileTable(np.concatenate(parts, axis=1), len(laws))


def _quantiles(law: _Law, tail: np.ndarray) -> np.ndarray:
    """At sorted tail probabilities; at three of four by quintics that meet the law's own and their two derivatives.

    SciPy's Student-t quantile takes most of the time of a fit. The error is below 2e-10 of the value.
    """
    knots = tail[::_CELLS_PER_KNOT]
    values = law.quantile(knots)
    slopes = np.exp(-law.log_density(values))
    bends = -law.slope(values) * slopes**2
    width = np.diff(knots)
    below, first, second = values[:-1], slopes[:-1] * width, bends[:-1] * width**2
    rise = values[1:] - below - first - second / 2
    steeper, rounder = slopes[1:] * width - first - second, bends[1:] * width**2 - second
    third = 10 * rise - 4 * steeper + rounder / 2
    fourth, fifth = -15 * rise + 7 * steeper - rounder, 6 * rise - 3 * steeper + rounder / 2
    at = np.arange(_CELLS_PER_KNOT)[:, None] / _CELLS_PER_KNOT
    found = below + at * (first + at * (second / 2 + at * (third + at * (fourth + at * fifth))))
    return np.append(found.T.ravel(), values[-1])


def rotated(root: Any, whitened: Any) -> Any:
    """`root (coordinates, coordinates)` times `whitened (coordinates,)`, column after column.

    A compiled program takes many draws at once in each of these steps; in a sum along the last axis it takes one, and
    three times as long. A matrix product is as quick, but how it rounds may depend on the number of rows.
    """
    return functools.reduce(operator.add, (root[:, place] * whitened[place] for place in range(len(whitened))))


@fitted
class Normal:
    """N(0, I) in `dims` coordinates."""

    table: QuantileTable
    dims: int = static()

    def quantile(self, uniforms: Any) -> Any:
        """Uniforms (coordinates,) to a draw."""
        return jax.vmap(lambda uniform: self.table(uniform[None])[0])(uniforms)

    def uniforms(self, draw: Any) -> Any:
        """The inverse; exact."""
        return jax.scipy.special.ndtr(draw)

    def last_uniforms(self, before: Any, values: Any) -> Any:
        """Those of the last coordinate at values (points,), given the coordinates before it; exact."""
        return jax.scipy.special.ndtr(values)

    def log_density(self, draw: Any) -> Any:
        """Exact."""
        return -0.5 * (draw**2).sum() - 0.5 * self.dims * np.log(2 * np.pi)


@fitted
class Student:
    """t(nu, 0, I) in `dims` coordinates."""

    table: QuantileTable
    degrees_of_freedom: Any
    dims: int = static()

    def quantile(self, uniforms: Any) -> Any:
        """Uniforms (coordinates,) to a draw e of scores t.

        With Q_j = nu + e_0^2 + ... + e_(j-1)^2, Q_(j+1) = Q_j (1 + t_j^2 / (nu + j)).
        """
        scores = self.table(uniforms)
        order = self.degrees_of_freedom + jnp.arange(self.dims)
        growth = 1.0 + scores**2 / order
        squares = self.degrees_of_freedom * jnp.cumprod(growth) / growth
        return scores * jnp.sqrt(squares / order)

    def uniforms(self, draw: Any) -> Any:
        """The inverse; exact."""
        order = self.degrees_of_freedom + jnp.arange(self.dims)
        squares = self.degrees_of_freedom + jnp.cumsum(draw**2) - draw**2
        return _student_cdf(draw * jnp.sqrt(order / squares), order)

    def last_uniforms(self, before: Any, values: Any) -> Any:
        """Those of the last coordinate at values (points,), given the coordinates before it; exact."""
        order = self.degrees_of_freedom + self.dims - 1.0
        scores = values * jnp.sqrt(order / (self.degrees_of_freedom + (before**2).sum()))
        return jax.lax.cond(order > _MANY, _nearly_normal_cdf, _student_cdf, scores, jnp.asarray(order, scores.dtype))

    def log_density(self, draw: Any) -> Any:
        """Exact."""
        nu, dims = self.degrees_of_freedom, self.dims
        constant = jax.scipy.special.gammaln((nu + dims) / 2) - jax.scipy.special.gammaln(nu / 2)
        constant = constant - 0.5 * dims * jnp.log(nu * jnp.pi)
        return constant - 0.5 * (nu + dims) * jnp.log1p((draw**2).sum() / nu)


def _student_cdf(value: Any, degrees_of_freedom: Any) -> Any:
    share = degrees_of_freedom / (degrees_of_freedom + value**2)
    tail = 0.5 * jax.scipy.special.betainc(0.5 * degrees_of_freedom, jnp.full_like(share, 0.5), share)
    return jnp.where(value > 0, 1.0 - tail, tail)


def _nearly_normal_cdf(value: Any, degrees_of_freedom: Any) -> Any:
    """The Student-t cdf by a normal one at nearby values (Hill, 1970); within 1e-15 from 100 degrees of freedom on.

    It takes a tenth of the time of the incomplete beta function.
    """
    value = jnp.clip(value, -1e100, 1e100)
    shifted = degrees_of_freedom - 0.5
    large = 48.0 * shifted**2
    square = shifted * jnp.log1p(value**2 / degrees_of_freedom)
    fourth = (((-0.4 * square - 3.3) * square - 24.0) * square - 85.5) / (0.8 * square**2 + 100.0 + large)
    return jax.scipy.special.ndtr(jnp.sign(value) * jnp.sqrt(square) * (1.0 + (square + 3.0 + fourth) / large))


def normal(dims: int) -> Normal:
    """The standard normal with its table."""
    from scipy import special

    law = _Law(special.ndtri, lambda values: -0.5 * (values**2 + np.log(2 * np.pi)), np.negative)
    return Normal(_table([law]), dims)


def student(degrees_of_freedom: float, dims: int) -> Student:
    """The multivariate t with its tables."""
    laws = [_student_law(degrees_of_freedom + index) for index in range(dims)]
    return Student(_table(laws), np.float64(degrees_of_freedom), dims)


def _student_law(degrees: float) -> _Law:
    from scipy import special

    half = 0.5 * (degrees + 1)
    peak = -special.betaln(0.5, 0.5 * degrees) - 0.5 * np.log(degrees)
    return _Law(
        functools.partial(special.stdtrit, degrees),
        lambda values: peak - half * np.log1p(values**2 / degrees),
        lambda values: -(degrees + 1) * values / (degrees + values**2),
    )
