"""Another node at a strength that varies from row to row."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

from .._lazy import jnp
from ..descriptions import description, fitted, one_of, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..laws import PositiveParameter
from ..table import Table
from .base import FittedNoise, Noise, Setting, sample_parameter, stated
from .channels import push_forward
from .class_conditional import ClassConditional
from .flips import Flips
from .log_odds import ClassBias, LogOdds, PriorShift
from .matrix import Matrix
from .miscalibration import Overextremity, Overprediction, Underextremity, Underprediction
from .normal_perturbations import NormalKernel
from .random_matrix import RandomMatrix
from .random_outcome import RandomOutcome
from .symmetric import Symmetric
from .temperature import Temperature

_KINDS = (Symmetric, ClassConditional, Flips, Matrix, RandomMatrix, RandomOutcome)
_KINDS += (Overprediction, Underprediction, Overextremity, Underextremity, Temperature, LogOdds, ClassBias, PriorShift)

if TYPE_CHECKING:
    AnyInner = Noise
else:
    AnyInner = one_of(Noise, _KINDS)


@fitted
class VaryingKernel(NormalKernel):
    """(1 - s) p + s g(p) with s ~ Normal(1, spread), clipped to [0, 1] and normalised."""

    node: FittedNoise
    spread: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The inner node's, and the spread."""
        return self.node.sample_parameters(), sample_parameter(f"{self.name}.spread", self.spread)

    def num_normals(self, num_classes: int) -> int:
        """One a row."""
        return 1

    def moved(self, parameters: Any, soft_labels: Any, normals: Any) -> Any:
        """Exact given the strength."""
        own, spread = parameters
        source = None if self.node.depends_on == "nothing" else soft_labels
        whole = push_forward(soft_labels, self.node.transition(own, self.node.context(source)))
        strength = 1.0 + spread * normals
        mixed = jnp.clip(soft_labels + strength * (whole - soft_labels), 0.0, 1.0)
        return mixed / mixed.sum(-1, keepdims=True)


@description
class Varying(Noise):
    """Another node, at a strength of its own in each row: (1 - s) p + s g(p) with s ~ Normal(1, spread).

    `node` is the node g, which may depend on nothing or on the soft label before it; the result is clipped to [0, 1]
    and normalised (de Vries & Thierens, 2025, who take `spread` 0.5). A negative strength pushes away from the noise: a
    certain label then stays.
    """

    node: AnyInner
    spread: PositiveParameter = 0.5
    kind: Literal["varying"] = "varying"

    summary = "soft labels: another node at a strength that varies from row to row"
    paper = "de Vries & Thierens, 2025"
    is_random_map = True
    depends_on = "noisy_soft_label"

    def __post_init__(self) -> None:
        if self.node.depends_on not in ("nothing", "noisy_soft_label"):
            raise InputError(
                f"node = {self.node.kind!r} goes by {self.node.depends_on.replace('_', ' ')}; a strength can vary only "
                "of nodes that depend on nothing or on the soft label before them."
            )

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Those of the inner node."""
        self._inner().report_problems(table, ground_truth, problems)

    def at_strength(self, share: float) -> Varying:
        """Of the inner node."""
        return dataclasses.replace(self, node=self.node.at_strength(share))

    def _inner(self) -> Noise:
        return dataclasses.replace(self.node, name=self.label)

    def fit(self, setting: Setting) -> VaryingKernel:
        """The inner node, its sites under this node's name."""
        return VaryingKernel(self._inner().fit(setting), self.spread, self.label)

    def explain(self) -> str:
        """In words."""
        return f"{self.node.explain()}, at a strength that varies from row to row (deviation {stated(self.spread)})"
