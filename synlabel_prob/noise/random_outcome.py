"""Noise towards a class distribution: some labels are replaced by a random outcome."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..table import Table
from .base import FittedNoise, Noise, Setting, class_codes, sample_parameter, stated


@fitted
class RandomOutcomeChannel(FittedNoise):
    """A share of labels is replaced by a draw from `outcomes (classes,)`."""

    outcomes: np.ndarray
    share: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The share."""
        return sample_parameter(f"{self.name}.share", self.share)

    def transition(self, parameters: Any, context: Any) -> Any:
        """(1 - share) I + share 1 outcomes'; exact."""
        return (1.0 - parameters) * jnp.eye(len(self.outcomes)) + parameters * self.outcomes


@description
class RandomOutcome(Noise):
    """A share of labels is replaced by a draw from a class distribution, the ground truth's own by default.

    Soft labels move that share of the way towards the distribution, so their mean total variation from what they
    were is share times their mean total variation from it. `outcomes = { no = 0.7, yes = 0.3 }` gives another one.
    """

    share: UnitParameter
    outcomes: dict[str, Annotated[float, Field(ge=0)]] | None = None
    kind: Literal["random_outcome"] = "random_outcome"

    summary = "a share of labels replaced by draws from the class distribution (towards the prior)"
    paper = "de Vries & Thierens, 2023"
    strength_field = "share"

    def __post_init__(self) -> None:
        if self.outcomes is not None and abs(sum(self.outcomes.values()) - 1) > 1e-6:
            raise InputError(f"outcomes must sum to 1; they sum to {sum(self.outcomes.values()):g}.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.outcomes or {}:
            if name not in known:
                problems.add(f"`noise.{self.label}.outcomes` names the class {name!r}: {did_you_mean(name, known)}")

    def fit(self, setting: Setting) -> RandomOutcomeChannel:
        """The ground truth's class frequencies, unless outcomes are given."""
        outcomes = setting.class_marginal
        if self.outcomes is not None:
            given = class_codes(self.outcomes, setting.classes)
            outcomes = np.array([given.get(code, 0.0) for code in range(len(setting.classes))])
        return RandomOutcomeChannel(outcomes / outcomes.sum(), self.share, self.label)

    def explain(self) -> str:
        """In words."""
        what = "the ground truth's class frequencies" if self.outcomes is None else "the given class distribution"
        return f"a share {stated(self.share)} of labels is replaced by draws from {what}"
