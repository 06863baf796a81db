"""Chains of regressions on rows that miss values: these are latent, drawn with the hidden features.

With the resampled features in the order of the chain, p(r_1 | o) p(r_2 | o, r_1) ..., a row may know some of them and
not others. Those known are put in; those unknown are drawn. An unknown feature *before* a known one also depends on
that one: then whole rows are drawn in the chain's order at fixed points, weighted by how likely they make the known
features, and one of them is chosen (importance resampling). With the incomplete features first, the fewest missing
values first, that happens only in rows where a feature with few missing values is missing and one with many is not.

A fit alternates between completing the reference rows and fitting the chain to them (data augmentation: Tanner & Wong,
1987); rows are completed independently of each other given the fit.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted
from .base import FittedPrior, Reference, Row
from .blocks import ChainPrior

FIRST_ROUNDS, COMPLETIONS = 5, 5
"""Rounds of completing and fitting that are thrown away, and that are kept: the law averages over the kept ones."""

_POINTS = 64


@fitted
class IncompletePrior(FittedPrior):
    """The average over chains fitted to several completions; `theta` is all of them, stacked, as one (1, ...).

    `points (points, uniforms of a chain)` are where rows with an unknown feature before a known one are drawn.
    """

    theta: ChainPrior
    chain: ChainPrior
    points: np.ndarray

    @property
    def has_pit(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """None: which features are unknown differs from row to row."""
        return False

    @property
    def has_density(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """As the chain."""
        return self.chain.has_density

    @property
    def num_theta(self) -> int:
        """One: the completions are averaged over inside."""
        return 1

    @property
    def uniform_dims(self) -> int:
        """One for the completion and the point, then the chain's."""
        return 1 + self.chain.uniform_dims

    @property
    def row_numbers(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """All points of all completions."""
        return COMPLETIONS * _POINTS * len(self.chain.columns) + self.chain.row_numbers

    def quantile(self, theta: ChainPrior, uniforms: Any, row: Row) -> Any:
        """A completion, a point by its weight, and the chain anew after the last known feature; see the module."""
        known = self._known(row)
        candidates, logs = self._walks(theta, known, row)
        scaled = uniforms[0] * len(logs)
        which = jnp.minimum(scaled.astype(int), len(logs) - 1)
        weights = jnp.cumsum(jax.nn.softmax(logs[which]))
        point = jnp.searchsorted(weights, (scaled - which) * weights[-1], side="right")
        picked = candidates[which, jnp.minimum(point, len(self.points) - 1)]
        settled = jnp.where(jnp.isnan(known) & self._before_known(known), picked, known)
        chain = jax.tree_util.tree_map(lambda leaf: leaf[which], theta)
        return walk(chain, uniforms[1:], settled, row)[0]

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """There is none."""
        raise TypeError("a chain on rows that miss values has no pit")

    def log_density(self, theta: ChainPrior, hidden: Any, row: Row) -> Any:
        """Of what is neither known nor NaN, given what is known.

        Exact where nothing unknown precedes a known feature, else an average over the points.
        """
        known = self._known(row)
        both = jnp.where(jnp.isnan(known), hidden, known)
        ratios = _evidence(self._walks(theta, both, row)[1]) - _evidence(self._walks(theta, known, row)[1])
        return _evidence(ratios)

    def sample_theta(self, *, posterior: bool) -> ChainPrior:
        """All completions: theta is integrated out."""
        return self.theta_at(0)

    def theta_at(self, index: Any) -> ChainPrior:
        """All completions."""
        return jax.tree_util.tree_map(constant, jax.tree_util.tree_map(lambda leaf: leaf[0], self.theta))

    def _known(self, row: Row) -> Any:
        return jnp.full(len(self.chain.columns), jnp.nan) if row.known is None else jnp.asarray(row.known)

    def _walks(self, theta: ChainPrior, known: Any, row: Row) -> tuple[Any, Any]:
        """Of every completion at every point: the row (completions, points, resampled) and the log weight."""
        over_points = jax.vmap(lambda chain, point: walk(chain, point, known, row), (None, 0))
        return jax.vmap(over_points, (0, None))(theta, jnp.asarray(self.points, known.dtype))

    def _before_known(self, known: Any) -> Any:
        """Whether a feature that comes later in the chain is known, (resampled,)."""
        order = np.array([place for places in self.chain.columns for place in places])
        is_known = ~jnp.isnan(known)[order]
        later = jnp.cumsum(is_known[::-1])[::-1] - is_known
        return (later > 0)[np.argsort(order)]


def walk(chain: ChainPrior, uniforms: Any, known: Any, row: Row) -> tuple[Any, Any]:
    """Through the chain, drawing what is not known: the row (resampled,), log density of the known."""
    before, total = [], jnp.zeros(())
    theta = chain.theta_at(0)
    for (block, own, places), part in zip(chain.parts(theta), chain.uniforms_by_block(uniforms), strict=True):
        extended = row._replace(observed=jnp.concatenate([jnp.asarray(row.observed), *before]), known=None)
        drawn, given = block.quantile(own, part, extended), known[places]
        is_known = ~jnp.isnan(given)[0]
        total = total + jnp.where(is_known, block.log_density(own, jnp.where(is_known, given, drawn), extended), 0.0)
        before.append(jnp.where(is_known, given, drawn))
    return chain.in_order(before), total


def _evidence(logs: Any) -> Any:
    """Log of the mean along the last axis."""
    return jax.scipy.special.logsumexp(logs, axis=-1) - jnp.log(logs.shape[-1])


# --- fitting ----------------------------------------------------------------------------------------


def fit_incomplete(
    reference: Reference,
    hidden_order: tuple[int, ...],
    fit_chain: Callable[[Reference, tuple[int, ...], Any], Any],
    key: Any,
) -> IncompletePrior:
    """The average over chains fitted to completions of the reference rows; Monte Carlo.

    Args:
        reference: with values missing.
        hidden_order: places of the hidden features in the order of the chain.
        fit_chain: from a complete reference, whose hidden features are all that are resampled, the places in order and
            a key to a `ChainPrior` of single features.
        key: fixes the draws.
    """
    order = (*_incomplete_order(reference), *hidden_order)
    values, kept = _started(reference, key), []
    given = reference.rows._replace(known=reference.resampled)
    for number in range(FIRST_ROUNDS + COMPLETIONS):
        own = jax.random.fold_in(key, number)
        chain = _light(fit_chain(_whole(reference, values), order, jax.random.fold_in(own, 0)))
        if number >= FIRST_ROUNDS:
            kept.append(chain)
        with jax.enable_x64(True):
            single = _averaged([chain])
            uniforms = jax.random.uniform(jax.random.fold_in(own, 1), (len(values), single.uniform_dims))
            values = np.asarray(_completed()(single, uniforms, given))
    return _averaged(kept)


def _incomplete_order(reference: Reference) -> tuple[int, ...]:
    """Places of the incomplete features, the fewest missing values first."""
    assert reference.incomplete is not None
    counts = np.isnan(reference.incomplete).sum(0)
    return tuple(int(place) + reference.hidden.shape[1] for place in np.argsort(counts, kind="stable"))


def _started(reference: Reference, key: Any) -> np.ndarray:
    """Resampled features (rows, resampled), each missing value that of a row that has one."""
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())
    values = reference.resampled.copy()
    for column in values.T:
        missing = np.isnan(column)
        column[missing] = generator.choice(column[~missing], missing.sum())
    return values


def _whole(reference: Reference, values: np.ndarray) -> Reference:
    """The reference with all that is resampled as hidden features without a missing value."""
    return dataclasses.replace(
        reference,
        hidden=values,
        hidden_columns=reference.resampled_columns,
        incomplete=None,
        incomplete_columns=(),
    )


def _averaged(chains: list[ChainPrior]) -> IncompletePrior:
    from scipy.stats import qmc

    theta = jax.tree_util.tree_map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves])[None], *chains)
    points = qmc.Sobol(chains[0].uniform_dims, rng=np.random.default_rng(2309_04318)).random(_POINTS)
    return IncompletePrior(theta, chains[0], np.clip(points, 1e-9, 1 - 1e-9))


def _light(prior: Any) -> Any:
    """Without the reference rows, which only a fit needs: all else is copied for every draw."""
    if isinstance(prior, ChainPrior):
        return dataclasses.replace(prior, blocks=tuple(_light(block) for block in prior.blocks))
    parts = {field.name: getattr(prior, field.name) for field in dataclasses.fields(prior)}
    found = {name: part for name, part in parts.items() if isinstance(part, Reference)}
    inner = {name: _light(part) for name, part in parts.items() if isinstance(part, FittedPrior)}
    return dataclasses.replace(prior, **{name: part.take(slice(0)) for name, part in found.items()}, **inner)


@functools.cache
def _completed() -> Callable:
    """Every row's missing values drawn once, compiled once for all rounds."""

    def run(prior: IncompletePrior, uniforms: Any, given: Row) -> Any:
        return jax.vmap(prior.quantile, (None, 0, 0))(prior.theta_at(0), uniforms, given)

    return jax.jit(run)
