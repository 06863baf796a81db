"""What a ground truth and a prior state of themselves, as shapes: asked without arithmetic.

JAX remembers what it traced by the function that it traced: so each question is one function that stays the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .._lazy import jax, jnp
from ..priors import FittedPrior, Row
from .integrand import LabelLaw


def fact_shapes(fact: Callable[[Any, Any, Row], Any], prior: FittedPrior, row: Row) -> Any:
    """What a fact of the prior, a method of its class, would hold, as shapes; None where it states none."""
    return jax.eval_shape(_asked(fact), prior, row)


@functools.cache
def _asked(fact: Callable) -> Callable:
    def ask(prior: FittedPrior, row: Row) -> Any:
        made = fact(prior, prior.theta_at(0), row)
        return None if made is None else tuple(part for part in made if not callable(part))

    return ask


def breakpoint_count(law: LabelLaw, place: int) -> int | None:
    """How many breakpoints the ground truth states along the feature at that place; None where it states none."""
    if not law.function.runs_in_jax:
        return None
    found = jax.eval_shape(_breakpoints(place, _width(law)), law.function)
    return None if found is None else int(found.shape[-1])


@functools.cache
def _breakpoints(place: int, width: int) -> Callable:
    return lambda function: function.breakpoints(jnp.zeros(width), place)


def has_lines(law: LabelLaw) -> bool:
    """Whether the label is the largest of scores that are linear in all hidden features."""
    if any(law.levels) or not law.function.runs_in_jax:
        return False
    return jax.eval_shape(_lines(law.hidden, _width(law)), law.function) is not None


@functools.cache
def _lines(places: tuple[int, ...], width: int) -> Callable:
    return lambda function: function.lines(jnp.zeros(width), places)


def _width(law: LabelLaw) -> int:
    return len(law.hidden) + len(law.observed)
