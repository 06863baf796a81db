"""Blocked Gibbs sampling of a truncated stick-breaking mixture (Ishwaran & James, 2001), compiled by JAX.

    sticks_k ~ Beta(1, a),  weights_k = sticks_k prod_{l<k} (1 - sticks_l)
    S_k ~ InverseWishart(c + 2, r^2 I),  m_k | S_k ~ N(0, S_k / r^2)      of c standardised numbers
    q_kj ~ Dirichlet(1/2)                                                of each discrete column
    z_i ~ weights,  numbers_i | z_i ~ N(m_z, S_z),  levels_ij | z_i ~ q_zj

Every conditional is conjugate. Here r^2 = E[S] is the expected variance inside a component; with k_0 = r^2 the means of
components spread like the data.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp

LEVEL_CONCENTRATION = 0.5


class MixtureParameters(NamedTuple):
    """One draw, or several along the first axis.

    Attributes:
        weights: (components,).
        locations: (components, numbers).
        precision_roots: (components, numbers, numbers), lower P with P P' the inverse covariance.
        probabilities: (components, levels) for each discrete column.
    """

    weights: Any
    locations: Any
    precision_roots: Any
    probabilities: tuple


class Setting(NamedTuple):
    """The hyperparameters: hashable, so that equal settings share a compiled program."""

    components: int
    concentration: float
    variance: float
    level_counts: tuple[int, ...]


class Missing(NamedTuple):
    """Where values are missing.

    Attributes:
        rows: (incomplete rows,) their places.
        numbers: (incomplete rows, numbers) whether each is missing.
        codes: (rows, discrete) whether each is missing, of all rows.
    """

    rows: np.ndarray
    numbers: np.ndarray
    codes: np.ndarray


def missing_entries(numbers: np.ndarray, codes: np.ndarray) -> Missing | None:
    """The NaN of both arrays; None where there is none."""
    of_numbers, of_codes = np.isnan(numbers), np.isnan(codes)
    if not of_numbers.any() and not of_codes.any():
        return None
    rows = np.flatnonzero(of_numbers.any(1))
    return Missing(rows, of_numbers[rows], of_codes)


@functools.lru_cache(maxsize=32)
def sampler(setting: Setting, warmup: int, kept: int, thin: int) -> Callable:
    """`run(key, numbers (rows, numbers), codes (rows, discrete), start (rows,), missing)` to (draws, log likelihoods).

    Draws have `kept` along the first axis; log likelihoods (sweeps,) are of the rows, completed, given each sweep's
    parameters. Missing values are drawn in every sweep given the component; what stands in their place at first is
    where they start.
    """

    # One loop over all sweeps, because a sweep takes seconds to compile and milliseconds to run.
    def run(key: Any, numbers: Any, codes: Any, start: Any, missing: Missing | None = None) -> tuple:
        def sweep(carry: tuple[Any, Any], own: tuple[Any, Any]) -> tuple[tuple[Any, Any], Any]:
            ((belongs, numbers, codes), draws), (first, second, third) = carry, jax.random.split(own[0], 3)
            parameters = draw_parameters(first, setting, numbers, codes, belongs)
            draws = jax.tree_util.tree_map(lambda leaf, new: leaf.at[own[1]].set(new), draws, parameters)
            logs = log_joint(parameters, numbers, codes)
            belongs = jax.random.categorical(second, logs)
            if missing is not None:
                numbers, codes = draw_missing(third, parameters, belongs, numbers, codes, missing)
            return ((belongs, numbers, codes), draws), jax.scipy.special.logsumexp(logs, axis=1).sum()

        sweeps = warmup + kept * thin
        places = jnp.maximum(jnp.arange(sweeps) - warmup, 0) // thin  # the last sweep of a place stays
        shapes = jax.eval_shape(lambda: draw_parameters(key, setting, numbers, codes, start))
        draws = jax.tree_util.tree_map(lambda leaf: jnp.zeros((kept, *leaf.shape), leaf.dtype), shapes)
        begin = ((start, numbers, codes), draws)
        (_, draws), likelihoods = jax.lax.scan(sweep, begin, (jax.random.split(key, sweeps), places))
        return draws, likelihoods[warmup:]

    return jax.jit(run)


def draw_missing(
    key: Any, parameters: MixtureParameters, belongs: Any, numbers: Any, codes: Any, missing: Missing
) -> tuple[Any, Any]:
    """Numbers and codes, the missing ones drawn anew given each row's component and its other numbers."""
    keys = jax.random.split(key)
    if len(missing.rows):
        component = belongs[missing.rows]
        roots, centers = parameters.precision_roots[component], parameters.locations[component]
        own = numbers[missing.rows]
        precision = roots @ jnp.swapaxes(roots, -1, -2)
        both = missing.numbers[:, :, None] & missing.numbers[:, None, :]
        root = jnp.linalg.cholesky(jnp.where(both, precision, jnp.eye(own.shape[1])))
        pulled = jnp.einsum("rij,rj->ri", precision, jnp.where(missing.numbers, 0.0, own - centers))
        pulled = jnp.where(missing.numbers, pulled, 0.0)
        mean = -jax.scipy.linalg.cho_solve((root, True), pulled[..., None])[..., 0]
        standard = jax.random.normal(keys[0], own.shape)[..., None]
        shift = jax.scipy.linalg.solve_triangular(jnp.swapaxes(root, 1, 2), standard, lower=False)[..., 0]
        drawn = jnp.where(missing.numbers, centers + mean + shift, own)
        numbers = numbers.at[missing.rows].set(drawn)
    columns = [codes[:, column] for column in range(codes.shape[1])]
    for column, table in enumerate(parameters.probabilities):
        drawn = jax.random.categorical(jax.random.fold_in(keys[1], column), jnp.log(table)[belongs])
        columns[column] = jnp.where(missing.codes[:, column], drawn, columns[column])
    return numbers, jnp.stack(columns, 1) if columns else codes


def draw_parameters(key: Any, setting: Setting, numbers: Any, codes: Any, state: Any) -> MixtureParameters:
    """All parameters given the component of every row; from their prior where there are no rows."""
    belongs = jax.nn.one_hot(state, setting.components, dtype=numbers.dtype)
    size, counts, keys = numbers.shape[1], belongs.sum(0), jax.random.split(key, 2)
    after = jnp.cumsum(counts[::-1])[::-1] - counts
    freedom = size + 2.0 + counts[:, None] - jnp.arange(size)
    levels = [
        LEVEL_CONCENTRATION + belongs.T @ jax.nn.one_hot(codes[:, column], number, dtype=numbers.dtype)
        for column, number in enumerate(setting.level_counts)
    ]
    # Beta, chi-squared and Dirichlet variables out of one call for gamma ones, which is what takes long to compile.
    shapes = jnp.concatenate(
        [1.0 + counts[:, None], setting.concentration + after[:, None], 0.5 * freedom, *levels], axis=1
    )
    logs = jax.random.loggamma(keys[0], shapes)
    taken, left, normals, *levels = jnp.split(logs, np.cumsum([1, 1, size, *setting.level_counts])[:-1], axis=1)
    locations, roots = _normals(keys[1], setting, numbers, belongs, jnp.sqrt(2.0 * jnp.exp(normals)))
    probabilities = tuple(jax.nn.softmax(own, axis=1) for own in levels)
    return MixtureParameters(_weights(taken[:, 0], left[:, 0]), locations, roots, probabilities)


def _weights(taken: Any, left: Any) -> Any:
    """Of sticks ~ Beta, from the logarithms of their two gamma variables; the last stick is all that is left."""
    sticks = jax.nn.sigmoid(taken - left).at[-1].set(1.0)
    return sticks * jnp.concatenate([jnp.ones(1, sticks.dtype), jnp.cumprod(jax.nn.sigmoid(left - taken)[:-1])])


def _normals(key: Any, setting: Setting, numbers: Any, belongs: Any, diagonal: Any) -> tuple[Any, Any]:
    """Locations and precision roots from their normal-inverse-Wishart posteriors (Bartlett's decomposition)."""
    size, counts = numbers.shape[1], belongs.sum(0)
    sums, squares = belongs.T @ numbers, jnp.einsum("nk,ni,nj->kij", belongs, numbers, numbers)
    strength = setting.variance + counts
    center = sums / strength[:, None]
    scatter = setting.variance * jnp.eye(size) + squares
    scatter = scatter - strength[:, None, None] * center[:, :, None] * center[:, None, :]
    root = jnp.linalg.cholesky(jnp.linalg.inv(0.5 * (scatter + jnp.swapaxes(scatter, 1, 2))))
    keys = jax.random.split(key, 2)
    below = jnp.tril(jax.random.normal(keys[0], squares.shape), -1)
    roots = root @ (below + jnp.eye(size) * diagonal[:, None, :])
    standard = jax.random.normal(keys[1], center.shape)[..., None]
    shift = jax.scipy.linalg.solve_triangular(jnp.swapaxes(roots, 1, 2), standard, lower=False)[..., 0]
    return center + shift / jnp.sqrt(strength)[:, None], roots


def log_joint(parameters: MixtureParameters, numbers: Any, codes: Any) -> Any:
    """Log p(row, component), (rows, components)."""
    roots = parameters.precision_roots
    residual = numbers[:, None, :] - parameters.locations
    whitened = jnp.einsum("nki,kij->nkj", residual, roots)
    volume = jnp.log(jnp.diagonal(roots, axis1=1, axis2=2)).sum(1) - 0.5 * numbers.shape[1] * jnp.log(2 * jnp.pi)
    logs = jnp.log(parameters.weights) + volume - 0.5 * (whitened**2).sum(-1)
    for column, table in enumerate(parameters.probabilities):
        logs = logs + jnp.log(table).T[codes[:, column]]
    return logs
