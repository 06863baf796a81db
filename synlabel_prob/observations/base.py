"""The contract of an observation: which set of classes is recorded of a row, given its noisy hard label."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

from .._lazy import distributions, jnp, numpyro
from ..annotators import Sources
from ..arrays import Codes, RowValues, SetArray, SoftLabelArray
from ..descriptions import Part, description
from ..errors import Problems
from ..ground_truth import GroundTruth
from ..noise import Setting
from ..randomness import ROW_PLATE
from ..table import Table

PREFIX = "observation"
"""What the names of all sites of unknown parameters begin with."""
SITE = "observed_set"


class FittedObservation(abc.ABC):
    """P(S | y) for sets S of classes that hold the label y; `sets (rows, classes)` say which classes are in them.

    One class alone is an observed label, all classes are a missing one.
    """

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Sources` without which nothing is observed."""
        return frozenset()

    @property
    @abc.abstractmethod
    def uniform_dims(self) -> int:
        """How many uniforms make one set."""

    @abc.abstractmethod
    def sample_parameters(self) -> Any:
        """A NumPyro fragment: numbers stay numbers, laws become sample sites `observation.<name>`."""

    def settled(self, parameters: Any, sources: Sources) -> Any:
        """The parameters with constants that only the soft labels of all rows can settle."""
        return parameters

    def context(self, sources: Sources) -> Any:
        """What the rest needs of each row: arrays with one leading axis of rows; None where nothing is needed."""
        return None

    def check_reach(self, sources: Sources) -> None:
        """Compare what was asked for with what these rows can give.

        Raises:
            InputError: it is out of reach.
        """
        return None

    @abc.abstractmethod
    def log_chances(self, parameters: Any, context: Any, sets: SetArray) -> SoftLabelArray:
        """Log P(S | y) for every y, (rows, classes); -inf where y is not in S; exact given the parameters."""

    @abc.abstractmethod
    def inclusion(self, parameters: Any, context: Any) -> Any:
        """P(z in S | y), (classes y, classes z), or one a row; 1 on the diagonal; exact given the parameters."""

    @abc.abstractmethod
    def sets(self, parameters: Any, context: Any, labels: Codes, uniforms: Any) -> SetArray:
        """The sets that uniforms (rows, uniform_dims) make, given the labels."""

    def chances(self, parameters: Any, context: Any, sets: SetArray) -> SoftLabelArray:
        """P(S | y) for every y, (rows, classes); they need not sum to 1."""
        return jnp.exp(self.log_chances(parameters, context, sets))

    def log_probability(self, parameters: Any, context: Any, sets: SetArray, labels: Codes) -> RowValues:
        """Log P(S | y) at the labels (rows,)."""
        logs = self.log_chances(parameters, context, sets)
        return jnp.take_along_axis(logs, jnp.asarray(labels)[:, None], -1)[:, 0]

    def prepared(self, sources: Sources) -> tuple[Any, Any]:
        """A NumPyro fragment: the parameters and the context for all rows."""
        return self.settled(self.sample_parameters(), sources), self.context(sources)

    def observe(self, sources: Sources, labels: Any) -> None:
        """The NumPyro model of the sets, given each row's label (rows,): the site `observed_set` in the row plate."""
        parameters, context = self.prepared(sources)
        with numpyro.plate(ROW_PLATE, len(labels)):
            law = distributions.ObservedSet(self, parameters, context, labels)
            numpyro.sample(SITE, law, infer={"event_dims": ["class"]})


@description
class Observation(Part, abc.ABC):
    """The description of what is recorded of each row's noisy hard label: a set of classes that holds it."""

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Sources` that the fitted observation needs."""
        return frozenset()

    @abc.abstractmethod
    def fit(self, setting: Setting) -> FittedObservation:
        """The observation for the classes and rows of a table."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One clause: what is recorded."""

    def report_problems(
        self, table: Table, hidden: Sequence[str], ground_truth: GroundTruth, problems: Problems
    ) -> None:
        """Everything that does not fit the classes, the table, the hidden features or the ground truth."""


def log_of(probabilities: Any) -> Any:
    """Logarithms, -inf of 0, with a derivative that is a number everywhere."""
    possible = probabilities > 0
    return jnp.where(possible, jnp.log(jnp.where(possible, probabilities, 1.0)), -jnp.inf)


def at_label(by_class: Any, labels: Any, row_dims: int) -> Any:
    """What belongs to each row's label (rows,), of arrays whose first axis is labels, or rows and then labels."""
    labels = jnp.asarray(labels)
    return by_class[jnp.arange(len(labels)), labels] if row_dims else by_class[labels]
