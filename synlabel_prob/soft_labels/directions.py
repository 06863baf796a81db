"""Linear scores of normal or Student-t features, integrated exactly along the direction in which they differ most.

Score differences of K classes vary in at most K - 1 directions of the whitened features, however many are hidden.
Their law is the same in all directions, so that axes may be turned: along the first singular direction the integral is
exact, and quasi-random points are needed of the other K - 2 alone.
"""

from __future__ import annotations

import functools
from typing import Any

from .._lazy import jax, jnp
from ..descriptions import fitted, static
from ..priors import FittedPrior, Row
from ..priors.mixture_law import pick
from ..priors.whitened import Normal, Student, normal, student
from .facts import fact_shapes, has_lines
from .integrand import LabelLaw
from .preintegrated import Preintegrand, leading, lines_of, saturated

_MOST_COMPONENTS = 64


@fitted
class Directions(Preintegrand):
    """Singular directions of the score differences; `spherical` is the law of the coordinates along them."""

    spherical: Normal | Student
    components: int = static()
    words = "exact along the direction in which scores differ most"

    def dims(self, prior: FittedPrior) -> int:
        """One for each direction but the first, and one for the component where there are several."""
        return self.spherical.dims - 1 + (self.components > 1)

    def numbers(self, law: LabelLaw, prior: FittedPrior) -> int:
        """Where each pair of classes crosses."""
        return 3 * len(law.function.classes) ** 2 + 8 * self.spherical.dims

    def probabilities(self, law: LabelLaw, prior: FittedPrior, uniforms: Any, given: Row) -> Any:
        """Exact along the first direction."""

        def of_row(uniforms: Any, row: Row) -> Any:
            weights, parts = _components(law, prior, row, self.spherical.dims)
            return jax.vmap(jax.vmap(functools.partial(self._of_point, weights, parts)))(uniforms)

        return jax.vmap(of_row)(uniforms, given)

    def _of_point(self, weights: Any, parts: Any, uniforms: Any) -> Any:
        place = 0 if self.components == 1 else pick(weights, uniforms[-1])
        means, rates, codes = (part[place] for part in parts)
        inner = uniforms[: self.spherical.dims - 1]
        others = self.spherical.quantile(jnp.append(inner, 0.5))[:-1]
        below = functools.partial(saturated, functools.partial(self.spherical.last_uniforms, others))
        return leading(means + rates[:, 1:] @ others, rates[:, 0], codes, below)


def directions(law: LabelLaw, prior: FittedPrior, row: Row) -> Directions | None:
    """The way for these parts; None where scores are not linear or the prior's law is not normal or Student-t."""
    if not has_lines(law) or prior.num_theta > 1:
        return None
    shapes = fact_shapes(type(prior).elliptical, prior, row)
    if shapes is None or shapes[0].shape[0] > _MOST_COMPONENTS:
        return None
    rank = min(len(law.hidden), len(law.function.classes) - 1)
    # What is asked of one row holds for all: the degrees of freedom are the same for every row.
    stated = prior.elliptical(prior.theta_at(0), jax.tree_util.tree_map(jnp.asarray, row))
    assert stated is not None
    degrees = stated.degrees_of_freedom
    spherical = normal(rank) if degrees is None else student(float(degrees), rank)
    return Directions(spherical, int(shapes[0].shape[0]))


def _components(law: LabelLaw, prior: FittedPrior, row: Row, rank: int) -> tuple[Any, Any]:
    """Weights of the components; and of each, lines in the order of their slopes along the first direction."""
    stated = prior.elliptical(prior.theta_at(0), row)
    assert stated is not None
    fixed, slopes = lines_of(law, row)

    def of_component(location: Any, root: Any) -> tuple[Any, Any, Any]:
        rates = slopes @ root
        left, sizes, _ = jnp.linalg.svd(rates - rates.mean(0), full_matrices=False)
        turned = (left * sizes)[:, :rank]
        order = jnp.argsort(turned[:, 0])
        return (fixed + slopes @ location)[order], turned[order], order

    return stated.weights, jax.vmap(of_component)(stated.locations, stated.roots)
