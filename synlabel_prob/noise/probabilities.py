"""Whose class probabilities a weight or a destination goes by: the ground truth's, or the row's soft label."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..descriptions import fitted
from ..errors import Problems
from ..ground_truth import GroundTruth, GroundTruthFunction, host_probabilities
from ..table import Table
from .base import DependsOn

Source = Literal["ground_truth", "soft_label"]


@fitted
class Probabilities:
    """Class probabilities at a source: `function` of all features, or the source itself where it is a soft label."""

    function: GroundTruthFunction | None

    @property
    def runs_in_jax(self) -> bool:
        """As the function does."""
        return self.function is None or self.function.runs_in_jax

    def at(self, source: Any) -> Any:
        """(..., classes)."""
        return source if self.function is None else host_probabilities(self.function, source)


class GoesByProbabilities:
    """What weights and destinations by class probabilities share; `source` says whose these are."""

    source: Source

    @property
    def depends_on(self) -> DependsOn:
        """The row's soft label, or all its features."""
        return "soft_label" if self.source == "soft_label" else "features"

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """A ground truth without probabilities."""
        if self.source == "ground_truth" and not ground_truth.gives_probabilities:
            problems.add(
                f"`{place}` goes by the ground truth's probabilities, but {ground_truth.kind!r} gives labels only: set "
                'source = "soft_label", or use a function that has them.'
            )


def words(whose: Source) -> str:
    """Whose, in words."""
    return "the ground truth's probabilities" if whose == "ground_truth" else "the row's soft label"


def ordered(probabilities: Any) -> Any:
    """The last axis in rising order, of NumPy's or JAX's arrays."""
    return np.sort(probabilities, -1) if isinstance(probabilities, np.ndarray) else probabilities.sort(-1)
