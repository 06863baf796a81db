"""A multivariate kernel density estimate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ..descriptions import description
from .base import FittedPrior, Prior, Reference
from .rows import fit_kernel_rows, order_of_rows

Bandwidth = Annotated[float, Field(ge=1e-6, le=1e6)] | Literal["scott", "silverman"]


@description
class JointKernelDensity(Prior):
    """The hidden features jointly, by a kernel around every observed row.

    The bandwidth matrix of the numbers is h^2 times their covariance, with h = n^(-1/(d + 4)) by Scott's rule,
    (n (d + 2) / 4)^(-1/(d + 4)) by Silverman's, or a number; d counts the numbers. A level is kept but with probability
    min(1, n^(-2/(d + 4))) redrawn, from all levels alike or, if they are ordered, near ones first (Aitchison & Aitken,
    1976; Li & Racine, 2003).
    """

    bandwidth: Bandwidth = "scott"
    kind: Literal["joint_kernel_density"] = "joint_kernel_density"

    summary = "multivariate kernel density, bandwidth matrix by a rule; joint; any kind"
    conditions_on = "nothing"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    fits = ("exact",)
    cost = "rows for each draw's row"

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """Exact given the bandwidth."""
        rows, size = len(reference.hidden), sum(column.kind == "continuous" for column in reference.hidden_columns)
        factor, share = bandwidth_factor(self.bandwidth, rows, size), rows ** (-2.0 / (size + 4))
        return fit_kernel_rows(reference, order_of_rows(reference.hidden), factor, share, None)

    def explain(self) -> str:
        """In words."""
        rule = self.bandwidth if isinstance(self.bandwidth, str) else f"{self.bandwidth:g}"
        kernel = f"bandwidth {rule} x their covariance"
        return f"jointly by a multivariate kernel density ({kernel}), independently of everything observed"


def bandwidth_factor(rule: float | str, rows: int, dims: int) -> float:
    """The number that a rule gives for so many rows and continuous features."""
    rules = {"scott": rows ** (-1.0 / (dims + 4)), "silverman": (rows * (dims + 2) / 4.0) ** (-1.0 / (dims + 4))}
    return rules[rule] if isinstance(rule, str) else float(rule)
