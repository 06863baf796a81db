"""A Python function of the user's own; from Python only, because a spec file never runs code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from pydantic import SkipValidation

from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..table import Table
from .base import GroundTruth, GroundTruthFunction, no_probabilities


@fitted
class HostFunction(GroundTruthFunction):
    """Calls the user's function with a frame of the original columns."""

    function: Callable = static()
    table: Table = static()
    classes: tuple = static()
    runs_in_jax = False

    @property
    def has_probabilities(self) -> bool:
        """A function of labels has none."""
        return False

    def labels(self, features: Any) -> np.ndarray:
        """Class codes of a host batch.

        Raises:
            InputError: the function returned something else than one declared class a row.
        """
        features = np.asarray(features, dtype=np.float64)
        flat = features.reshape(-1, features.shape[-1])
        answers = np.asarray(self.function(self.table.to_frame(flat)))
        if answers.shape != (len(flat),):
            raise InputError(f"the function must return one class a row ({len(flat)}); got shape {answers.shape}.")
        codes = {value: code for code, value in enumerate(self.classes)}
        try:
            found = np.array([codes[value] for value in answers.tolist()], dtype=np.int64)
        except KeyError as error:
            raise InputError(
                f"the function returned {error.args[0]!r}, which is not among its classes {list(self.classes)}."
            ) from None
        return found.reshape(features.shape[:-1])

    def probabilities(self, features: Any) -> Any:
        """Always an error."""
        raise no_probabilities("a Python function")


@description
class PythonFunction(GroundTruth):
    """`function(frame) -> one class a row`, with the classes declared."""

    function: SkipValidation[Callable]
    classes: tuple
    kind: Literal["python_function"] = "python_function"

    summary = "your own Python function (from Python only)"
    gives_probabilities = False

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise InputError(f"classes must be two or more, each once; got {list(self.classes)}.")

    def class_values(self, table: Table) -> tuple:
        """As declared."""
        return self.classes

    def report_problems(self, table: Table, problems: Problems) -> None:
        """None can be seen before it runs."""

    def fit(self, table: Table) -> HostFunction:
        """Nothing is learned."""
        return HostFunction(function=self.function, table=table, classes=self.classes)

    def explain(self) -> str:
        """In words."""
        return f"the Python function {getattr(self.function, '__name__', 'given')}"
