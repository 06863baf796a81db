"""What a fitted prior's methods promise each other: one law, seen as quantiles, as uniforms and as a density."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp, numpyro
from ..priors import FittedPrior, Reference, Row
from .frequencies import assert_frequencies, assert_uniform
from .parts import expect

FEW = 200
"""Rows of the checks that are exact and need no more."""


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """A fitted prior with uniforms and what it conditions on, a row each; `levels` is 0 for a continuous feature."""

    fitted: FittedPrior
    uniforms: np.ndarray
    jitter: np.ndarray
    given: Row
    levels: tuple[int, ...]

    @classmethod
    def of(cls, fitted: FittedPrior, reference: Reference, key: Any, num: int) -> Rows:
        """Rows of the reference, over and over, each with uniforms of its own."""
        generator = np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())
        places = np.arange(num) % len(reference.hidden)
        return cls(
            fitted=fitted,
            uniforms=generator.uniform(size=(num, fitted.uniform_dims)),
            jitter=generator.uniform(size=(num, len(reference.hidden_columns))),
            given=reference.row(places),
            levels=tuple(len(column.levels) for column in reference.hidden_columns),
        )

    @property
    def discrete(self) -> np.ndarray:
        """Which hidden features are discrete, (hidden,)."""
        return np.array(self.levels) > 0

    def replace(self, **arrays: Any) -> Rows:
        """The same rows with other arrays."""
        made = dataclasses.replace(self, **arrays)
        made.__dict__["compiled"] = self.compiled
        return made

    def first(self, num: int) -> Rows:
        """The first rows."""
        given = jax.tree_util.tree_map(lambda values: values[:num], self.given)
        return self.replace(uniforms=self.uniforms[:num], jitter=self.jitter[:num], given=given)

    def repeated(self, num: int) -> Rows:
        """The first row `num` times, with the uniforms and jitter of the others."""
        return self.replace(given=jax.tree_util.tree_map(lambda values: values[:1].repeat(num, 0), self.given))

    def draws(self, theta: Any) -> np.ndarray:
        """Hidden features by `quantile`, (rows, hidden)."""
        return np.asarray(self.compiled["quantile"](theta, self.uniforms, self.given))

    def pit(self, theta: Any, hidden: Any, jitter: Any) -> np.ndarray:
        """Uniforms of hidden features, (rows, hidden)."""
        return np.asarray(self.compiled["pit"](theta, hidden, self.given, jitter))

    def log_density(self, theta: Any, hidden: Any) -> np.ndarray:
        """Log densities, (rows,)."""
        return np.asarray(self.compiled["log_density"](theta, hidden, self.given))

    @functools.cached_property
    def compiled(self) -> dict[str, Callable]:
        """The methods over rows, compiled once; theta is an argument, everything else of the prior a constant."""
        taken = {"quantile": 2, "pit": 3, "log_density": 2}
        return {
            name: jax.jit(jax.vmap(functools.partial(getattr(self.fitted, name)), in_axes=(None, *[0] * number)))
            for name, number in taken.items()
        }


def check_inverse(rows: Rows, theta: Any, tolerance: float, false_alarm: float) -> None:
    """The uniform lies where `pit` says; a discrete feature's anywhere inside its jump.

    Where `quantile` takes more uniforms than there are features, `pit` makes independent uniforms of its draws.
    """
    hidden = rows.draws(theta)
    expect(np.isfinite(hidden).all(), "draws must be finite")
    for place, levels in enumerate(rows.levels):
        if levels:
            expect(set(np.unique(hidden[:, place])) <= set(range(levels)), "discrete draws must be codes of levels")
    if not rows.fitted.has_pit:
        return
    if rows.fitted.uniform_dims != len(rows.levels):
        assert_uniform(rows.pit(theta, hidden, rows.jitter), false_alarm=false_alarm)
        return
    low = rows.pit(theta, hidden, np.zeros_like(rows.jitter))
    high = rows.pit(theta, hidden, np.ones_like(rows.jitter))
    off = np.maximum(low - rows.uniforms, rows.uniforms - high).max()
    expect(off <= tolerance, f"`pit` must undo `quantile`; it is off by {off:.2g}, more than {tolerance:g}")
    again = rows.replace(uniforms=rows.pit(theta, hidden, rows.jitter)).draws(theta)
    np.testing.assert_array_equal(again[:, rows.discrete], hidden[:, rows.discrete], "the same codes come back")


def check_density(rows: Rows, theta: Any) -> None:
    """`log_density` is the log slope of `pit` in the hidden features, and in the jitter of the discrete ones.

    Without `pit`, and where all is continuous, it is minus the log slope of `quantile`, by central differences.
    """
    if not rows.fitted.has_density:
        return
    few = rows.first(FEW)
    hidden = few.draws(theta)
    density = few.log_density(theta, hidden)
    expect(density.shape == (len(hidden),), f"`log_density` must be one number a row; got {density.shape[1:]}")
    if rows.fitted.has_pit:
        moved = np.where(rows.discrete, few.jitter, hidden)
        slopes = jax.jit(jax.vmap(_pit_slopes(rows, theta)))(moved, hidden, few.given)
        np.testing.assert_allclose(np.linalg.slogdet(slopes)[1], density, rtol=1e-6, atol=1e-6)
    elif not rows.discrete.any() and rows.fitted.uniform_dims == len(rows.levels):
        inner = few.replace(uniforms=0.05 + 0.9 * few.uniforms)
        density = inner.log_density(theta, inner.draws(theta))
        np.testing.assert_allclose(-np.linalg.slogdet(_quantile_slopes(inner, theta))[1], density, rtol=1e-2, atol=1e-2)


def _pit_slopes(rows: Rows, theta: Any) -> Callable:
    discrete = rows.discrete

    def pit(moved: Any, hidden: Any, row: Row) -> Any:
        jitter = jnp.where(discrete, moved, 0.5)
        return rows.fitted.pit(theta, jnp.where(discrete, hidden, moved), row, jitter)

    return jax.jacfwd(pit)


def _quantile_slopes(rows: Rows, theta: Any, step: float = 1e-4) -> np.ndarray:
    columns = []
    for place in range(rows.uniforms.shape[1]):
        shift = step * (np.arange(rows.uniforms.shape[1]) == place)
        ahead = rows.replace(uniforms=rows.uniforms + shift).draws(theta)
        behind = rows.replace(uniforms=rows.uniforms - shift).draws(theta)
        columns.append((ahead - behind) / (2 * step))
    return np.stack(columns, -1)


def check_levels(rows: Rows, theta: Any, false_alarm: float) -> None:
    """Where every hidden feature is discrete: probabilities add up to 1, and draws follow them."""
    if not rows.fitted.has_density or not rows.discrete.all() or np.prod(rows.levels) > 1000:
        return
    every = np.array(list(itertools.product(*map(range, rows.levels))), dtype=np.float64)
    probabilities = np.exp(rows.repeated(len(every)).log_density(theta, every))
    np.testing.assert_allclose(probabilities.sum(), 1.0, atol=1e-6, err_msg="probabilities of all levels")
    drawn = rows.repeated(len(rows.uniforms)).draws(theta)
    codes = np.ravel_multi_index(tuple(drawn.astype(int).T), rows.levels)
    assert_frequencies(np.bincount(codes, minlength=len(every)), probabilities, false_alarm=false_alarm)


def check_total_probability(rows: Rows, key: Any, false_alarm: float) -> None:
    """Theta from the posterior, then a row given theta: its predictive uniforms are uniform.

    With one theta all coordinates are checked; an average over several has a closed `pit` for the first one only.
    """
    fitted = rows.fitted
    if not fitted.has_pit:
        return
    few = rows if fitted.num_theta == 1 else rows.first(max(1, len(rows.uniforms) // 5))
    keys = jax.random.split(key, len(few.uniforms))
    hidden = jax.jit(jax.vmap(_ancestral(fitted)))(keys, few.uniforms, few.given)
    if fitted.num_theta == 1:
        assert_uniform(few.pit(fitted.theta_at(0), hidden, few.jitter), false_alarm=false_alarm)
        return
    total = np.zeros(len(few.uniforms))
    for index in range(fitted.num_theta):
        total += few.pit(fitted.theta_at(index), hidden, few.jitter)[:, 0]
    assert_uniform(total / fitted.num_theta, false_alarm=false_alarm)


def _ancestral(fitted: FittedPrior) -> Callable:
    def draw(key: Any, uniforms: Any, row: Row) -> Any:
        theta = numpyro.handlers.seed(lambda: fitted.sample_theta(posterior=True), key)()
        return fitted.quantile(theta, uniforms, row)

    return draw
