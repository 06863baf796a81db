"""Finite mixtures over features of several kinds: what kernels, joint mixtures and density networks come down to."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import fitted, static
from ..table import Column
from .base import FittedPrior, Row, filled
from .conditioning import normal_evidence, normal_given
from .facts import Elliptical, Independent
from .whitened import Normal


@fitted
class MixtureLaw:
    """The hidden features of one row: a component, and given it normal numbers and independent levels.

    `log_weights (components,)`, normalised. `locations (components, numbers)` and `scales (components or 1, numbers,
    numbers)`, Cholesky factors in the order of the numbers. `probabilities` holds an array (components, levels) for
    each discrete feature. `numbers` and `levels` are the places of the two kinds among the hidden features.
    """

    log_weights: Any
    locations: Any
    scales: Any
    probabilities: tuple
    normal: Normal
    numbers: tuple[int, ...] = static()
    levels: tuple[int, ...] = static()

    @property
    def dims(self) -> int:
        """Hidden features."""
        return len(self.numbers) + len(self.levels)

    def quantile(self, uniforms: Any) -> Any:
        """Uniforms (1 + hidden,): the first picks the component, the others the features; exact."""
        component = pick(jnp.exp(self.log_weights), uniforms[0])
        own = uniforms[1:]
        parts = []
        if self.numbers:
            whitened = self.normal.quantile(own[np.array(self.numbers)])
            parts.append(self.locations[component] + _at(self.scales, component) @ whitened)
        for place, table in zip(self.levels, self.probabilities, strict=True):
            parts.append(pick(_at(table, component), own[place])[None].astype(own.dtype))
        return jnp.concatenate(parts)[np.argsort(np.array(self.numbers + self.levels))]

    def log_density(self, hidden: Any) -> Any:
        """Exact."""
        _, logs = self._coordinates(hidden, jnp.zeros(self.dims))
        return jax.scipy.special.logsumexp(self.log_weights + logs.sum(1))

    def pit(self, hidden: Any, jitter: Any) -> Any:
        """Each feature's cdf given those before it, (hidden,): uniform under this law; exact."""
        cdfs, logs = self._coordinates(hidden, jitter)
        before = jnp.cumsum(logs, 1) - logs
        return (jax.nn.softmax(self.log_weights[:, None] + before, axis=0) * cdfs).sum(0)

    def log_evidence(self, values: Any) -> Any:
        """Log density of the entries of `values` (hidden,) that are not NaN, the others integrated out; exact."""
        return jax.scipy.special.logsumexp(self.log_weights + self._log_evidences(values)[0])

    def given(self, known: Any) -> MixtureLaw:
        """The law of the entries of `known` (hidden,) that are NaN given the others; exact.

        The others keep laws of their own, which mean nothing.
        """
        logs, gains, residual = self._log_evidences(known)
        locations, scales = self.locations, self.scales
        if self.numbers:
            is_known = ~jnp.isnan(known)[np.array(self.numbers)]
            locations, scales = normal_given(locations, self._covariance, residual, gains, is_known)
        weights = jax.nn.log_softmax(self.log_weights + logs)
        return dataclasses.replace(self, log_weights=weights, locations=locations, scales=scales)

    def independent(self) -> Independent | None:
        """Levels and at most one number, which are independent inside a component; None with more numbers."""
        if len(self.numbers) > 1:
            return None
        return Independent(jnp.exp(self.log_weights), self._cdf)

    def _cdf(self, place: int, values: Any) -> Any:
        """P(feature <= value) by component, (components, points)."""
        if place in self.numbers:
            scales = jnp.broadcast_to(self.scales[:, 0, 0], self.log_weights.shape)
            return jax.scipy.special.ndtr((values - self.locations) / scales[:, None])
        table = self.probabilities[self.levels.index(place)]
        table = jnp.broadcast_to(table, (self.log_weights.size, table.shape[1]))
        return jnp.where(jnp.arange(table.shape[1]) <= values[:, None], table[:, None], 0.0).sum(-1)

    def elliptical(self) -> Elliptical | None:
        """Where all features are numbers."""
        if self.levels:
            return None
        roots = jnp.broadcast_to(self.scales, (*self.locations.shape, self.locations.shape[1]))
        return Elliptical(jnp.exp(self.log_weights), self.locations, roots)

    @property
    def _covariance(self) -> Any:
        return self.scales @ jnp.swapaxes(self.scales, -1, -2)

    def _log_evidences(self, values: Any) -> tuple[Any, Any, Any]:
        """By component: log density of what is not NaN; and what `normal_given` needs, of the numbers."""
        logs, gains, residual = jnp.zeros(self.log_weights.shape), None, None
        if self.numbers:
            own = values[np.array(self.numbers)]
            is_known = ~jnp.isnan(own)
            residual = jnp.where(is_known, jnp.where(is_known, own, 0.0) - self.locations, 0.0)
            logs, gains = normal_evidence(residual, self._covariance, is_known)
        for place, table in zip(self.levels, self.probabilities, strict=True):
            code = jnp.where(jnp.isnan(values[place]), 0.0, values[place]).astype(int)
            logs = logs + jnp.where(jnp.isnan(values[place]), 0.0, jnp.log(table)[:, code])
        return logs, gains, residual

    def _coordinates(self, hidden: Any, jitter: Any) -> tuple[Any, Any]:
        """Cdfs and log densities of every feature given the component and its features before, (components, hidden)."""
        components = len(self.log_weights)
        cdfs: list[Any] = [None] * self.dims
        logs: list[Any] = [None] * self.dims
        if self.numbers:
            residual = hidden[np.array(self.numbers)] - self.locations
            scales = jnp.broadcast_to(self.scales, (components, *self.scales.shape[1:]))
            whitened = jax.scipy.linalg.solve_triangular(scales, residual[..., None], lower=True)[..., 0]
            widths = jnp.log(jnp.diagonal(scales, axis1=-2, axis2=-1))
            density = -0.5 * whitened**2 - 0.5 * np.log(2 * np.pi) - widths
            for column, place in enumerate(self.numbers):
                cdfs[place], logs[place] = jax.scipy.special.ndtr(whitened[:, column]), density[:, column]
        for place, table in zip(self.levels, self.probabilities, strict=True):
            code = hidden[place].astype(int)
            every = jnp.broadcast_to(table, (components, table.shape[1]))
            cdfs[place] = (jnp.cumsum(every, 1) - every)[:, code] + jitter[place] * every[:, code]
            logs[place] = jnp.log(every[:, code])
        return jnp.stack(cdfs, 1), jnp.stack(logs, 1)


def kinds_of(columns: Sequence[Column]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Places of the continuous columns, and of the others."""
    is_number = [column.kind == "continuous" for column in columns]
    places = range(len(columns))
    return tuple(p for p in places if is_number[p]), tuple(p for p in places if not is_number[p])


def pick(weights: Any, uniform: Any) -> Any:
    """The place whose share of the weights (not necessarily normalised) holds the uniform; never one of weight 0."""
    cumulative = jnp.cumsum(weights)
    found = jnp.searchsorted(cumulative, uniform * cumulative[-1], side="right")
    return jnp.minimum(found, jnp.searchsorted(cumulative, cumulative[-1], side="left"))


def _at(rows: Any, component: Any) -> Any:
    """The component's own row, or the one that all share."""
    return rows[0] if rows.shape[0] == 1 else rows[component]


class MixturePrior(FittedPrior):
    """A prior whose law of a row is a finite mixture; the first uniform picks the component."""

    hidden: tuple[str, ...]

    @abc.abstractmethod
    def law(self, theta: Any, row: Row) -> MixtureLaw:
        """The mixture for one row, whatever is known of the resampled features."""

    @property
    def uniform_dims(self) -> int:
        """One for the component and one a feature."""
        return 1 + len(self.hidden)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """A component's draw; exact."""
        law = self.law(theta, row)
        law = law if row.known is None else law.given(row.known)
        return filled(row, law.quantile(uniforms))

    def independent(self, theta: Any, row: Row) -> Independent | None:
        """The mixture, with at most one number."""
        return self.law(theta, row).independent()

    def elliptical(self, theta: Any, row: Row) -> Elliptical | None:
        """The mixture, without levels."""
        return self.law(theta, row).elliptical()

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Of the mixture, feature after feature; exact."""
        return self.law(theta, row).pit(hidden, jitter)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Of the mixture; exact."""
        law = self.law(theta, row)
        if row.known is None:
            return law.log_density(hidden)
        return law.log_evidence(filled(row, hidden)) - law.log_evidence(row.known)
