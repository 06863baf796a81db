"""Hidden features with finitely many values: the sum over all of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._lazy import jax, jnp
from ...priors import Atoms, FittedPrior, Row
from ..facts import fact_shapes
from ..integrand import LabelLaw
from .base import Route, by_class, mean_over_theta

_LARGEST = 2**20


class Enumeration(Route):
    """Every value of the hidden features, with its probability; any ground truth, and noise that is integrated."""

    name = "enumeration"
    asks_for_labels = True

    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """Not finitely many values."""
        if self._size(law, prior, row) is None:
            return f"the prior has not finitely many values of the hidden features, or more than {_LARGEST:,}"
        return None

    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """The values."""
        return self._size(law, prior, row) or 0

    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """At each value all features, and the transitions of nodes."""
        classes = len(law.function.classes)
        width = len(law.hidden) + len(law.observed) + classes + len(law.nodes) * classes**2
        return self.evaluations(law, prior, row) * width

    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Exact; a function on the host labels in one batch."""
        if law.runs_in_jax:
            return _whole()(law, prior, given)
        atoms = _atoms()(law, prior, given)
        return _summed(law, np.asarray(given.observed), np.asarray(atoms.values), np.asarray(atoms.weights))

    def _size(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int | None:
        shapes = fact_shapes(type(prior).atoms, prior, row)
        if shapes is not None:
            return int(shapes[0].shape[0])
        size = math.prod(law.levels) if prior.has_density else 0
        return size if 0 < size <= _LARGEST else None


def _summed(law: LabelLaw, observed: Any, values: Any, weights: Any) -> tuple[Any, Any]:
    codes = law.codes(observed, values)
    probabilities = by_class(codes, weights, len(law.function.classes))
    if not law.nodes:
        return probabilities, jnp.zeros((len(observed), 0, probabilities.shape[-1] + 1))
    found = law.stages(codes, law.features(observed, values))
    stages = [jnp.concatenate([it, changed[..., None]], -1) for it, changed in found]
    return probabilities, (jnp.stack(stages, -2) * weights[..., None, None]).sum(1)


def _of_row(law: LabelLaw, prior: FittedPrior, row: Row) -> Atoms:
    made = prior.atoms(prior.theta_at(0), row)
    if made is not None:
        return made
    grid = np.indices(law.levels).reshape(len(law.levels), -1).T.astype(np.float64)

    def weights(theta: Any) -> Any:
        return jnp.exp(jax.vmap(lambda values: prior.log_density(theta, values, row))(jnp.asarray(grid)))

    return Atoms(jnp.asarray(grid), mean_over_theta(prior, weights))


@functools.cache
def _atoms() -> Callable:
    return jax.jit(lambda law, prior, given: jax.vmap(lambda row: _of_row(law, prior, row))(given))


@functools.cache
def _whole() -> Callable:
    def whole(law: LabelLaw, prior: FittedPrior, given: Row) -> tuple[Any, Any]:
        atoms = jax.vmap(lambda row: _of_row(law, prior, row))(given)
        return _summed(law, given.observed, atoms.values, atoms.weights)

    return jax.jit(whole)
