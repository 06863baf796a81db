"""The contract of a destination: which class a label goes to when it changes."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

import numpy as np

from ..._lazy import jnp
from ...descriptions import Part, description, fitted
from ...errors import Problems
from ...ground_truth import GroundTruth
from ...table import Table
from ..base import DependsOn, Setting


class FittedDestination(abc.ABC):
    """Laws of the new class, given the one before."""

    reads_probabilities: ClassVar[bool] = False
    """Whether `context` is given class probabilities in the place of features."""

    @property
    def runs_in_jax(self) -> bool:
        """False where `context` calls a function that runs on the host."""
        return True

    @property
    def stays(self) -> Any:
        """(classes,) true for classes that have nowhere to go; None where there are none."""
        return None

    def context(self, source: Any) -> Any:
        """What `towards` needs of a row; host functions are called here, so that `towards` always runs in JAX.

        `source` is all features (..., features), class probabilities (..., classes), or None for what needs neither.
        """
        return None

    @abc.abstractmethod
    def towards(self, context: Any) -> Any:
        """(..., classes, classes): rows sum to 1 and have a zero diagonal; rows of classes that stay are all zero."""


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

    def towards(self, context: Any) -> Any:
        """The shares."""
        return jnp.asarray(self.shares.view())


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
