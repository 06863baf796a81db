"""The four miscalibrations of de Vries & Thierens (Machine Learning, 2025; arXiv 2409.16071): of the most likely class.

With m the largest probability of a row and a the strength, m becomes c(m) and the others keep their proportions:

    overprediction    c(m) = m + a sin(pi m)            underprediction   c(m) = m - a sin(pi m)
    underextremity    c(m) = m + a/2 sin(2 pi m)        overextremity     c(m) = m - a/2 sin(2 pi m)
"""

from __future__ import annotations

import abc
import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from ..laws import Law, parameter
from .base import Noise, Setting, SoftLabelMap, sample_parameter, stated

if TYPE_CHECKING:
    Strength = float | Law
else:
    Strength = parameter(0.0, 1 / math.pi)
    """Up to 1/pi, where c stops being a monotone map of [0, 1] to itself."""


@fitted
class MiscalibrationMap(SoftLabelMap):
    """The map with c(m) = m + strength * amplitude * sin(frequency pi m)."""

    strength: Any = static()
    amplitude: float = static()
    frequency: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The strength."""
        return sample_parameter(f"{self.name}.strength", self.strength)

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """The first of the largest probabilities moves to c(m), the others in proportion; exact."""
        largest = soft_labels.max(-1, keepdims=True)
        shift = parameters * self.amplitude * jnp.sin(self.frequency * jnp.pi * largest)
        rest = 1.0 - largest
        scale = 1.0 - shift / jnp.where(rest > 0, rest, jnp.inf)
        top = jax.nn.one_hot(soft_labels.argmax(-1), soft_labels.shape[-1], dtype=bool)
        moved = jnp.where(top, soft_labels + shift, soft_labels * scale)
        return jnp.where(rest > 0, moved, soft_labels)


class _Miscalibration(Noise, abc.ABC):
    """What the four share."""

    strength: Any
    depends_on = "noisy_soft_label"
    paper = "de Vries & Thierens, 2025"
    strength_field, strength_limits = "strength", (0.0, 1 / math.pi)
    amplitude: ClassVar[float]
    frequency: ClassVar[int]
    words: ClassVar[str]

    def fit(self, setting: Setting) -> MiscalibrationMap:
        """Nothing is learned."""
        return MiscalibrationMap(self.strength, self.amplitude, self.frequency, self.label)

    def explain(self) -> str:
        """In words."""
        return f"the most likely class is judged {self.words}, with strength {stated(self.strength)}"


@description
class Overprediction(_Miscalibration):
    """The most likely class is judged too likely, most of all where its probability is near one half."""

    strength: Strength
    kind: Literal["overprediction"] = "overprediction"

    summary = "soft labels: the most likely class judged too likely (over-confidence at all levels)"
    amplitude, frequency, words = 1.0, 1, "too likely"


@description
class Underprediction(_Miscalibration):
    """The most likely class is judged too unlikely, so much at times that another one takes its place."""

    strength: Strength
    kind: Literal["underprediction"] = "underprediction"

    summary = "soft labels: the most likely class judged too unlikely (under-confidence at all levels)"
    amplitude, frequency, words = -1.0, 1, "too unlikely"


@description
class Underextremity(_Miscalibration):
    """As the authors define it, c(m) = m + a/2 sin(2 pi m): below one half up, above it down, towards one half."""

    strength: Strength
    kind: Literal["underextremity"] = "underextremity"

    summary = "soft labels: the most likely class judged too close to one half"
    amplitude, frequency, words = 0.5, 2, "too close to one half"


@description
class Overextremity(_Miscalibration):
    """c(m) = m - a/2 sin(2 pi m): away from one half; with more than two classes, a top class below it is lowered."""

    strength: Strength
    kind: Literal["overextremity"] = "overextremity"

    summary = "soft labels: the most likely class judged too far from one half"
    amplitude, frequency, words = -0.5, 2, "too far from one half"
