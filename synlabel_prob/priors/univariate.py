"""Laws of one feature, and the priors that hide each feature on its own."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, fitted, static
from .base import FittedPrior, Reference, Row
from .facts import Atoms, Independent


class Law(abc.ABC):
    """The law of one feature: its quantile function, cdf and log density, for scalars."""

    discrete: bool = False

    @abc.abstractmethod
    def quantile(self, uniform: Any) -> Any:
        """The inverse cdf."""

    @abc.abstractmethod
    def cdf(self, value: Any, jitter: Any) -> Any:
        """P(feature <= value); a discrete law returns P(< value) + jitter P(= value)."""

    @abc.abstractmethod
    def log_density(self, value: Any) -> Any:
        """Log density, or log probability where discrete."""

    def up_to(self, value: Any) -> Any:
        """P(feature <= value) of any number, infinite ones too."""
        return self.cdf(value, 1.0)

    def atoms(self) -> Atoms | None:
        """Its values (points, 1), where they are finitely many and no levels."""
        return None


class Marginal(abc.ABC):
    """What a fit learned of one feature: its predictive law, and its unknown parameters as NumPyro sites."""

    @abc.abstractmethod
    def predictive(self) -> Law:
        """The law with its parameters integrated out; exact."""

    def sample(self, name: str, *, posterior: bool) -> Law:
        """A NumPyro fragment: the law at one draw of its parameters; families without any return the predictive."""
        return self.predictive()

    def coordinates(self) -> dict[str, Sequence]:
        """Labels of the dimensions of its sites."""
        return {}


@fitted
class IndependentPrior(FittedPrior):
    """Features hidden independently of each other and of everything else."""

    theta: Any
    marginals: tuple[Marginal, ...]
    names: tuple[str, ...] = static()
    has_density: bool = static(default=True)
    stated: tuple[int, ...] = static(default=())

    @property
    def uniform_dims(self) -> int:
        """One a feature."""
        return len(self.marginals)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Feature by feature; exact."""
        return jnp.stack([law.quantile(uniforms[index]) for index, law in enumerate(theta)])

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Feature by feature; exact."""
        return jnp.stack([law.cdf(hidden[index], jitter[index]) for index, law in enumerate(theta)])

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """The sum over features."""
        return sum(law.log_density(hidden[index]) for index, law in enumerate(theta))

    def atoms(self, theta: Any, row: Row) -> Atoms | None:
        """Of the only feature."""
        return theta[0].atoms() if len(theta) == 1 else None

    def independent(self, theta: Any, row: Row) -> Independent:
        """One component."""
        return Independent(jnp.ones(1), lambda place, values: jax.vmap(theta[place].up_to)(values)[None])

    def sample_theta(self, *, posterior: bool) -> Any:
        """Each feature's parameters."""
        named = zip(self.names, self.marginals, strict=True)
        laws = tuple(marginal.sample(f"prior.{name}", posterior=posterior) for name, marginal in named)
        return jax.tree_util.tree_map(constant, laws)

    def coordinates(self) -> dict[str, Sequence]:
        """Each feature's."""
        return {name: labels for marginal in self.marginals for name, labels in marginal.coordinates().items()}


def independent(
    reference: Reference, marginals: tuple[Marginal, ...], *, has_density: bool = True, stated: tuple[int, ...] = ()
) -> IndependentPrior:
    """The fitted prior of independent features."""
    laws = tuple(marginal.predictive() for marginal in marginals)
    theta = jax.tree_util.tree_map(lambda leaf: np.asarray(leaf)[None], laws)
    names = tuple(column.name for column in reference.hidden_columns)
    return IndependentPrior(theta, marginals, names, has_density, stated)
