"""Candidate sets of one size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import jnp
from ..arrays import Codes, SetArray, SoftLabelArray
from ..descriptions import description, fitted, static
from ..errors import Problems
from ..ground_truth import GroundTruth
from ..noise import Setting
from ..table import Table
from .base import FittedObservation, Observation


@fitted
class FittedFixedCandidates(FittedObservation):
    """P(S | y) = 1 / C(K - 1, size - 1) for the sets of that size that hold y."""

    size: int = static()
    num_classes: int = static()

    @property
    def uniform_dims(self) -> int:
        """One a class."""
        return self.num_classes

    def sample_parameters(self) -> Any:
        """None."""
        return None

    def log_chances(self, parameters: Any, context: Any, sets: SetArray) -> SoftLabelArray:
        """The same for every set that is possible."""
        sets = jnp.asarray(sets)
        each = -math.log(math.comb(self.num_classes - 1, self.size - 1))
        return jnp.where(sets & (sets.sum(-1, keepdims=True) == self.size), jnp.asarray(each, float), -jnp.inf)

    def inclusion(self, parameters: Any, context: Any) -> Any:
        """(size - 1) / (K - 1) for every wrong class."""
        other = (self.size - 1) / max(self.num_classes - 1, 1)
        return jnp.where(jnp.eye(self.num_classes, dtype=bool), 1.0, other)

    def sets(self, parameters: Any, context: Any, labels: Codes, uniforms: Any) -> SetArray:
        """The label and the wrong classes of the lowest uniforms: a larger size holds the set of a smaller one."""
        own = jnp.arange(self.num_classes) == jnp.asarray(labels)[:, None]
        ranks = jnp.argsort(jnp.argsort(jnp.where(own, -1.0, uniforms), -1), -1)
        return ranks < self.size


@description
class FixedCandidates(Observation):
    """Sets of `size` classes, the label among them; all such sets alike. Size 2 is one distractor."""

    size: Annotated[int, Field(ge=1, strict=True)]
    kind: Literal["fixed_candidates"] = "fixed_candidates"

    summary = "partial labels: sets of one size, all that hold the label alike"

    def report_problems(
        self, table: Table, hidden: Sequence[str], ground_truth: GroundTruth, problems: Problems
    ) -> None:
        """A size above the number of classes."""
        classes = len(ground_truth.class_values(table))
        if self.size > classes:
            problems.add(f"`observation.size` must be at most the number of classes, {classes}; got {self.size}.")

    def fit(self, setting: Setting) -> FittedFixedCandidates:
        """Nothing is learned."""
        return FittedFixedCandidates(self.size, len(setting.classes))

    def explain(self) -> str:
        """In words."""
        return f"a set of {self.size} classes that holds the label, all such sets alike"
