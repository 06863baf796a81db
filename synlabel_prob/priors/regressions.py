"""What regressions of one feature share: the design, draws of theta that are kept, and the average over them.

The parameters of one feature's regression are independent of those of another's, given the data and the priors here. So
averaging each feature's law over its own draws is exact for a new row, and a chain of such laws needs no theta of its
own: `theta` holds all kept draws, as one.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import constant, description
from ..errors import Problems
from ..inference import Diagnostics, laplace, nuts
from ..table import Column, Table
from .base import FittedPrior, Prior, Reference
from .design import Design, fit_design

FitBy = Literal["laplace", "nuts", "point"]
DRAWS_BY_FIT = {"laplace": 100, "nuts": 1000, "point": 1}
"""How many draws are kept by default; those of a Markov chain depend on each other."""


class RegressionPrior(FittedPrior):
    """One feature given regressors; `theta` maps sites to kept draws (1, draws, ...)."""

    theta: dict[str, Any]
    design: Design
    reference: Reference
    statistics: dict[str, np.ndarray] | None
    chain_diagnostics: Diagnostics | None
    sites: ClassVar[tuple[str, ...]]
    """Names of the parameters."""

    @abc.abstractmethod
    def sample_parameters(self) -> dict[str, Any]:
        """A NumPyro fragment: the parameters from their prior, by site."""

    @abc.abstractmethod
    def likelihood(self, parameters: dict[str, Any], regressors: Any) -> Any:
        """The NumPyro distribution of the feature at regressors (rows, regressors), as it was standardised."""

    @abc.abstractmethod
    def response(self) -> Any:
        """The feature of the reference rows as `likelihood` speaks of it, (rows,)."""

    def sample_theta(self, *, posterior: bool) -> dict[str, Any]:
        """One of the kept draws, or the parameters from their prior."""
        if not posterior:
            return jax.tree_util.tree_map(lambda leaf: leaf[None], self.sample_parameters())
        kept = jax.tree_util.tree_map(lambda leaf: constant(leaf)[0], self.theta)
        num = len(next(iter(kept.values())))
        index = numpyro.sample("prior.draw", dist.CategoricalProbs(jnp.full(num, 1.0 / num)))
        return {name: leaf[index][None] for name, leaf in kept.items()}

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """The draws of the fit."""
        return {f"prior.{name}": (self.dims_of(name), np.asarray(leaf)[0]) for name, leaf in self.theta.items()}

    def diagnostics(self) -> Diagnostics | None:
        """Those of NUTS, where it made the draws."""
        return self.chain_diagnostics

    def sample_statistics(self) -> dict[str, np.ndarray]:
        """Those of NUTS, where it made the draws."""
        return dict(self.statistics or {})

    @property
    def row_numbers(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The law of a row looks at all kept draws."""
        return max((int(np.prod(np.shape(leaf))) for leaf in self.theta.values()), default=0)

    @abc.abstractmethod
    def dims_of(self, name: str) -> tuple[str, ...]:
        """Names of the dimensions of a parameter."""

    @property
    def regressor_dim(self) -> str:
        """What the regressors' dimension is called."""
        return f"regressor{self.reference.suffix}"

    def coordinates(self) -> dict[str, Sequence]:
        """Names of the regressors."""
        return {self.regressor_dim: self.design.names}

    def reference_model(self) -> Callable:
        """The parameters, then the reference rows given them."""

        def model() -> None:
            parameters = self.sample_parameters()
            regressors = jax.vmap(self.design.encode)(self.reference.rows)
            with numpyro.plate("reference_row", len(self.reference.labels)):
                numpyro.sample("reference_hidden", self.likelihood(parameters, regressors), obs=self.response())

        return model


def _program(prior: RegressionPrior) -> None:
    """The same function for all regressions, so that one is compiled once for all rows of a shape."""
    prior.reference_model()()


@description
class RegressionDescription(Prior, abc.ABC):
    """A regression of one hidden feature, fitted by a normal law at the mode, by NUTS, or plugged in at the mode.

    `draws` of the parameters are kept: 100 independent ones by default, or 1,000 of a Markov chain.
    """

    conditions_on: Literal["observed", "observed_and_label"] = "observed"
    fit_by: FitBy = "laplace"
    draws: Annotated[int, Field(ge=1, le=10_000)] | None = None
    coefficient_scale: Annotated[float, Field(ge=1e-9, le=1e9)] = 2.5

    fits = ("laplace", "nuts", "point")
    cost = "rows x parameters^2 a Newton step; draws x regressors for each draw"

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Draws of the parameters; `laplace` is an approximation, `point` leaves their uncertainty out."""
        made = self.with_design(reference, fit_design(reference, with_label="label" in self.conditions_on))
        said: dict[str, Any] = {}
        if self.fit_by == "nuts":
            sampled = nuts(made.reference_model(), key, draws=self._number)
            found, said = sampled.samples, {"statistics": sampled.statistics, "chain_diagnostics": sampled.diagnostics}
        else:
            found = laplace(_program, key, made, draws=self._number if self.fit_by == "laplace" else 0)
        theta = {name: found[f"prior.{name}"][None] for name in made.sites}
        final: Any = made  # a dataclass, as all final ones are
        return dataclasses.replace(final, theta=theta, **said)

    @property
    def _number(self) -> int:
        return self.draws or DRAWS_BY_FIT[self.fit_by]

    @abc.abstractmethod
    def with_design(self, reference: Reference, design: Design) -> RegressionPrior:
        """The fitted form, its parameters still to be found."""

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Also more features than one."""
        super().report_problems(table, hidden, problems)
        if len(hidden) > 1:
            names = ", ".join(repr(column.name) for column in hidden)
            problems.add(f"the prior {self.kind!r} takes one hidden feature; got {names}: use `chained` for several.")

    def _stated(self) -> str:
        on = "the observed features" + (" and the ground-truth label" if "label" in self.conditions_on else "")
        how = {
            "laplace": f"{self._number} draws from a normal law at the posterior's mode",
            "nuts": f"{self._number} draws of the parameters by NUTS",
            "point": "the posterior's mode plugged in, so parameter uncertainty is left out",
        }[self.fit_by]
        return f"regression on {on} ({how})"
