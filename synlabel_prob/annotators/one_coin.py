"""One-coin annotators: each errs at a rate of their own, to any wrong class alike."""

from __future__ import annotations

from typing import Any, Literal

from .._lazy import jnp
from ..arrays import Confusions
from ..descriptions import description, fitted, static
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import others_alike, rates_and_destinations, stated
from .base import Annotators, ConfusionAnnotators, Count, annotator_plate, each_annotator


@fitted
class FittedOneCoin(ConfusionAnnotators):
    """A rate for each annotator."""

    rate: Any = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> Any:
        """Rates (annotators,)."""
        with annotator_plate(len(self.names)):
            return each_annotator("rate", self.rate, len(self.names))

    def confusions(self, parameters: Any) -> Confusions:
        """(1 - e) I + e (J - I) / (K - 1); exact."""
        rates = jnp.broadcast_to(parameters[:, None], (len(self.names), self.num_classes))
        return rates_and_destinations(rates, others_alike(self.num_classes))


@description
class OneCoin(Annotators):
    """Each of `count` annotators errs at a rate of their own, to any wrong class alike (the one-coin model).

    `rate` is the share of their votes that differ from the label that they start from: a number for all annotators,
    or a law from which each draws one.
    """

    count: Count
    rate: UnitParameter
    kind: Literal["one_coin"] = "one_coin"

    summary = "each errs at a rate of their own, to any wrong class alike"

    @property
    def size(self) -> int:
        """As given."""
        return self.count

    def fit(self, setting: Setting) -> FittedOneCoin:
        """Nothing is learned."""
        return FittedOneCoin(self.rate, len(setting.classes), self.names)

    def explain(self) -> str:
        """In words."""
        return f"{self.count} annotators, each wrong at rate {stated(self.rate)}, to any other class alike"
