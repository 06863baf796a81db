"""Annotators of ordered classes: a noisy reading of where the label stands, cut at the middles between classes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._lazy import jax, jnp
from ..arrays import Confusions
from ..descriptions import description, fitted, static
from ..errors import InputError
from ..laws import Normal, PositiveParameter, RealParameter
from ..noise import Setting
from ..noise.base import stated
from .base import Annotators, ConfusionAnnotators, Count, annotator_plate, each_annotator


@fitted
class FittedOrdinalThresholds(ConfusionAnnotators):
    """A bias and a scale for each annotator."""

    bias: Any = static()
    scale: Any = static()
    num_classes: int = static()
    names: tuple[str, ...] = static()

    def sample_parameters(self) -> tuple[Any, Any]:
        """Biases and scales, each (annotators,)."""
        with annotator_plate(len(self.names)):
            bias = each_annotator("bias", self.bias, len(self.names))
            return bias, each_annotator("scale", self.scale, len(self.names))

    def confusions(self, parameters: tuple[Any, Any]) -> Confusions:
        """Differences of normal cdfs at the middles between classes; exact."""
        bias, scale = (value[:, None, None] for value in parameters)
        middles = np.arange(self.num_classes - 1) + 0.5
        distance = middles - np.arange(self.num_classes)[:, None]  # (true, middle)
        return _between((distance - bias) / scale)


def _between(scores: Any) -> Any:
    """Probabilities of the intervals that ordered scores (..., cuts) divide a standard normal into.

    An interval above 0 is measured from above, where the cdf itself would lose the digits.
    """
    infinite = jnp.full((*scores.shape[:-1], 1), jnp.inf)
    ends = jnp.concatenate([-infinite, scores, infinite], -1)
    low, high = ends[..., :-1], ends[..., 1:]
    cdf = jax.scipy.stats.norm.cdf
    return jnp.where(low > 0, cdf(-low) - cdf(-high), cdf(high) - cdf(low))


@description
class OrdinalThresholds(Annotators):
    """Each of `count` annotators reads where the label stands among ordered classes, and says the nearest class.

    Class k stands at k, in the declared order of the classes, whatever they are. The reading is k + bias + scale * e
    with e standard normal, so a `bias` of 1 is one class up and a `scale` of 1 an error of about one class; each is a
    number for all annotators, or a law from which each draws one.
    """

    count: Count
    bias: RealParameter = Normal(0.0, 0.5)
    scale: PositiveParameter = 0.5
    kind: Literal["ordinal_thresholds"] = "ordinal_thresholds"

    summary = "ordered classes: a bias and a scale each, so that near classes are confused"

    def __post_init__(self) -> None:
        if self.scale == 0.0:
            raise InputError("scale must be above 0; got 0: a small number such as 0.01 makes hardly any errors.")

    @property
    def size(self) -> int:
        """As given."""
        return self.count

    def fit(self, setting: Setting) -> FittedOrdinalThresholds:
        """Nothing is learned."""
        return FittedOrdinalThresholds(self.bias, self.scale, len(setting.classes), self.names)

    def explain(self) -> str:
        """In words."""
        return (
            f"{self.count} annotators who read where the label stands in the order of the classes, with bias "
            f"{stated(self.bias)} and scale {stated(self.scale)}"
        )
