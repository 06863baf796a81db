"""Laws that are a finite mixture of normals, maybe of logarithms, maybe with the component's name as a feature."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from ..priors import FittedPrior, Reference, Row
from ..priors.mixture_law import MixtureLaw
from ..priors.whitened import Normal, normal
from .base import FeatureLaw

_NEVER = 1e-30  # of a level that a component does not have: its logarithm has to be finite in single precision too


@dataclasses.dataclass(frozen=True, eq=False)
class Joint:
    """Component c has `weights[c]`, `means (components, numbers)` and `covariances (components, numbers, numbers)`.

    `of_logarithms` says that the logarithms of the numbers follow it; `category` names the feature that says which
    component a row is from, where there is one.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    of_logarithms: bool = False
    category: str = ""


class NormalsLaw(FeatureLaw):
    """A law that is given by its `Joint`."""

    @abc.abstractmethod
    def joint(self) -> Joint:
        """The components."""

    @property
    def number_names(self) -> tuple[str, ...]:
        """The features that are numbers, in the order of the joint."""
        return tuple(name for name in self.names if name not in self.levels)

    def _drawn(self, rows: int, generator: np.random.Generator) -> pd.DataFrame:
        joint = self.joint()
        components = generator.choice(len(joint.weights), rows, p=joint.weights)
        noise = generator.normal(size=(rows, joint.means.shape[1]))
        roots = np.linalg.cholesky(joint.covariances)[components]
        numbers = joint.means[components] + (roots @ noise[..., None])[..., 0]
        made = pd.DataFrame(np.exp(numbers) if joint.of_logarithms else numbers, columns=list(self.number_names))
        for name, levels in self.levels.items():
            made[name] = pd.Categorical.from_codes(components, categories=list(levels))
        return made.reindex(columns=list(self.names))

    def fit(self, reference: Reference, key: Any) -> ConditionalNormals:
        """The conditional law of the hidden features; exact, whatever the reference rows."""
        joint = self.joint()
        hidden = [column.name for column in reference.hidden_columns]
        observed = [column.name for column in reference.observed_columns]
        levels = tuple(place for place, name in enumerate(hidden) if name == joint.category)
        numbers = tuple(place for place, name in enumerate(hidden) if name != joint.category)
        given = tuple(place for place, name in enumerate(observed) if name != joint.category)
        table = np.where(np.eye(len(joint.weights)) > 0, 1.0, _NEVER)
        return ConditionalNormals(
            (),
            *_conditional(joint, self._places(hidden), self._places(observed)),
            probabilities=tuple(table for _ in levels),
            normal=normal(len(numbers)),
            numbers=numbers,
            levels=levels,
            given=given,
            category=observed.index(joint.category) if joint.category in observed else -1,
            of_logarithms=joint.of_logarithms,
        )

    def _places(self, names: list[str]) -> list[int]:
        return [self.number_names.index(name) for name in names if name in self.number_names]


@fitted
class ConditionalNormals(FittedPrior):
    """The hidden features given the observed ones: in each component a normal, its weight by the observed features.

    `log_weights (components,)`; of the observed numbers `centers (components, given)`, inverse Cholesky factors
    `whitening (components, given, given)`; of the hidden ones `means (components, numbers)`, `slopes (components,
    numbers, given)` on the observed and Cholesky factors `scales (components, numbers, numbers)`.
    """

    theta: Any
    log_weights: np.ndarray
    centers: np.ndarray
    whitening: np.ndarray
    means: np.ndarray
    slopes: np.ndarray
    scales: np.ndarray
    probabilities: tuple
    normal: Normal
    numbers: tuple[int, ...] = static()
    levels: tuple[int, ...] = static()
    given: tuple[int, ...] = static()
    category: int = static()
    of_logarithms: bool = static()

    @property
    def uniform_dims(self) -> int:
        """One a hidden feature, and before them one for the component where there are several."""
        return len(self.numbers) + len(self.levels) + (len(self.log_weights) > 1)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Exact."""
        own = uniforms if len(self.log_weights) > 1 else jnp.concatenate([jnp.full(1, 0.5, uniforms.dtype), uniforms])
        drawn = self.law(row).quantile(own)
        return jnp.exp(drawn) if self.of_logarithms else drawn

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Exact."""
        return self.law(row).pit(jnp.log(hidden) if self.of_logarithms else hidden, jitter)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Exact."""
        if not self.of_logarithms:
            return self.law(row).log_density(hidden)
        logs = jnp.log(hidden)
        return self.law(row).log_density(logs) - logs.sum()

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()

    def law(self, row: Row) -> MixtureLaw:
        """The mixture of one row; exact."""
        values = jnp.asarray(row.observed)[np.array(self.given, dtype=int)]
        values = jnp.log(values) if self.of_logarithms else values
        away = values - constant(self.centers)
        whitening = constant(self.whitening)
        whitened = (whitening * away[:, None, :]).sum(-1)
        volumes = jnp.log(jnp.diagonal(whitening, axis1=-2, axis2=-1)).sum(-1)
        logs = constant(self.log_weights) - 0.5 * (whitened**2).sum(-1) + volumes
        if self.category >= 0:
            own = jnp.arange(len(self.log_weights)) == row.observed[self.category]
            logs = jnp.where(own, logs, -jnp.inf)
        locations = constant(self.means) + (constant(self.slopes) * away[:, None, :]).sum(-1)
        parts = (locations, constant(self.scales), tuple(constant(table) for table in self.probabilities))
        return MixtureLaw(jax.nn.log_softmax(logs), *parts, self.normal, self.numbers, self.levels)


def _conditional(joint: Joint, hidden: list[int], observed: list[int]) -> tuple[np.ndarray, ...]:
    """Log weights, then `centers`, `whitening`, `means`, `slopes`, `scales`: each component's normal conditional."""
    within = joint.covariances[:, observed][:, :, observed]
    across = joint.covariances[:, hidden][:, :, observed]
    slopes = across @ np.linalg.inv(within)
    left = joint.covariances[:, hidden][:, :, hidden] - slopes @ np.swapaxes(across, 1, 2)
    whitening = np.linalg.inv(np.linalg.cholesky(within))
    parts = (joint.means[:, observed], whitening, joint.means[:, hidden], slopes, np.linalg.cholesky(left))
    return np.log(joint.weights), *parts
