"""Soft labels on a scale of few steps, as people give them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from .base import Noise, Setting, SoftLabelKernel, SoftLabelMap


@fitted
class RatingScaleMap(SoftLabelMap):
    """The nearest soft label whose entries are multiples of 1 / steps."""

    steps: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The number of steps."""
        return jnp.asarray(float(self.steps))

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """By largest remainders, ties to the first classes; exact, and the same when done twice."""
        # Multiples of a step that rounding has put just below them count as they are.
        units = soft_labels * self.steps
        units = jnp.where(jnp.abs(units - jnp.round(units)) < 1e-9 * self.steps, jnp.round(units), units)
        whole = jnp.floor(units)
        missing = self.steps - whole.sum(-1, keepdims=True)
        order = jnp.argsort(-(units - whole), axis=-1, stable=True)
        ranks = jnp.argsort(order, axis=-1, stable=True)
        return (whole + (ranks < missing)) / self.steps


@fitted
class RandomRatingScale(SoftLabelKernel):
    """Entries rounded up or down at random, means kept: whole steps, and the rest by systematic sampling."""

    steps: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The number of steps."""
        return jnp.asarray(float(self.steps))

    def perturbed(self, key: Any, parameters: Any, soft_label: Any) -> Any:
        """One uniform a row puts a step wherever it falls between the ends of two classes."""
        ends = jnp.cumsum(soft_label) / soft_label.sum() * self.steps
        ends = jnp.where(jnp.abs(ends - jnp.round(ends)) < 1e-9 * self.steps, jnp.round(ends), ends)
        start = jax.random.uniform(key, (), soft_label.dtype)
        picked = jnp.ceil(ends - start)
        return jnp.diff(picked, prepend=0.0) / self.steps


@description
class RatingScale(Noise):
    """Probabilities are given in multiples of 1 / `steps`: 10 steps are tenths.

    `rounding` is to the nearest soft label there is (largest remainders, ties to the first class), or `random`, up or
    down such that the mean stays.
    """

    steps: Annotated[int, Field(ge=1, le=10**6)]
    rounding: Literal["nearest", "random"] = "nearest"
    kind: Literal["rating_scale"] = "rating_scale"

    summary = "soft labels: in multiples of a step, nearest or at random"
    paper = "Manski & Molinari, 2010"
    depends_on = "noisy_soft_label"

    @property
    def is_random_map(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where it rounds at random."""
        return self.rounding == "random"

    def fit(self, setting: Setting) -> RatingScaleMap | RandomRatingScale:
        """Nothing is learned."""
        made = RatingScaleMap if self.rounding == "nearest" else RandomRatingScale
        return made(self.steps, self.label)

    def explain(self) -> str:
        """In words."""
        how = "rounded" if self.rounding == "nearest" else "rounded up or down at random"
        return f"soft labels are {how} to multiples of 1/{self.steps}"
