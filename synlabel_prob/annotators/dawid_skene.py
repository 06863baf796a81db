"""Annotators with a confusion matrix each (Dawid & Skene, Applied Statistics 28, 1979), given or drawn at random."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..arrays import Confusions
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import others_alike, rates_and_destinations, stated
from ..table import Table
from .base import PREFIX, Annotators, ConfusionAnnotators, Count, annotator_plate, each_annotator

_TOLERANCE = 1e-6
_RATE, _CONCENTRATION = 0.2, 10.0


@fitted
class GivenConfusions(ConfusionAnnotators):
    """The matrices themselves, (annotators, classes, classes)."""

    matrices: np.ndarray
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> Any:
        """Nothing is unknown."""
        return None

    def confusions(self, parameters: Any) -> Confusions:
        """As given; exact."""
        return jnp.asarray(self.matrices, float)


@fitted
class RandomConfusions(ConfusionAnnotators):
    """Rows of the matrices around those of a symmetric one."""

    rate: Any = static()
    concentration: float = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> Any:
        """Confusion matrices (annotators, classes, classes)."""
        with annotator_plate(len(self.names)):
            rates = each_annotator("rate", self.rate, len(self.names))
            spread = jnp.broadcast_to(rates[:, None], (len(self.names), self.num_classes))
            base = rates_and_destinations(spread, others_alike(self.num_classes))
            rows = dist.Dirichlet(self.concentration * base).to_event(1)
            return numpyro.sample(f"{PREFIX}.confusion", rows, infer={"event_dims": ["true", "observed"]})

    def confusions(self, parameters: Any) -> Confusions:
        """As drawn; exact given the draw."""
        return parameters


@description
class DawidSkene(Annotators):
    """Annotators with a confusion matrix each: P(vote = j | label = i) is row i, column j.

    Either `matrices` gives them, or `count` of them are drawn: row i is Dirichlet(concentration * base row i), and the
    base errs at `rate` (a number, or a law from which each annotator draws one), to any wrong class alike. So a vote
    errs with probability `rate` on average, and a large `concentration` makes all rows alike.
    """

    count: Count | None = None
    rate: UnitParameter = _RATE
    concentration: Annotated[float, Field(gt=0)] = _CONCENTRATION
    matrices: tuple[tuple[tuple[float, ...], ...], ...] | None = None
    kind: Literal["dawid_skene"] = "dawid_skene"

    summary = "a confusion matrix each, given or drawn at random around an expected rate (Dawid & Skene)"

    def __post_init__(self) -> None:
        if (self.count is None) == (self.matrices is None):
            raise InputError("count and matrices stand for each other: give one of the two.")
        if self.matrices is not None:
            _check(self.matrices)
            if (self.rate, self.concentration) != (_RATE, _CONCENTRATION):
                raise InputError("matrices say all, so rate and concentration have no part: leave them out.")
        elif self.rate in (0.0, 1.0):
            raise InputError(
                f"rate must be above 0 and below 1, or rows have nothing to vary around; got {self.rate:g}: use "
                "one_coin."
            )

    @property
    def size(self) -> int:
        """As given, or one for each matrix."""
        return len(self.matrices) if self.matrices is not None else self.count or 0

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Matrices for another number of classes."""
        classes = [str(value) for value in ground_truth.class_values(table)]
        size = len(classes) if self.matrices is None else len(self.matrices[0])
        if size != len(classes):
            problems.add(
                f"`annotation.annotators.matrices` must be {len(classes)} x {len(classes)} each, a row and a column "
                f"for each class ({', '.join(classes)}); got {size} x {size}."
            )

    def fit(self, setting: Setting) -> ConfusionAnnotators:
        """Given rows are rescaled to sum to 1 to the last bit that floating point allows."""
        if self.matrices is None:
            return RandomConfusions(self.rate, self.concentration, len(setting.classes), self.names)
        matrices = np.array(self.matrices, dtype=np.float64)
        return GivenConfusions(matrices / matrices.sum(-1, keepdims=True), self.names)

    def explain(self) -> str:
        """In words."""
        if self.matrices is not None:
            return f"{self.size} annotators with the given confusion matrices"
        return (
            f"{self.size} annotators with a confusion matrix each, drawn around symmetric errors at rate "
            f"{stated(self.rate)} (rows Dirichlet with concentration {self.concentration:g})"
        )


def _check(matrices: tuple) -> None:
    if not matrices or not matrices[0]:
        raise InputError("matrices must hold a matrix for each annotator; got none.")
    size = len(matrices[0])
    for place, matrix in enumerate(matrices):
        if len(matrix) != size or any(len(row) != size for row in matrix):
            raise InputError(f"matrices must be square and of one size; matrix {place + 1} is not {size} x {size}.")
        values = np.array(matrix)
        if (values < 0).any():
            raise InputError(f"matrices must hold probabilities; matrix {place + 1} has {values.min():g}.")
        sums = values.sum(1)
        if (abs(sums - 1) > _TOLERANCE).any():
            shown = ", ".join(f"{value:.6g}" for value in sums)
            transposed = (abs(values.sum(0) - 1) <= _TOLERANCE).all()
            advice = "its columns do, so give its transpose" if transposed else "rescale each row"
            raise InputError(
                f"matrices must have rows that sum to 1; those of matrix {place + 1} sum to {shown}: {advice}."
            )
