"""Candidate sets whose distractors are the likely wrong classes of the row."""

from __future__ import annotations

from typing import Any, Literal

from .._lazy import jnp
from ..annotators import Sources
from ..descriptions import description, fitted, static
from ..errors import InputError
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import sample_parameter, stated
from .base import PREFIX, Observation
from .distractors import FullSet, IndependentDistractors


@fitted
class FittedLikelyCandidates(IndependentDistractors):
    """q_yj = rate p_j / max of p over the classes other than y; 0 where all of these have none."""

    rate: Any = static()
    full_set: FullSet = static()
    num_classes: int = static()

    @property
    def needs(self) -> frozenset[str]:
        """The soft label before any noise."""
        return frozenset({"soft_label"})

    def sample_parameters(self) -> Any:
        """The rate."""
        return sample_parameter(f"{PREFIX}.rate", self.rate)

    def context(self, sources: Sources) -> Any:
        """p_j / max, (rows, classes y, classes j), 0 on the diagonal."""
        wrong = jnp.where(self._own, 0.0, jnp.asarray(sources.soft_label)[:, None, :])
        top = wrong.max(-1, keepdims=True)
        return jnp.where(top > 0, wrong / jnp.where(top > 0, top, 1.0), 0.0)

    def rates(self, parameters: Any, context: Any) -> Any:
        """One a row."""
        return parameters * jnp.asarray(context)


@description
class LikelyCandidates(Observation):
    """Wrong classes come along in proportion to the row's soft label before any noise (after Xu et al., 2021: VALEN).

    Class j enters the set of a label y with probability rate * p_j / max over k other than y of p_k, so `rate` is that
    of the likeliest wrong class; at 1, their form, this one always comes along. `full_set` is as in `candidates`.
    """

    rate: UnitParameter
    full_set: FullSet = "allowed"
    kind: Literal["likely_candidates"] = "likely_candidates"

    summary = "partial labels: wrong classes enter in proportion to the row's soft label"
    paper = "Xu et al., 2021"

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        if self.rate == 1.0 and self.full_set == "refused":
            raise InputError('rate must be below 1 with full_set = "refused", or no set may be left; got 1.')

    @property
    def needs(self) -> frozenset[str]:
        """The soft label before any noise."""
        return frozenset({"soft_label"})

    def fit(self, setting: Setting) -> FittedLikelyCandidates:
        """Nothing is learned."""
        return FittedLikelyCandidates(self.rate, self.full_set, len(setting.classes))

    def explain(self) -> str:
        """In words."""
        full = "" if self.full_set == "allowed" else "; sets of all classes are drawn again"
        return (
            "a set that holds the label, wrong classes entering it in proportion to the row's soft label, the "
            f"likeliest at rate {stated(self.rate)}{full}"
        )
