"""Noise by a given transition matrix."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..table import Table
from .base import FittedNoise, Noise, Setting, sample_parameter, stated

_TOLERANCE = 1e-6


@fitted
class MatrixChannel(FittedNoise):
    """A matrix, moved towards the identity where `strength` is below 1."""

    matrix: np.ndarray
    strength: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The strength."""
        return sample_parameter(f"{self.name}.strength", self.strength)

    def transition(self, parameters: Any, context: Any) -> Any:
        """(1 - strength) I + strength T; exact."""
        return (1.0 - parameters) * jnp.eye(len(self.matrix)) + parameters * self.matrix


@description
class Matrix(Noise):
    """A label of class i becomes j with probability transition[i][j]: rows are true classes and sum to 1.

    `strength` below 1 keeps that share of the noise: (1 - strength) I + strength T, whose rate is strength times T's.
    """

    transition: tuple[tuple[float, ...], ...]
    strength: UnitParameter = 1.0
    kind: Literal["matrix"] = "matrix"

    summary = "a given transition matrix (rows are true classes), whole or in part"
    paper = "Patrini et al., 2017"
    strength_field = "strength"

    def __post_init__(self) -> None:
        lengths = {len(row) for row in self.transition}
        if lengths != {len(self.transition)}:
            shape = f"{len(self.transition)} rows of {' or '.join(str(n) for n in sorted(lengths)) or 'no'} numbers"
            raise InputError(f"transition must have as many columns as rows; got {shape}.")
        matrix = np.array(self.transition)
        if (matrix < 0).any():
            raise InputError(f"transition must hold probabilities; got {matrix.min():g}.")
        sums = matrix.sum(1)
        if (abs(sums - 1) > _TOLERANCE).any():
            transposed = (abs(matrix.sum(0) - 1) <= _TOLERANCE).all()
            advice = "its columns do, so give its transpose" if transposed else "rescale each row"
            shown = ", ".join(f"{value:.6g}" for value in sums)
            raise InputError(f"transition must have rows that sum to 1; they sum to {shown}: {advice}.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """The wrong number of classes."""
        classes = ground_truth.class_values(table)
        if len(classes) != len(self.transition):
            problems.add(
                f"`noise.{self.label}.transition` must be {len(classes)} x {len(classes)}, a row and a column for each "
                f"class ({', '.join(str(value) for value in classes)}); got {len(self.transition)} x "
                f"{len(self.transition)}."
            )

    def fit(self, setting: Setting) -> MatrixChannel:
        """Rows are rescaled to sum to 1 to the last bit that floating point allows."""
        matrix = np.array(self.transition)
        return MatrixChannel(matrix / matrix.sum(1, keepdims=True), self.strength, self.label)

    def explain(self) -> str:
        """In words."""
        share = "" if self.strength == 1.0 else f", {stated(self.strength)} of it"
        return f"labels change by the given transition matrix{share}"
