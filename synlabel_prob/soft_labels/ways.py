"""Which way of preintegration fits a ground truth and a prior, or why none does."""

from __future__ import annotations

from typing import Any

from .._lazy import jax
from ..priors import FittedPrior
from .directions import Directions, directions
from .exact.base import integrates_nodes
from .integrand import LabelLaw
from .preintegrated import LastOfIntervals, LastOfLines, Preintegrand, breakpoint_count, has_lines
from .tiles import Rows

_LIGHT = 64


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
    if breakpoint_count(law, prior) is None:
        return "the ground truth does not say at which values of the last hidden feature its label may change"
    return LastOfIntervals()


def cheap_preintegrand(law: LabelLaw, prior: FittedPrior, rows: Rows) -> Preintegrand | None:
    """The way that takes the place of labels at points unasked: where a point costs little more than a label."""
    found = preintegrand(law, prior, rows)
    is_cheap = isinstance(found, Directions) or (isinstance(found, LastOfLines) and prior.row_numbers <= _LIGHT)
    return found if is_cheap and isinstance(found, Preintegrand) else None
