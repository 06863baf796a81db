"""Candidate sets (partial labels) that are alike for all rows: by a rate, by pairs of classes, or all sets alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import sample_parameter, stated
from ..table import Table
from .base import PREFIX, Observation
from .distractors import FullSet, IndependentDistractors


@fitted
class FittedCandidates(IndependentDistractors):
    """One rate for all pairs of classes, or some (true, other, rate) and 0 elsewhere."""

    rate: Any = static()
    pairs: tuple[tuple[int, int, Any], ...] = static()
    classes: tuple = static()
    full_set: FullSet = static()

    @property
    def num_classes(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """As declared."""
        return len(self.classes)

    def sample_parameters(self) -> Any:
        """q, (classes, classes)."""
        shape = (self.num_classes, self.num_classes)
        if self.rate is not None:
            return jnp.broadcast_to(sample_parameter(f"{PREFIX}.rate", self.rate), shape)
        rates = jnp.zeros(shape)
        for true, other, rate in self.pairs:
            site = f"{PREFIX}.rate.{self.classes[true]}.{self.classes[other]}"
            rates = rates.at[true, other].set(sample_parameter(site, rate))
        return rates

    def rates(self, parameters: Any, context: Any) -> Any:
        """The same for every row."""
        return parameters


@description
class Candidates(Observation):
    """The label comes with distractors: each wrong class enters the set independently of the others.

    `rate` is the probability, one for all; `rates = { cat = { dog = 0.5 } }` has it by the label and the wrong class,
    0 for pairs that are not named. `full_set` says whether all classes together can be observed, or are drawn again.
    """

    rate: UnitParameter | None = None
    rates: dict[str, dict[str, UnitParameter]] | None = None
    full_set: FullSet = "allowed"
    kind: Literal["candidates"] = "candidates"

    summary = "partial labels: each wrong class enters the set at a rate, one for all or by pairs"

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        if (self.rate is None) == (not self.rates):
            got = "both" if self.rates else "none"
            raise InputError(f"rate must be given for all classes, or `rates` by pairs of them; got {got}.")
        for name, others in (self.rates or {}).items():
            if name in others:
                raise InputError(f"rates.{name} names {name!r} itself, which is always in the set: leave it out there.")
        if self.rate == 1.0 and self.full_set == "refused":
            raise InputError('rate must be below 1 with full_set = "refused", or no set is left; got 1.')

    def report_problems(
        self, table: Table, hidden: Sequence[str], ground_truth: GroundTruth, problems: Problems
    ) -> None:
        """Unknown classes, and classes that all others always come along with although the full set is refused."""
        known = [str(value) for value in ground_truth.class_values(table)]
        named = [*(self.rates or {}), *(other for others in (self.rates or {}).values() for other in others)]
        for name in dict.fromkeys(named):
            if name not in known:
                problems.add(f"`observation.rates` names the class {name!r}: {did_you_mean(name, known)}")
        if self.full_set == "allowed":
            return
        for name, others in (self.rates or {}).items():
            if len(others) == len(known) - 1 and all(rate == 1.0 for rate in others.values()):
                problems.add(
                    f'`observation.rates.{name}` lets all other classes come along always, and full_set = "refused" '
                    "leaves no set: lower one of the rates."
                )

    def fit(self, setting: Setting) -> FittedCandidates:
        """Nothing is learned."""
        codes = {str(value): code for code, value in enumerate(setting.classes)}
        named = (self.rates or {}).items()
        pairs = [(codes[name], codes[other], rate) for name, others in named for other, rate in others.items()]
        return FittedCandidates(self.rate, tuple(pairs), setting.classes, self.full_set)

    def explain(self) -> str:
        """In words."""
        how = f"at rate {stated(self.rate)}" if self.rate is not None else "at rates by pairs of classes"
        full = "" if self.full_set == "allowed" else "; sets of all classes are drawn again"
        return f"a set that holds the label, each wrong class entering it {how}{full}"


@description
class UniformCandidates(Observation):
    """Every set of classes that holds the label, but for that of all classes, is equally likely (Feng et al., 2020).

    Such are distractors at rate 1/2 without the full set. With two classes only the label alone is left.
    """

    kind: Literal["uniform_candidates"] = "uniform_candidates"

    summary = "partial labels: all sets that hold the label alike, but for that of all classes"
    paper = "Feng et al., 2020"

    def fit(self, setting: Setting) -> FittedCandidates:
        """Nothing is learned."""
        return FittedCandidates(0.5, (), setting.classes, "refused")

    def explain(self) -> str:
        """In words."""
        return "a set that holds the label, all such sets alike but for that of all classes"
