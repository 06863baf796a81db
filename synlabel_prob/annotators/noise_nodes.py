"""Annotators who are noise nodes, one each: experts with features of their own, matrices, miscalibrated people."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Literal

from .._lazy import jnp, numpyro
from ..arrays import Confusions, PairCodes, PairLaws
from ..descriptions import description, fitted, one_of, static
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..noise import DESCRIPTIONS as NOISES
from ..noise import FittedNoise, Noise, Setting
from ..table import Table
from .base import PREFIX, Annotators, FittedAnnotators, Sources

if TYPE_CHECKING:
    from ..noise import Noise as AnyNoise
else:
    AnyNoise = one_of(Noise, NOISES)


@fitted
class FittedNoiseNodes(FittedAnnotators):
    """A fitted node for each annotator."""

    nodes: tuple[FittedNoise, ...]
    names: tuple[str, ...] = static()

    @property
    def depends_on(self) -> frozenset[str]:
        """What the nodes depend on, all of them together."""
        return frozenset(node.depends_on for node in self.nodes) - {"nothing"}

    def sample_parameters(self) -> tuple:
        """Of each node; its sites are called `annotation.<name>.<parameter>`."""
        with numpyro.handlers.scope(prefix=PREFIX, divider="."):
            return tuple(node.sample_parameters() for node in self.nodes)

    def context(self, sources: Sources, items: Any) -> tuple:
        """Of each node."""
        given = {"nothing": None, **sources._asdict()}
        return tuple(node.context(given[node.depends_on]) for node in self.nodes)

    def for_soft_labels(self, soft_labels: Any) -> FittedNoiseNodes:
        """With each node's constants for these soft labels."""
        try:
            return dataclasses.replace(self, nodes=tuple(node.for_soft_labels(soft_labels) for node in self.nodes))
        except InputError as error:
            raise InputError(_placed(str(error))) from None

    def _transitions(self, parameters: tuple, context: tuple) -> list[Any]:
        every = zip(self.nodes, parameters, context, strict=True)
        return [jnp.asarray(node.transition(*given)) for node, *given in every]  # labels of a trace pick rows of it

    def said(
        self, parameters: Any, context: Any, rows: PairCodes, annotators: PairCodes, labels: PairCodes
    ) -> PairLaws:
        """Each node's row of the label; exact."""
        found: Any = 0.0
        for place, transition in enumerate(self._transitions(parameters, context)):
            own = transition[labels] if transition.ndim == 2 else transition[rows, labels]
            found = jnp.where((jnp.asarray(annotators) == place)[:, None], own, found)
        return found

    def transitions(self, parameters: Any, context: Any) -> Confusions:
        """Each node's, a mean over the rows where it depends on these; exact."""
        every = self._transitions(parameters, context)
        return jnp.stack([each if each.ndim == 2 else each.mean(0) for each in every])


@description
class NoiseNodes(Annotators):
    """Each annotator is one of the `nodes`, a noise node with a name of its own, acting on the label they start from.

    An `expert` node labels by a function of the features that they see: those that gave the row its label, hidden ones
    included, so that all votes of a row look at one draw of them.
    """

    nodes: tuple[AnyNoise, ...]
    kind: Literal["noise_nodes"] = "noise_nodes"

    summary = "noise nodes, one a person: experts with their own features, matrices, miscalibrated people"

    def __post_init__(self) -> None:
        if not self.nodes:
            raise InputError("nodes must hold a noise node for each annotator; got none.")
        problems = Problems()
        for name in sorted({name for name in self.names if self.names.count(name) > 1}):
            problems.add(f"nodes has two annotators called {name!r}: give each a `name` of its own.")
        for node in self.nodes:
            if node.selection != "independent":
                problems.add(
                    f"nodes has {node.label!r} with selection = {node.selection!r}: leave it out, because votes are "
                    "drawn each on its own."
                )
            if node.is_random_map:
                problems.add(
                    f"nodes has {node.label!r} of kind {node.kind!r}, which draws soft labels; annotators give hard "
                    "ones: put it into `noise`, before the annotators."
                )
        problems.raise_if_any()

    @property
    def size(self) -> int:
        """One for each node."""
        return len(self.nodes)

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the nodes."""
        return tuple(node.label for node in self.nodes)

    @property
    def depends_on(self) -> frozenset[str]:
        """What the nodes depend on, all of them together."""
        return frozenset(node.depends_on for node in self.nodes) - {"nothing"}

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """What the nodes say, with their place in the spec."""
        own = Problems()
        for node in self.nodes:
            node.report_problems(table, ground_truth, own)
        for sentence in own.sentences:
            problems.add(_placed(sentence))

    def fit(self, setting: Setting) -> FittedNoiseNodes:
        """Each node fitted."""
        try:
            return FittedNoiseNodes(tuple(node.fit(setting) for node in self.nodes), self.names)
        except InputError as error:
            raise InputError(_placed(str(error))) from None

    def explain(self) -> str:
        """In words."""
        each = "; ".join(f"{node.label}: {node.explain()}" for node in self.nodes)
        return f"{len(self.nodes)} annotators ({each})"


def _placed(sentence: str) -> str:
    return sentence.replace("`noise.", "`annotation.annotators.nodes.")
