"""Histograms with draws spread inside the bins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..descriptions import description, fitted, static
from ..errors import InputError
from .base import FittedPrior, Prior, Reference
from .univariate import Law, Marginal, independent

BinRule = Literal["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"]


@fitted
class HistogramLaw(Law):
    """Piecewise constant density: `weights (bins,)` between `edges (bins + 1,)`."""

    edges: Any
    weights: Any

    def quantile(self, uniform: Any) -> Any:
        """Linear inside a bin; exact."""
        below = jnp.cumsum(self.weights) - self.weights
        bin_index = jnp.clip((uniform >= below).sum() - 1, 0, self.weights.shape[0] - 1)
        within = (uniform - below[bin_index]) / self.weights[bin_index]
        width = self.edges[bin_index + 1] - self.edges[bin_index]
        return self.edges[bin_index] + width * jnp.clip(within, 0.0, 1.0)

    def cdf(self, value: Any, jitter: Any) -> Any:
        """Exact."""
        inside = jnp.clip((value - self.edges[:-1]) / jnp.diff(self.edges), 0.0, 1.0)
        return (inside * self.weights).sum()

    def log_density(self, value: Any) -> Any:
        """Exact; minus infinity outside the bins."""
        bin_index = jnp.clip((value >= self.edges).sum() - 1, 0, self.weights.shape[0] - 1)
        width = self.edges[bin_index + 1] - self.edges[bin_index]
        inside = (value >= self.edges[0]) & (value <= self.edges[-1])
        return jnp.where(inside, jnp.log(self.weights[bin_index] / width), -jnp.inf)


@fitted
class HistogramMarginal(Marginal):
    """Bin weights ~ Dirichlet; `counts (bins,)` of the reference rows."""

    edges: np.ndarray
    counts: np.ndarray
    concentration: float
    name: str = static()

    def predictive(self) -> HistogramLaw:
        """The posterior mean of the weights: exact, because the density is linear in them."""
        total = self.counts + self.concentration
        return HistogramLaw(self.edges, total / total.sum())

    def sample(self, name: str, *, posterior: bool) -> HistogramLaw:
        """Weights from the Dirichlet posterior (conjugate, exact) or prior."""
        total = self.concentration + (self.counts if posterior else 0 * self.counts)
        law = dist.Dirichlet(jnp.asarray(total))
        weights = numpyro.sample(f"{name}.weights", law, infer={"event_dims": [f"bin_{self.name}"]})
        return HistogramLaw(self.edges, weights)

    def coordinates(self) -> dict[str, Sequence]:
        """The bins by their edges."""
        return {f"bin_{self.name}": [f"{low:.6g} to {high:.6g}" for low, high in itertools.pairwise(self.edges)]}


@description
class Histogram(Prior):
    """Each hidden feature by its histogram: a bin by its weight, then uniform inside the bin.

    `bins` is a number or one of NumPy's rules; `concentration` is the Dirichlet prior of each bin's weight (1/2 is
    Jeffreys').
    """

    bins: Annotated[int, Field(ge=1)] | BinRule = "auto"
    concentration: Annotated[float, Field(gt=0)] = 0.5
    kind: Literal["histogram"] = "histogram"

    summary = "a histogram with Bayesian bin weights, draws spread inside the bins; independent; continuous"
    conditions_on = "nothing"
    cost = "rows, once"

    def __post_init__(self) -> None:
        if isinstance(self.bins, int) and self.bins > 100_000:
            raise InputError(f"bins must be at most 100000; got {self.bins}.")

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Exact: Dirichlet posterior of the bin weights."""
        marginals = []
        for column, values in zip(reference.hidden_columns, reference.hidden.T, strict=True):
            counts, edges = np.histogram(values, bins=self.bins)
            marginals.append(HistogramMarginal(edges, counts.astype(np.float64), self.concentration, column.name))
        return independent(reference, tuple(marginals))

    def explain(self) -> str:
        """In words."""
        rule = f"{self.bins} bins" if isinstance(self.bins, int) else f"bins by NumPy's rule {self.bins!r}"
        return (
            f"each by a histogram ({rule}, weights ~ Dirichlet({self.concentration:g}), posterior mean, draws spread "
            "inside the bins), independently of everything"
        )
