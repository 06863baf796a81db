"""MACE (Hovy, Berg-Kirkpatrick, Vaswani & Hovy, NAACL 2013): annotators who at times do not look at the row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import dist, jnp, numpyro
from ..arrays import Confusions
from ..descriptions import description, fitted, static
from ..laws import Beta, UnitParameter
from ..noise import Setting
from ..noise.base import stated
from .base import PREFIX, Annotators, ConfusionAnnotators, Count, annotator_plate, each_annotator


@fitted
class FittedMACE(ConfusionAnnotators):
    """A trust and a habit for each annotator."""

    trust: Any = static()
    concentration: float = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> tuple[Any, Any]:
        """Trust (annotators,), and what each says without a look, (annotators, classes)."""
        with annotator_plate(len(self.names)):
            trust = each_annotator("trust", self.trust, len(self.names))
            habits = dist.Dirichlet(jnp.full(self.num_classes, self.concentration))
            return trust, numpyro.sample(f"{PREFIX}.habit", habits, infer={"event_dims": ["class"]})

    def confusions(self, parameters: tuple[Any, Any]) -> Confusions:
        """T = trust I + (1 - trust) 1 habit'; exact."""
        trust, habit = parameters[0][:, None, None], parameters[1]
        return trust * jnp.eye(self.num_classes) + (1.0 - trust) * habit[:, None, :]


@description
class MACE(Annotators):
    """Each of `count` annotators gives the true label with probability `trust`, and else says what they are wont to.

    `trust` is a number for all, or a law from which each draws one. What an annotator says without a look is a class
    distribution of their own, drawn from Dirichlet(concentration): small makes them say one class always, large all
    alike. A vote without a look can be right by chance.
    """

    count: Count
    trust: UnitParameter = Beta(0.5, 0.5)
    concentration: Annotated[float, Field(gt=0)] = 10.0
    kind: Literal["mace"] = "mace"

    summary = "the true label, or at times one by habit without a look (MACE)"

    @property
    def size(self) -> int:
        """As given."""
        return self.count

    def fit(self, setting: Setting) -> FittedMACE:
        """Nothing is learned."""
        return FittedMACE(self.trust, self.concentration, len(setting.classes), self.names)

    def explain(self) -> str:
        """In words."""
        return (
            f"{self.count} annotators who give the true label with probability {stated(self.trust)}, and else speak by "
            f"a habit of their own (Dirichlet with concentration {self.concentration:g})"
        )
