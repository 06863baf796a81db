"""A ground truth that is constant on boxes, and features that are independent: sums of products of cdf differences."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._lazy import jax, jnp
from ...ground_truth import Boxes
from ...priors import FittedPrior, Row
from ..facts import fact_shapes
from ..integrand import LabelLaw
from .base import Route, by_class, integrates_nodes, mean_over_theta


class BoxSums(Route):
    """The boxes that the observed features allow, by the probability of their sides; any number of hidden features.

    Correia, Peharz & de Campos, 2020.
    """

    name = "boxes of the tree"

    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """A function that is no single tree, hidden features that depend on each other."""
        if law.function.boxes() is None:
            return "the ground truth is not one tree"
        if fact_shapes(type(prior).independent, prior, row) is None:
            return "the prior is no mixture of independent features"
        return integrates_nodes(law)

    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """The boxes."""
        boxes = law.function.boxes()
        return 0 if boxes is None else len(boxes.codes)

    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """Two cdfs a box, hidden feature and component."""
        shapes = fact_shapes(type(prior).independent, prior, row)
        components = 1 if shapes is None else shapes[0].shape[0]
        width = 3 * components + len(law.observed) + max(4, prior.row_numbers)
        return self.evaluations(law, prior, row) * width

    def facts(self, law: LabelLaw) -> Any:
        """The boxes."""
        return tuple(law.function.boxes() or ())

    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Exact."""
        probabilities = _answer(law.hidden, law.observed, len(law.function.classes))(prior, facts, given)
        return probabilities, jnp.zeros((len(probabilities), 0, probabilities.shape[-1] + 1))


@functools.lru_cache(maxsize=64)
def _answer(hidden: tuple[int, ...], observed: tuple[int, ...], classes: int) -> Callable:
    def of_row(prior: FittedPrior, boxes: Boxes, row: Row) -> Any:
        lower, upper = boxes.lower, boxes.upper
        seen = jnp.asarray(row.observed)
        own = np.array(observed, dtype=int)
        is_open = ((lower[:, own] < seen) & (seen <= upper[:, own])).all(1)
        sides = [(lower[:, place], upper[:, place]) for place in hidden]
        chance = mean_over_theta(prior, lambda theta: _chances(prior, theta, row, sides))
        return by_class(boxes.codes, jnp.where(is_open, chance, 0.0), classes)

    def answer(prior: FittedPrior, boxes: tuple, given: Row) -> Any:
        return jax.vmap(lambda row: of_row(prior, Boxes(*boxes), row))(given)

    return jax.jit(answer)


def _chances(prior: FittedPrior, theta: Any, row: Row, sides: list[tuple[Any, Any]]) -> Any:
    """The probability of each box, (boxes,)."""
    law = prior.independent(theta, row)
    assert law is not None
    product: Any = 1.0
    for place, (lower, upper) in enumerate(sides):
        # A tree may ask for x <= 1 where x > 3: such a leaf has its ends the wrong way round and holds nothing.
        product = product * jnp.maximum(_up_to(law.cdf, place, upper) - _up_to(law.cdf, place, lower), 0.0)
    return law.weights @ product


def _up_to(cdf: Callable, place: int, values: Any) -> Any:
    """The cdf (components, points) of values that may be infinite."""
    found = cdf(place, jnp.where(jnp.isinf(values), 0.0, values))
    return jnp.where(values == jnp.inf, 1.0, jnp.where(values == -jnp.inf, 0.0, found))
