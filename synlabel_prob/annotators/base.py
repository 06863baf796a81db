"""The contract of a family of annotators: what each says of a row, given the label that they start from."""

from __future__ import annotations

import abc
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from .._lazy import jnp, numpyro
from ..arrays import Confusions, PairCodes, PairLaws
from ..descriptions import Part, description
from ..errors import Problems
from ..ground_truth import GroundTruth
from ..laws import Law
from ..noise import Setting
from ..noise.base import sample_parameter
from ..table import Table

Count = Annotated[int, Field(ge=1, le=100_000, strict=True)]
ANNOTATOR_PLATE = "annotator"
PREFIX = "annotation"
"""What the names of all sites of annotators begin with."""


class Sources(NamedTuple):
    """What is known of the rows that are labelled; None where a model does not have it.

    `features (rows, features)` are those at which the row has its label, hidden ones included; `soft_label (rows,
    classes)` is before any noise, `noisy_soft_label` after all of it.
    """

    features: Any = None
    soft_label: Any = None
    noisy_soft_label: Any = None

    @property
    def known(self) -> frozenset[str]:
        """Names of those that are there."""
        return frozenset(name for name, value in self._asdict().items() if value is not None)


class FittedAnnotators(abc.ABC):
    """A family fitted to a table; the views of a vote (push-forward, draw, log-probability) all follow from `said`."""

    names: tuple[str, ...]

    @property
    def depends_on(self) -> frozenset[str]:
        """Fields of `Sources` that `context` needs."""
        return frozenset()

    @abc.abstractmethod
    def sample_parameters(self) -> Any:
        """A NumPyro fragment: numbers stay numbers, what is drawn for each annotator is a site `annotation.<name>`."""

    def sample_items(self, num_rows: int) -> Any:
        """A NumPyro fragment inside the row plate: what is drawn for each row; None where nothing is."""
        return None

    def context(self, sources: Sources, items: Any) -> Any:
        """What `said` needs of each row: arrays with one leading axis of rows; None where nothing is needed."""
        return None

    def for_soft_labels(self, soft_labels: Any) -> FittedAnnotators:
        """With constants that only the soft labels of all rows, before any noise, can settle."""
        return self

    @abc.abstractmethod
    def said(
        self, parameters: Any, context: Any, rows: PairCodes, annotators: PairCodes, labels: PairCodes
    ) -> PairLaws:
        """P(vote | label) for pairs of a row and an annotator, (pairs, classes); exact given the parameters.

        `rows`, `annotators` and `labels (pairs,)` are places of rows and of annotators, and codes of labels.
        """

    @abc.abstractmethod
    def transitions(self, parameters: Any, context: Any) -> Confusions:
        """T of each annotator, (annotators, classes, classes); a mean over the rows where it depends on these."""

    def push_forward(
        self, parameters: Any, context: Any, rows: PairCodes, annotators: PairCodes, soft_labels: PairLaws
    ) -> PairLaws:
        """The law of one vote that starts from a label drawn from `soft_labels (pairs, classes)`; exact."""
        result: Any = 0.0
        for code in range(soft_labels.shape[-1]):
            said = self.said(parameters, context, rows, annotators, jnp.full(len(rows), code))
            result = result + soft_labels[:, code, None] * said
        return result


class ConfusionAnnotators(FittedAnnotators):
    """A family in which each annotator has one confusion matrix for all rows."""

    @abc.abstractmethod
    def confusions(self, parameters: Any) -> Confusions:
        """T of each annotator, (annotators, classes, classes)."""

    def said(
        self, parameters: Any, context: Any, rows: PairCodes, annotators: PairCodes, labels: PairCodes
    ) -> PairLaws:
        """The annotator's row of the label; exact."""
        return self.confusions(parameters)[annotators, labels]

    def transitions(self, parameters: Any, context: Any) -> Confusions:
        """The same for every row; exact."""
        return self.confusions(parameters)


@description
class Annotators(Part, abc.ABC):
    """The description of a family of annotators."""

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """How many annotators there are."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the annotators are called."""
        width = len(str(self.size))
        return tuple(f"annotator_{number:0{width}}" for number in range(1, self.size + 1))

    @property
    def depends_on(self) -> frozenset[str]:
        """Fields of `Sources` that the fitted family needs."""
        return frozenset()

    @abc.abstractmethod
    def fit(self, setting: Setting) -> FittedAnnotators:
        """The family for the classes of a table."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One clause: who the annotators are, and what they say."""

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Everything about the family that does not fit the classes, the table or the ground truth."""


def each_annotator(name: str, value: float | Law, size: int) -> Any:
    """A parameter (annotators,): a number is the same for all, a law is drawn for each; inside the annotator plate."""
    return jnp.broadcast_to(sample_parameter(f"{PREFIX}.{name}", value), (size,))


def annotator_plate(size: int) -> Any:
    """The plate of what is drawn for each annotator."""
    return numpyro.plate(ANNOTATOR_PLATE, size)


def shares_by_class(named: dict[str, float] | None, classes: tuple) -> np.ndarray:
    """Probabilities by class name as (classes,), rescaled to sum to 1; uniform where none are given."""
    if named is None:
        return np.full(len(classes), 1.0 / len(classes))
    shares = np.array([named.get(str(value), 0.0) for value in classes])
    return shares / shares.sum()
