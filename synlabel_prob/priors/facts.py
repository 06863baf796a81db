"""What a prior may state about its law of one row, so that soft labels can be computed without a draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Atoms(NamedTuple):
    """Finitely many values.

    Attributes:
        values: (points, hidden); they may repeat.
        weights: (points,) their probabilities, which add up to 1.
    """

    values: Any
    weights: Any


class Independent(NamedTuple):
    """A mixture whose components have independent features.

    Attributes:
        weights: (components,), which add up to 1.
        cdf: place of a hidden feature and values (points,) to P(feature <= value), (components, points).
    """

    weights: Any
    cdf: Callable[[int, Any], Any]


class Elliptical(NamedTuple):
    """A mixture of normal laws, or of multivariate Student-t laws.

    Attributes:
        weights: (components,), which add up to 1.
        locations: (components, hidden).
        roots: (components, hidden, hidden); root @ root' is the covariance, or the squared scale of the t.
        degrees_of_freedom: of all components and all rows; None where they are normal.
    """

    weights: Any
    locations: Any
    roots: Any
    degrees_of_freedom: Any = None
