"""Observed values, resampled."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import constant, description, fitted
from ..errors import InputError
from .base import FittedPrior, Prior, Reference
from .facts import Atoms
from .rows import fit_rows, order_of_rows
from .univariate import Law, Marginal, independent


@fitted
class EmpiricalLaw(Law):
    """Every one of the sorted `values (rows,)` alike."""

    values: Any

    def quantile(self, uniform: Any) -> Any:
        """The value at the uniform's rank; exact."""
        size = self.values.shape[0]
        return self.values[jnp.minimum((uniform * size).astype(int), size - 1)]

    def cdf(self, value: Any, jitter: Any) -> Any:
        """Randomised: anywhere inside the jump at the value."""
        below, upto = jnp.searchsorted(self.values, value, side="left"), jnp.searchsorted(self.values, value, "right")
        return (below + jitter * (upto - below)) / self.values.shape[0]

    def atoms(self) -> Atoms:
        """Every value alike."""
        size = self.values.shape[0]
        return Atoms(jnp.asarray(self.values)[:, None], jnp.full(size, 1.0 / size))

    def log_density(self, value: Any) -> Any:
        """Always an error."""
        raise InputError("a prior that resamples observed values has no density: smooth it by a kernel density.")


@fitted
class EmpiricalMarginal(Marginal):
    """The values are the parameters."""

    law: EmpiricalLaw

    def predictive(self) -> EmpiricalLaw:
        """The law itself."""
        return self.law

    def sample(self, name: str, *, posterior: bool) -> EmpiricalLaw:
        """The law itself: nothing is unknown."""
        return EmpiricalLaw(constant(self.law.values))


@description
class Empirical(Prior):
    """Hidden features drawn from the observed values: whole rows of them, or each feature on its own."""

    joint: bool = True
    kind: Literal["empirical"] = "empirical"

    summary = "observed rows (or values, feature by feature) resampled; joint or independent; any kind"
    conditions_on = "nothing"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    fits = ("exact",)
    cost = "nothing"

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Nothing is learned."""
        if self.joint:
            return fit_rows(reference, order_of_rows(reference.hidden), None)
        laws = (EmpiricalLaw(np.sort(values)) for values in reference.hidden.T)
        return independent(reference, tuple(EmpiricalMarginal(law) for law in laws), has_density=False)

    def explain(self) -> str:
        """In words."""
        what = "jointly by drawing an observed row" if self.joint else "each by drawing an observed value"
        return f"{what} of theirs, independently of everything"
