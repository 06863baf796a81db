"""Maps of soft labels that are linear in the logarithms of the probabilities (Kull et al., 2019; arXiv 1910.12656)."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import constant, description, fitted, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import PositiveParameter, UnitParameter
from ..table import Table
from .base import Noise, Setting, SoftLabelMap, class_codes, sample_parameter, stated


@fitted
class LogOddsMap(SoftLabelMap):
    """softmax(slopes log p + strength intercepts); `slopes (classes, classes)`, `intercepts (classes,)`.

    Logarithms are cut off at that of `floor` where a slope off the diagonal could make them count.
    """

    slopes: np.ndarray
    intercepts: np.ndarray
    strength: Any = static()
    floor: float = static()
    site: str = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The factor of the intercepts."""
        return sample_parameter(f"{self.name}.{self.site}", self.strength)

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """Exact; zeros stay zeros where the slopes are diagonal."""
        shift = parameters * constant(self.intercepts)
        off = self.slopes - np.diag(np.diagonal(self.slopes))
        if off.any():
            logs = jnp.log(jnp.maximum(soft_labels, self.floor))
            slopes = constant(self.slopes)
            # One class after another, so that a row's result does not depend on the batch that it is in.
            scores = shift + sum(logs[..., code, None] * slopes[:, code] for code in range(len(self.slopes)))
            return jax.nn.softmax(scores, -1)
        possible = soft_labels > 0
        logs = jnp.log(jnp.where(possible, soft_labels, 1.0))
        scores = jnp.where(possible, logs * constant(np.diagonal(self.slopes)) + shift, -jnp.inf)
        moved = jax.nn.softmax(scores, -1)
        return jnp.where((parameters == 0) & np.array_equal(self.slopes, np.eye(len(self.slopes))), soft_labels, moved)


def _report_classes(names: Any, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
    known = [str(value) for value in ground_truth.class_values(table)]
    for name in names:
        if name not in known:
            problems.add(f"`{place}` names the class {name!r}: {did_you_mean(name, known)}")


def _by_code(values: dict[str, float], classes: tuple, otherwise: float) -> np.ndarray:
    codes = class_codes(values, classes)
    return np.array([codes.get(code, otherwise) for code in range(len(classes))])


@description
class LogOdds(Noise):
    """softmax(W log p + b), the Dirichlet calibration map (Kull et al., 2019), which has temperature as a special case.

    `slopes` are the rows of W, in the declared order of the classes, the identity where they are left out; `intercepts`
    are b by class, 0 where a class is not named. Off-diagonal slopes see no probability below `floor`.
    """

    slopes: tuple[tuple[float, ...], ...] | None = None
    intercepts: dict[str, float] = Field(default_factory=dict)
    floor: Annotated[float, Field(gt=0, lt=1)] = 1e-6
    kind: Literal["log_odds"] = "log_odds"

    summary = "soft labels: linear in the log-probabilities (Dirichlet calibration map)"
    paper = "Kull et al., 2019"
    depends_on = "noisy_soft_label"

    def __post_init__(self) -> None:
        if self.slopes is not None and any(len(row) != len(self.slopes) for row in self.slopes):
            raise InputError(
                f"slopes must have as many columns as rows; got rows of {[len(row) for row in self.slopes]}."
            )

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes, or slopes for another number of classes."""
        classes = ground_truth.class_values(table)
        if self.slopes is not None and len(self.slopes) != len(classes):
            problems.add(
                f"`noise.{self.label}.slopes` is {len(self.slopes)} x {len(self.slopes)}, but there are {len(classes)} "
                "classes: give a row and a column for each."
            )
        _report_classes(self.intercepts, f"noise.{self.label}.intercepts", table, ground_truth, problems)

    def fit(self, setting: Setting) -> LogOddsMap:
        """Nothing is learned."""
        slopes = np.eye(len(setting.classes)) if self.slopes is None else np.array(self.slopes, dtype=np.float64)
        return LogOddsMap(slopes, _by_code(self.intercepts, setting.classes, 0.0), 1.0, self.floor, "shift", self.label)

    def explain(self) -> str:
        """In words."""
        return "soft labels are changed by a linear map of their logarithms"


@description
class ClassBias(Noise):
    """Some classes are judged too likely: log-probabilities are shifted by `bias` times a number for each class.

    `classes = { ill = 1, well = -1 }` says which way (optimism and pessimism); classes that are not named are not
    shifted, and classes without probability stay without.
    """

    classes: dict[str, float]
    bias: PositiveParameter = 1.0
    kind: Literal["class_bias"] = "class_bias"

    summary = "soft labels: some classes judged too likely (optimism, pessimism)"
    paper = "Kull et al., 2019"
    strength_field, strength_limits = "bias", (0.0, math.inf)
    depends_on = "noisy_soft_label"

    def __post_init__(self) -> None:
        if not any(self.classes.values()):
            raise InputError("classes must name at least one class with a shift other than 0; got none.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        _report_classes(self.classes, f"noise.{self.label}.classes", table, ground_truth, problems)

    def fit(self, setting: Setting) -> LogOddsMap:
        """Nothing is learned."""
        shifts = _by_code(self.classes, setting.classes, 0.0)
        return LogOddsMap(np.eye(len(shifts)), shifts, self.bias, 1e-6, "bias", self.label)

    def explain(self) -> str:
        """In words."""
        shifts = ", ".join(f"{name} {shift:+g}" for name, shift in self.classes.items())
        return f"log-probabilities are shifted by {stated(self.bias)} times ({shifts})"


@description
class PriorShift(Noise):
    """Soft labels for other class frequencies, p'_k proportional to p_k (q_k / pi_k)^power (Saerens et al., 2002).

    `frequencies` q are by class and sum to 1, even ones where they are left out: people then neglect how common a class
    is. pi are the frequencies of the ground truth's labels.
    """

    frequencies: dict[str, Annotated[float, Field(ge=0)]] | None = None
    power: UnitParameter = 1.0
    kind: Literal["prior_shift"] = "prior_shift"

    summary = "soft labels: for other class frequencies (prior shift, base-rate neglect)"
    paper = "Saerens et al., 2002"
    strength_field = "power"
    depends_on = "noisy_soft_label"

    def __post_init__(self) -> None:
        if self.frequencies is not None and abs(sum(self.frequencies.values()) - 1) > 1e-6:
            raise InputError(f"frequencies must sum to 1; they sum to {sum(self.frequencies.values()):g}.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes, and classes without a frequency."""
        given = self.frequencies or {}
        _report_classes(given, f"noise.{self.label}.frequencies", table, ground_truth, problems)
        none = [
            str(value) for value in ground_truth.class_values(table) if self.frequencies and not given.get(str(value))
        ]
        if none:
            problems.add(
                f"`noise.{self.label}.frequencies` must give every class a frequency above 0; {none[0]!r} has none."
            )

    def fit(self, setting: Setting) -> LogOddsMap:
        """The frequencies of the ground truth's labels.

        Raises:
            InputError: a class has no row, so that no shift leads away from its frequency.
        """
        shares = setting.class_marginal
        if not shares.all():
            absent = setting.classes[int(np.argmin(shares))]
            raise InputError(
                f"`noise.{self.label}` shifts class frequencies, but no row of the ground truth has the class "
                f"{absent!r}: leave the class out, or use 'class_bias'."
            )
        size = len(setting.classes)
        wanted = np.full(size, 1 / size)
        if self.frequencies is not None:
            wanted = _by_code(self.frequencies, setting.classes, 0.0)
        return LogOddsMap(np.eye(size), np.log(wanted / shares), self.power, 1e-6, "power", self.label)

    def explain(self) -> str:
        """In words."""
        what = "even class frequencies" if self.frequencies is None else "the given class frequencies"
        return f"soft labels are those for {what} (to the power {stated(self.power)})"
