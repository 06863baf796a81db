"""Rows that are similar in their observed features, resampled."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field

from ..descriptions import description
from ..errors import InputError
from .base import FittedPrior, Prior, Reference
from .rows import fit_kernel_rows, fit_rows, order_of_rows
from .similarity import fit_similarity


@description
class SimilarRows(Prior):
    """The hidden features of another row, drawn the likelier the more its observed features are alike.

    Either the nearest `neighbors` rows, all alike (the square root of the number of rows where neither is given), or
    all rows by a normal kernel of `bandwidth` on the distance. Distances add up squared differences in standard
    deviations, in shares of an ordinal's range, and 1 for another category; given the label, rows of other labels
    count only when there are none of its own. A positive `smoothing` puts a kernel of that many standard deviations
    around the drawn row, which gives the law a density. A row is never drawn for itself unless `leave_self_out` is
    false: that would give its own hidden features away.
    """

    conditions_on: Literal["observed", "observed_and_label"] = "observed"
    neighbors: Annotated[int, Field(ge=1)] | None = None
    bandwidth: Annotated[float, Field(gt=0, le=1e6)] | None = None
    smoothing: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    leave_self_out: bool = True
    kind: Literal["similar_rows"] = "similar_rows"

    summary = "hidden features of rows that are alike in the observed ones (nearest, or by a kernel); joint; any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    fits = ("exact",)
    cost = "rows x observed for each row, once"

    def __post_init__(self) -> None:
        if self.neighbors is not None and self.bandwidth is not None:
            raise InputError("neighbors and bandwidth exclude each other: give one of them.")

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Exact: nothing but the spread of the features is learned."""
        size, places = len(reference.hidden), order_of_rows(reference.hidden)
        nearest = 0 if self.bandwidth else self.neighbors or math.ceil(math.sqrt(size))
        similarity = fit_similarity(
            reference,
            places,
            neighbors=nearest,
            bandwidth=self.bandwidth or 1.0,
            with_label=self.conditions_on == "observed_and_label",
            leave_self_out=self.leave_self_out,
        )
        if not self.smoothing:
            return fit_rows(reference, places, similarity)
        share = min(1.0, self.smoothing**2)
        return fit_kernel_rows(reference, places, self.smoothing, share, similarity)

    def explain(self) -> str:
        """In words."""
        label = " and that have its label" if self.conditions_on == "observed_and_label" else ""
        some = f"the {self.neighbors or 'square root of n'} nearest rows"
        how = f"rows weighted by a normal kernel of bandwidth {self.bandwidth:g}" if self.bandwidth else some
        smooth = f", smoothed by {self.smoothing:g} standard deviations" if self.smoothing else ", as they are"
        return f"jointly from {how} in the observed features{label}{smooth}"
