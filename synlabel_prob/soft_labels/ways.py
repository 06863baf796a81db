"""Which way of preintegration fits a ground truth and a prior, or why none does."""

from __future__ import annotations

from typing import Any

from .._lazy import jax, jnp
from ..priors import FittedPrior
from .directions import Directions, directions
from .exact.base import integrates_nodes
from .facts import breakpoint_count, has_lines
from .integrand import LabelLaw
from .preintegrated import LastOfIntervals, LastOfLines, Preintegrand
from .tiles import Rows

_LIGHT = 5000.0
_MANY = 101


def preintegrand(law: LabelLaw, prior: FittedPrior, rows: Rows) -> Preintegrand | str:
    """The way that is taken; or in words, why there is none and what to do."""
    if rows.given.known is not None:
        return "the table misses values, so that each row has its own hidden features"
    reason = integrates_nodes(law)
    if reason is not None:
        return reason
    row: Any = jax.tree_util.tree_map(lambda values: values[0], rows.given)
    return directions(law, prior, row) or _along_last(law, prior)


def _along_last(law: LabelLaw, prior: FittedPrior) -> Preintegrand | str:
    if not prior.has_pit:
        return "the prior does not know the law of one hidden feature given the others"
    if law.levels[prior.last_place]:
        return (
            "the feature that the prior draws last has levels: put a number last, in `hidden` or in the prior's `order`"
        )
    if has_lines(law):
        return LastOfLines()
    if breakpoint_count(law, law.hidden[prior.last_place]) is None:
        return "the ground truth does not say at which values of the last hidden feature its label may change"
    return LastOfIntervals()


def cheap_preintegrand(law: LabelLaw, prior: FittedPrior, rows: Rows) -> Preintegrand | None:
    """The way that takes the place of labels at points unasked: where a point costs little more than a label."""
    found = preintegrand(law, prior, rows)
    if isinstance(found, Directions):
        return found
    return found if isinstance(found, LastOfLines) and _operations(law, prior, rows) <= _LIGHT else None


def _operations(law: LabelLaw, prior: FittedPrior, rows: Rows) -> float:
    """How many operations `last_cdf` takes for one more value: thousands for a kernel around each reference row."""
    row = jax.tree_util.tree_map(lambda values: jnp.asarray(values[0]), rows.given)
    hidden = jnp.zeros(len(law.hidden))

    def counted(number: int) -> float:
        program = jax.jit(lambda values: prior.last_cdf(prior.theta_at(0), hidden, values, row))
        found = program.lower(jnp.zeros(number)).cost_analysis() or {}
        return found.get("flops", 0.0) + found.get("transcendentals", 0.0)

    return (counted(_MANY) - counted(1)) / (_MANY - 1)
