"""A function of named features, so that the order of columns never matters, and how one is learned from a dataset."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._lazy import jax
from ..datasets import Dataset
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth, GroundTruthFunction, Learned
from ..table import Label, Table
from .parts import soft_labels


@dataclasses.dataclass(frozen=True, eq=False)
class LabelFunction:
    """A fitted function and the features that it reads, in its order."""

    function: GroundTruthFunction
    feature_names: tuple[str, ...]

    @property
    def classes(self) -> tuple[Label, ...]:
        """The classes that its codes stand for."""
        return self.function.classes

    def labels(self, table: Table, classes: tuple[Label, ...]) -> np.ndarray:
        """Labels of the rows of a table, (rows,) codes into `classes`.

        Raises:
            InputError: the table lacks a feature, or the function has a class that is not declared.
        """
        codes = self._codes(classes)
        with jax.enable_x64(True):
            return codes[np.asarray(self.function.labels(self._features(table)))]

    def probabilities(self, table: Table, classes: tuple[Label, ...]) -> np.ndarray:
        """Class probabilities of the rows of a table, (rows, classes), 0 for classes that the function lacks.

        Raises:
            InputError: the table lacks a feature, or the function a class or probabilities.
        """
        if not self.function.has_probabilities:
            raise InputError(
                "soft labels by a function need one with probabilities; this one gives labels alone: use another, or "
                "relabel to hard labels."
            )
        every = np.zeros((table.num_rows, len(classes)))
        with jax.enable_x64(True):
            every[:, self._codes(classes)] = self.function.probabilities(self._features(table))
        return every

    def _features(self, table: Table) -> np.ndarray:
        return table.features[:, table.index(self.feature_names)]

    def _codes(self, classes: tuple[Label, ...]) -> np.ndarray:
        unknown = [value for value in self.classes if value not in classes]
        if unknown:
            raise InputError(
                f"the function has the class {unknown[0]!r}, which the dataset lacks: declare it with the others "
                f"({', '.join(str(value) for value in classes)})."
            )
        return np.array([classes.index(value) for value in self.classes], dtype=np.int64)


def learn_function(dataset: Dataset, estimator: Any) -> LabelFunction:
    """A function of the dataset's view, learned from its labels.

    Soft labels are decided first: the most probable class, ties to the one declared first. To learn from a sample
    instead, start at `draw_labels`.

    Args:
        dataset: any of the four.
        estimator: a scikit-learn classifier, the name of one that a spec may name, or the description of any ground
            truth (one that is pre-specified learns nothing).

    Raises:
        InputError: the estimator or the description does not fit the dataset.
    """
    how = estimator if isinstance(estimator, GroundTruth) else Learned(estimator)
    name = dataset.view.target_name or "label"
    labels = soft_labels(dataset).argmax(1)
    table = dataclasses.replace(dataset.view, classes=dataset.classes, target=labels, target_name=name)
    problems = Problems()
    how.report_problems(table, problems)
    problems.raise_if_any()
    return LabelFunction(how.fit(table), table.feature_names)
