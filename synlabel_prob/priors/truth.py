"""No uncertainty at all: hidden features keep the values that they have."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import constant, description, fitted
from ..errors import InputError
from .base import FittedPrior, Prior, Reference, Row
from .facts import Atoms


@fitted
class TruthPrior(FittedPrior):
    """The reference rows' own hidden features, `values (rows, hidden)`."""

    theta: Any
    values: np.ndarray
    has_pit = False
    has_density = False

    @property
    def uniform_dims(self) -> int:
        """One, which nothing depends on."""
        return 1

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """The row's own; NaN for a row that is none of the reference rows."""
        own = constant(self.values)[row.place]
        return jnp.where(jnp.asarray(row.place) >= 0, own, jnp.nan)

    def atoms(self, theta: Any, row: Row) -> Atoms:
        """One, the row's own."""
        return Atoms(self.quantile(theta, None, row)[None], jnp.ones(1))

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Always an error."""
        raise InputError("the truth is one point, which has no `pit`.")

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Always an error."""
        raise InputError("the truth is one point, which has no density.")

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()


@description
class Truth(Prior):
    """Hidden features keep their own values, so that soft labels are those of D^G.

    It is meant for `finite_mixture`: a spike at the truth with one weight and a prior with the rest dials uncertainty
    from none to the prior's.
    """

    kind: Literal["truth"] = "truth"

    summary = "the row's own hidden features, for a spike in a finite mixture; any kind"
    conditions_on = "nothing"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    cost = "nothing"

    def fit(self, reference: Reference, key: Any) -> TruthPrior:
        """Nothing is learned."""
        return TruthPrior((), reference.hidden)

    def explain(self) -> str:
        """In words."""
        return "as they are, without uncertainty"
