"""An expert who relabels rows by a rule of their own, from the features that they see."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..ground_truth import (
    Ball,
    BoostedTrees,
    GroundTruth,
    GroundTruthFunction,
    Learned,
    Linear,
    PythonFunction,
    RandomNetwork,
    RandomTree,
    Rules,
    host_labels,
)
from ..laws import UnitParameter
from ..table import Table
from .base import FittedNoise, Noise, Setting, sample_parameter, stated

Function = Annotated[
    Rules | Ball | Linear | RandomNetwork | RandomTree | Learned | BoostedTrees | PythonFunction,
    Field(discriminator="kind"),
]


@fitted
class ExpertChannel(FittedNoise):
    """The expert's function of the columns that they see; `codes` turns its classes into the ground truth's."""

    function: GroundTruthFunction
    codes: np.ndarray
    share: Any = static()
    columns: tuple[int, ...] = static()
    num_classes: int = static()
    name: str = static()
    depends_on = "features"

    @property
    def runs_in_jax(self) -> bool:
        """As the expert's function does."""
        return self.function.runs_in_jax

    def sample_parameters(self) -> Any:
        """The share of rows that the expert labels."""
        return sample_parameter(f"{self.name}.share", self.share)

    def once_drawn(self) -> ExpertChannel:
        """Without the share."""
        return dataclasses.replace(self, share=0.0)

    def context(self, source: Any) -> Any:
        """The expert's label, (...) codes of the ground truth's classes."""
        codes = np.asarray(self.codes) if isinstance(source, np.ndarray) else jnp.asarray(self.codes)
        return codes[host_labels(self.function, source[..., list(self.columns)])]

    def transition(self, parameters: Any, context: Any) -> Any:
        """(1 - share) I + share 1 e', with e the expert's label; exact."""
        said = jax.nn.one_hot(context, self.num_classes)
        return (1.0 - parameters) * jnp.eye(self.num_classes) + parameters * said[..., None, :]


@description
class Expert(Noise):
    """The label is the expert's: `function` of the features that they see (the paper's f^E of X^E).

    `sees` are the features that the expert has, all by default, whether or not they are hidden in the data set; a
    learned function is learned from these alone. `share` is the share of labels that come from the expert.
    """

    function: Function
    sees: tuple[str, ...] | None = None
    share: UnitParameter = 1.0
    kind: Literal["expert"] = "expert"

    summary = "an expert's own function of the features that they see"
    paper = "de Vries & Thierens, 2023"
    strength_field = "share"
    depends_on = "features"

    def __post_init__(self) -> None:
        if self.sees is not None and not self.sees:
            raise InputError("sees must name at least one feature, or be left out for all of them; got none.")

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown features, and classes that the ground truth lacks."""
        try:
            view = self._view(table)
        except InputError as error:
            problems.add(f"`noise.{self.label}.sees`: {error}")
            return
        own = Problems()
        self.function.report_problems(view, own)
        for sentence in own.sentences:
            problems.add(f"`noise.{self.label}`, the expert's function: {sentence}")
        known = ground_truth.class_values(table)
        unknown = [value for value in self.function.class_values(view) if value not in known]
        if unknown:
            problems.add(
                f"`noise.{self.label}.function` gives the class {unknown[0]!r}, which the ground truth lacks: it has "
                f"{', '.join(str(value) for value in known)}."
            )

    def _view(self, table: Table) -> Table:
        return table if self.sees is None else table.select(self.sees)

    def fit(self, setting: Setting) -> ExpertChannel:
        """The expert's function, learned from what they see where it is learned."""
        view = self._view(setting.table)
        function = self.function.fit(view)
        return ExpertChannel(
            function=function,
            codes=np.array([setting.classes.index(value) for value in function.classes]),
            share=self.share,
            columns=tuple(int(place) for place in setting.table.index(view.feature_names)),
            num_classes=len(setting.classes),
            name=self.label,
        )

    def explain(self) -> str:
        """In words."""
        sees = "all features" if self.sees is None else f"{', '.join(self.sees)} alone"
        share = "the labels are" if self.share == 1.0 else f"a share {stated(self.share)} of labels is"
        return f"{share} an expert's, who sees {sees}: {self.function.explain()}"
