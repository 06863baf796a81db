"""The contract of a destination: which class a label goes to when it changes."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

import numpy as np

from ..._lazy import jnp
from ...descriptions import Part, constant, description, fitted
from ...errors import Problems
from ...ground_truth import GroundTruth
from ...table import Table
from ..base import DependsOn, Setting
from ..parts import FittedPart


class FittedDestination(FittedPart, abc.ABC):
    """Laws of the new class, given the one before."""

    @property
    def stays(self) -> Any:
        """(classes,) true for classes that have nowhere to go; None where there are none."""
        return None

    @abc.abstractmethod
    def towards(self, parameters: Any, context: Any) -> Any:
        """(..., classes, classes): rows sum to 1 and have a zero diagonal; rows of classes that stay are all zero.

        Exact given the parameters.
        """


@fitted
class FixedDestination(FittedDestination):
    """The same for every row, `shares (classes, classes)`."""

    shares: np.ndarray

    @property
    def stays(self) -> Any:
        """Classes whose row is empty."""
        empty = ~self.shares.any(-1)
        if not isinstance(empty, np.ndarray):  # inside a program, which cannot ask
            return empty
        return empty if empty.any() else None

    def towards(self, parameters: Any, context: Any) -> Any:
        """The shares."""
        return constant(self.shares)


class ProportionalDestination(FittedDestination):
    """The same for every row, in proportion to numbers that depend on parameters."""

    @abc.abstractmethod
    def proportions(self, prefix: str) -> Any:
        """A NumPyro fragment: (classes, classes) of at least 0; the diagonal does not count."""

    def sample_parameters(self, prefix: str) -> Any:
        """The shares, (classes, classes)."""
        proportions = self.proportions(prefix)
        others = jnp.where(jnp.eye(len(proportions), dtype=bool), 0.0, proportions)
        totals = others.sum(-1, keepdims=True)
        return others / jnp.where(totals > 0, totals, 1.0)

    def towards(self, parameters: Any, context: Any) -> Any:
        """The shares."""
        return parameters


@description
class Destination(Part, abc.ABC):
    """The description of a destination."""

    depends_on: ClassVar[DependsOn] = "nothing"

    @abc.abstractmethod
    def fit(self, setting: Setting) -> FittedDestination:
        """The destination with what it takes from the table and the ground truth."""

    @abc.abstractmethod
    def explain(self) -> str:
        """A clause that begins with "to"."""

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Everything that does not fit the classes, the table or the ground truth; `place` is its path in a spec."""


def without_diagonal(weights: np.ndarray) -> FixedDestination:
    """Weights (classes, classes) of at least 0 as shares of the other classes; an empty row stays empty."""
    others = np.where(np.eye(len(weights), dtype=bool), 0.0, np.asarray(weights, dtype=np.float64))
    totals = others.sum(-1, keepdims=True)
    return FixedDestination(others / np.where(totals > 0, totals, 1.0))
