"""Over- and under-confidence: probabilities raised to a power."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..laws import Law, PositiveParameter
from .base import Noise, Setting, SoftLabelMap, sample_parameter, stated


@fitted
class TemperatureMap(SoftLabelMap):
    """p' proportional to p to the power 1 / temperature."""

    temperature: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The temperature."""
        return sample_parameter(f"{self.name}.temperature", self.temperature)

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """In logarithms relative to the largest; zeros stay zeros; exact."""
        possible = soft_labels > 0
        logs = jnp.log(jnp.where(possible, soft_labels, 1.0))
        logs = jnp.where(possible, logs - jnp.where(possible, logs, -jnp.inf).max(-1, keepdims=True), 0.0)
        warm = jnp.where(parameters > 0, parameters, 1.0)
        shares = jnp.where(parameters > 0, jnp.exp(logs / warm), logs == 0)
        raised = jnp.where(possible, shares, 0.0)
        moved = raised / raised.sum(-1, keepdims=True)
        return jnp.where(parameters == 1.0, soft_labels, moved)


@description
class Temperature(Noise):
    """Probabilities are raised to the power 1 / temperature and normalised (Guo et al., 2017: temperature scaling).

    Below 1 people are too sure, above 1 not sure enough; at 0 the most likely class is all that is left. Certain labels
    stay certain, and the order of the classes is kept.
    """

    temperature: PositiveParameter
    kind: Literal["temperature"] = "temperature"

    summary = "soft labels: too sure (temperature below 1) or not sure enough (above 1)"
    paper = "Guo et al., 2017"
    strength_field = "temperature"
    depends_on = "noisy_soft_label"

    def at_strength(self, share: float) -> Temperature:
        """On the side of 1 that it is on: down to 0, or up without end."""
        below = not isinstance(self.temperature, Law) and self.temperature < 1
        return dataclasses.replace(self, temperature=1.0 - share if below else 1.0 / (1.0 - share))

    def fit(self, setting: Setting) -> TemperatureMap:
        """Nothing is learned."""
        return TemperatureMap(self.temperature, self.label)

    def explain(self) -> str:
        """In words."""
        return f"soft labels are sharpened or flattened by temperature {stated(self.temperature)}"
