"""Hammers and spammers (Karger, Oh & Shah, Operations Research 62, 2014): right always, or without a look."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..arrays import Confusions
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import sample_parameter, stated
from ..table import Table
from .base import PREFIX, Annotators, ConfusionAnnotators, Count, annotator_plate, shares_by_class


@fitted
class FittedHammerSpammer(ConfusionAnnotators):
    """Annotators of two types; `says (classes,)` is the law of what spammers say."""

    says: np.ndarray
    hammers: Any = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> Any:
        """Which annotators are hammers, (annotators,); their share is drawn once for all where it is a law."""
        share = sample_parameter(f"{PREFIX}.hammers", self.hammers)
        with annotator_plate(len(self.names)):
            return numpyro.sample(f"{PREFIX}.is_hammer", dist.Bernoulli(probs=share))

    def confusions(self, parameters: Any) -> Confusions:
        """The identity for a hammer; for a spammer every row is what spammers say; exact given the types."""
        return jnp.where(jnp.asarray(parameters)[:, None, None] == 1, jnp.eye(len(self.says)), jnp.asarray(self.says))


@description
class HammerSpammer(Annotators):
    """Each of `count` annotators is a hammer, who is always right, or a spammer, who votes without a look at the row.

    An annotator is a hammer with probability `hammers`, for all of their votes: a number, or a law from which the
    share is drawn once. `says` gives what spammers say by class (a class that is not named is never said); without it
    they say each class alike.
    """

    count: Count
    hammers: UnitParameter
    says: dict[str, Annotated[float, Field(ge=0)]] | None = None
    kind: Literal["hammer_spammer"] = "hammer_spammer"

    summary = "some always right, the others without a look at the row"

    def __post_init__(self) -> None:
        if self.says is not None and abs(sum(self.says.values()) - 1) > 1e-6:
            raise InputError(f"says must sum to 1; it sums to {sum(self.says.values()):g}.")

    @property
    def size(self) -> int:
        """As given."""
        return self.count

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.says or {}:
            if name not in known:
                problems.add(f"`annotation.annotators.says` names the class {name!r}: {did_you_mean(name, known)}")

    def fit(self, setting: Setting) -> FittedHammerSpammer:
        """Nothing is learned."""
        return FittedHammerSpammer(shares_by_class(self.says, setting.classes), self.hammers, self.names)

    def explain(self) -> str:
        """In words."""
        said = "each class alike" if self.says is None else "classes by the given probabilities"
        return (
            f"{self.count} annotators, each always right with probability {stated(self.hammers)}, else a spammer who "
            f"says {said}"
        )
