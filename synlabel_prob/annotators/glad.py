"""GLAD (Whitehill, Ruvolo, Wu, Bergsma & Movellan, NeurIPS 2009): ability of annotators against difficulty of rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import distributions, jax, jnp, numpyro
from ..arrays import Confusions, PairCodes, PairLaws
from ..descriptions import description, fitted, static
from ..laws import Normal, RealParameter
from ..noise import Setting
from ..noise.base import others_alike, rates_and_destinations, stated
from .base import PREFIX, Annotators, Count, FittedAnnotators, Sources, annotator_plate, each_annotator

Link = Literal["softmax", "glad"]


@fitted
class FittedGLAD(FittedAnnotators):
    """Abilities of annotators and log easiness of rows, which together say how often a vote is right."""

    ability: Any = static()
    difficulty_spread: float = static()
    entropy_weight: float = static()
    link: Link = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    @property
    def depends_on(self) -> frozenset[str]:
        """The soft label before any noise, where difficulty goes by its entropy."""
        return frozenset({"soft_label"} if self.entropy_weight else ())

    def sample_parameters(self) -> Any:
        """Abilities (annotators,)."""
        with annotator_plate(len(self.names)):
            return each_annotator("ability", self.ability, len(self.names))

    def sample_items(self, num_rows: int) -> Any:
        """Standard normal deviations of the rows' difficulty, (rows,); None where they have none."""
        if not self.difficulty_spread:
            return None
        return numpyro.sample(f"{PREFIX}.difficulty", distributions.RowNormal(jnp.zeros(num_rows), 1.0))

    def context(self, sources: Sources, items: Any) -> Any:
        """Easiness of each row, (rows,); None where all are alike."""
        difficulty = 0.0 if items is None else self.difficulty_spread * items
        if self.entropy_weight:
            difficulty = difficulty + self.entropy_weight * _relative_entropy(jnp.asarray(sources.soft_label))
        return None if items is None and not self.entropy_weight else jnp.exp(-difficulty)

    def said(
        self, parameters: Any, context: Any, rows: PairCodes, annotators: PairCodes, labels: PairCodes
    ) -> PairLaws:
        """Right with the probability of the link, else any wrong class alike; exact."""
        easiness = 1.0 if context is None else context[rows]
        right = self._right(parameters[annotators] * easiness)
        is_label = jax.nn.one_hot(labels, self.num_classes, dtype=bool)
        return jnp.where(is_label, right[:, None], ((1.0 - right) / (self.num_classes - 1))[:, None])

    def transitions(self, parameters: Any, context: Any) -> Confusions:
        """Symmetric, at the mean over the rows; exact."""
        easiness = jnp.ones(1) if context is None else context
        wrong = 1.0 - self._right(parameters[:, None] * easiness).mean(-1, keepdims=True)
        rates = jnp.broadcast_to(wrong, (len(self.names), self.num_classes))
        return rates_and_destinations(rates, others_alike(self.num_classes))

    def _right(self, scores: Any) -> Any:
        others = np.log(self.num_classes - 1) if self.link == "softmax" else 0.0
        return jax.nn.sigmoid(scores - others)


def _relative_entropy(soft_labels: Any) -> Any:
    """H(p) / log K in [0, 1]."""
    logs = jnp.log(jnp.where(soft_labels > 0, soft_labels, 1.0))
    return -(soft_labels * logs).sum(-1) / np.log(soft_labels.shape[-1])


@description
class GLAD(Annotators):
    """A vote of annotator a on row i is right the more often the larger s = ability_a * exp(-difficulty_i).

    Attributes:
        count: how many annotators.
        ability: of an annotator: 0 is chance, below 0 is against the truth; a number, or a law that each draws from.
        difficulty_spread: standard deviation of the rows' difficulty, a normal law around 0.
        entropy_weight: what a row's difficulty has besides, times the entropy of its soft label before any noise,
            relative to its largest value log K: rows that are ambiguous are then difficult too.
        link: `softmax`, exp(s) / (exp(s) + K - 1), for which ability 0 is chance 1/K; or `glad`, the authors'
            1 / (1 + exp(-s)), which is the same for two classes and 1/2 at ability 0 whatever their number.
    """

    count: Count
    ability: RealParameter = Normal(1.0, 1.0)
    difficulty_spread: Annotated[float, Field(ge=0)] = 1.0
    entropy_weight: Annotated[float, Field(ge=0)] = 0.0
    link: Link = "softmax"
    kind: Literal["glad"] = "glad"

    summary = "ability of the annotator against difficulty of the row (GLAD)"

    @property
    def size(self) -> int:
        """As given."""
        return self.count

    @property
    def depends_on(self) -> frozenset[str]:
        """The soft label before any noise, where difficulty goes by its entropy."""
        return frozenset({"soft_label"} if self.entropy_weight else ())

    def fit(self, setting: Setting) -> FittedGLAD:
        """Nothing is learned."""
        numbers = (self.ability, self.difficulty_spread, self.entropy_weight, self.link)
        return FittedGLAD(*numbers, len(setting.classes), self.names)

    def explain(self) -> str:
        """In words."""
        tied = f" plus {self.entropy_weight:g} times its soft label's relative entropy" if self.entropy_weight else ""
        return (
            f"{self.count} annotators of ability {stated(self.ability)}, right more often on easy rows (difficulty "
            f"Normal(0, {self.difficulty_spread:g}){tied}; {self.link} link)"
        )
