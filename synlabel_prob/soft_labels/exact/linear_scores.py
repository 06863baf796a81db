"""Routes for scores that are linear in the hidden features, of which the largest is the label."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import Any

from ..._lazy import jax, jnp
from ...priors import FittedPrior, Row
from ..facts import fact_shapes, has_lines
from ..integrand import LabelLaw
from .base import Route, integrates_nodes, mean_over_theta

Largest = Callable[[Any, Any, Any], Any]
"""From scores to the probability of each class that its own is the largest, (classes,).

Scores are means (classes,) + directions (classes, hidden) @ z; the third argument is the degrees of freedom of z,
None where it is normal.
"""


class LinearScores(Route):
    """Features that are normal, Student-t or a mixture of these: so are the scores."""

    @abc.abstractmethod
    def largest(self) -> Largest:
        """What does it, exactly; the same object each time."""

    @abc.abstractmethod
    def wrong_size(self, hidden: int, classes: int) -> str | None:
        """Why so many hidden features or classes do not fit."""

    @abc.abstractmethod
    def looked_at(self, classes: int) -> int:
        """How many places of a component are evaluated."""

    def why_not(self, law: LabelLaw, prior: FittedPrior, row: Row) -> str | None:
        """A function without linear scores, another number of them or of features, a prior that is not normal or t."""
        if not has_lines(law):
            return "the ground truth is not the largest of scores that are linear in the hidden features"
        wrong = self.wrong_size(len(law.hidden), len(law.function.classes))
        if wrong is not None:
            return wrong
        if fact_shapes(type(prior).elliptical, prior, row) is None:
            return "the prior is no mixture of normal or Student-t laws"
        return integrates_nodes(law)

    def evaluations(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """Those of each component."""
        shapes = fact_shapes(type(prior).elliptical, prior, row)
        components = 1 if shapes is None else shapes[0].shape[0]
        return components * self.looked_at(len(law.function.classes))

    def numbers(self, law: LabelLaw, prior: FittedPrior, row: Row) -> int:
        """What is evaluated, and the law of each component."""
        return self.evaluations(law, prior, row) * (1 + len(law.hidden) ** 2) + max(4, prior.row_numbers)

    def answer(self, law: LabelLaw, prior: FittedPrior, given: Row, facts: Any) -> tuple[Any, Any]:
        """Exact."""
        probabilities = compiled(self.largest())(law, prior, given)
        return probabilities, jnp.zeros((len(probabilities), 0, probabilities.shape[-1] + 1))


@functools.cache
def compiled(largest: Largest) -> Callable:
    """The program of soft labels (rows, classes) of a law, a prior and rows."""
    of_rows = jax.vmap(functools.partial(_of_row, largest), (None, None, 0))
    return jax.jit(lambda law, prior, given: of_rows(law, prior, given))


def _of_row(largest: Largest, law: LabelLaw, prior: FittedPrior, row: Row) -> Any:
    features = law.features(jnp.asarray(row.observed)[None], jnp.zeros((1, len(law.hidden))))[0]
    lines = law.function.lines(features, law.hidden)
    assert lines is not None
    fixed, slopes = lines
    alike = _first_alike(slopes)

    def along(vector: Any) -> Any:
        # A product that is fused into a difference is rounded once, beside one that is rounded twice: without a
        # barrier classes with the same slopes would differ.
        return jax.lax.optimization_barrier((slopes @ vector)[alike])

    def of_theta(theta: Any) -> Any:
        found = prior.elliptical(theta, row)
        assert found is not None

        def of_component(location: Any, root: Any) -> Any:
            return largest(fixed + along(location), along(root), found.degrees_of_freedom)

        return found.weights @ jax.vmap(of_component)(found.locations, found.roots)

    return mean_over_theta(prior, of_theta)


def _first_alike(slopes: Any) -> Any:
    """The first class that has the slopes of each, (classes,): rows of a product may round in different ways."""
    return (slopes[:, None] == slopes).all(-1).argmax(1)
