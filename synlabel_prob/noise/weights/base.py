"""The contract of a weight: how much more often labels change in some rows, or in some classes, than in others."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

from ..._lazy import jnp
from ...descriptions import Part, description
from ...errors import Problems
from ...ground_truth import GroundTruth
from ...table import Table
from ..base import DependsOn, Setting
from ..parts import FittedPart


class FittedWeight(FittedPart, abc.ABC):
    """Weights of rows and classes, of which only the proportions matter."""

    @abc.abstractmethod
    def weights(self, parameters: Any, context: Any) -> Any:
        """Weights of at least 0: (..., classes) by the class that would change, or (..., 1) where they are alike.

        (classes,) where no row differs from another; exact given the parameters.
        """


@description
class Weight(Part, abc.ABC):
    """The description of a weight."""

    depends_on: ClassVar[DependsOn] = "nothing"

    @abc.abstractmethod
    def fit(self, setting: Setting) -> FittedWeight:
        """The weight with what it takes from the table and the ground truth."""

    @abc.abstractmethod
    def explain(self) -> str:
        """A clause after "more often": where that is."""

    def reads(self, table: Table) -> tuple[str, ...]:
        """Names of the features that the weight goes by; all of them unless a kind says otherwise."""
        return table.feature_names if self.depends_on == "features" else ()

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Everything that does not fit the classes, the table or the ground truth; `place` is its path in a spec."""


def power(base: Any, exponent: Any) -> Any:
    """Base ** exponent for a base of at least 0, 0 where it is 0; its derivatives are finite there too."""
    positive = jnp.asarray(base) > 0
    return jnp.where(positive, jnp.where(positive, base, 1.0) ** exponent, 0.0)
