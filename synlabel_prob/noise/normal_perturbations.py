"""Random soft labels by normal deviates, on the logarithms of the probabilities or on the probabilities themselves."""

from __future__ import annotations

import abc
import functools
import math
from typing import Any, Literal

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from ..laws import PositiveParameter
from ..randomness import sobol_words
from .base import Noise, Setting, SoftLabelKernel, sample_parameter, stated

_LOG2_POINTS = 9


class NormalKernel(SoftLabelKernel):
    """p' is a function of p and of independent standard normals."""

    @abc.abstractmethod
    def num_normals(self, num_classes: int) -> int:
        """How many."""

    @abc.abstractmethod
    def moved(self, parameters: Any, soft_labels: Any, normals: Any) -> Any:
        """P' (..., classes) given normals (..., number)."""

    def perturbed(self, key: Any, parameters: Any, soft_label: Any) -> Any:
        """With normals from the key."""
        count = self.num_normals(soft_label.shape[-1])
        return self.moved(parameters, soft_label, jax.random.normal(key, (count,), soft_label.dtype))

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """E[p'] by quasi-Monte Carlo: 512 points, the same for all rows."""
        points = jnp.asarray(normal_points(self.num_normals(soft_labels.shape[-1])), soft_labels.dtype)

        def add(total: Any, normals: Any) -> tuple[Any, None]:
            return total + self.moved(parameters, soft_labels, normals), None

        total, _ = jax.lax.scan(add, jnp.zeros_like(soft_labels), points)
        return total / len(points)


@functools.lru_cache(maxsize=32)
def normal_points(dims: int) -> np.ndarray:
    """Standard normals at scrambled Sobol points, (512, dims)."""
    from scipy.special import ndtri

    return ndtri((sobol_words(dims, _LOG2_POINTS) + 0.5) * 2.0**-32)


@fitted
class LogisticNormalKernel(NormalKernel):
    """softmax(log p + scale e)."""

    scale: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The scale."""
        return sample_parameter(f"{self.name}.scale", self.scale)

    def num_normals(self, num_classes: int) -> int:
        """One a class."""
        return num_classes

    def moved(self, parameters: Any, soft_labels: Any, normals: Any) -> Any:
        """Zeros stay zeros; exact."""
        possible = soft_labels > 0
        logs = jnp.log(jnp.where(possible, soft_labels, 1.0)) + parameters * normals
        moved = jax.nn.softmax(jnp.where(possible, logs, -jnp.inf), -1)
        return jnp.where(parameters == 0, soft_labels, moved)


@description
class LogisticNormal(Noise):
    """Normal noise on the logarithms of the probabilities: softmax(log p + scale e).

    Means move towards even probabilities; certain labels stay certain.
    """

    scale: PositiveParameter
    kind: Literal["logistic_normal"] = "logistic_normal"

    summary = "soft labels: normal noise on the log-probabilities"
    is_random_map = True
    strength_field, strength_limits = "scale", (0.0, math.inf)
    depends_on = "noisy_soft_label"

    def fit(self, setting: Setting) -> LogisticNormalKernel:
        """Nothing is learned."""
        return LogisticNormalKernel(self.scale, self.label)

    def explain(self) -> str:
        """In words."""
        return f"normal noise of deviation {stated(self.scale)} on the log-probabilities of each soft label"


@fitted
class GaussianKernel(NormalKernel):
    """The point of the simplex nearest to p + scale e."""

    scale: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The scale."""
        return sample_parameter(f"{self.name}.scale", self.scale)

    def num_normals(self, num_classes: int) -> int:
        """One a class."""
        return num_classes

    def moved(self, parameters: Any, soft_labels: Any, normals: Any) -> Any:
        """Projected; exact."""
        return jnp.where(parameters == 0, soft_labels, onto_simplex(soft_labels + parameters * normals))


def onto_simplex(values: Any) -> Any:
    """The nearest point of the probability simplex, (..., classes) (Duchi et al., 2008); exact."""
    ordered = -jnp.sort(-values, -1)
    excess = jnp.cumsum(ordered, -1) - 1.0
    counts = jnp.arange(1, values.shape[-1] + 1)
    kept = (ordered - excess / counts > 0).sum(-1, keepdims=True)
    threshold = jnp.take_along_axis(excess, kept - 1, -1) / kept
    projected = jnp.maximum(values - threshold, 0.0)
    return projected / projected.sum(-1, keepdims=True)


@description
class GaussianPerturbation(Noise):
    """Normal noise on the probabilities, then the nearest soft label there is (projection onto the simplex).

    Without the projection, as in the authors' code, a third of the entries of certain labels turn negative at scale
    0.2.
    """

    scale: PositiveParameter
    kind: Literal["gaussian"] = "gaussian"

    summary = "soft labels: normal noise on the probabilities, projected onto the simplex"
    paper = "de Vries & Thierens, 2023"
    is_random_map = True
    strength_field, strength_limits = "scale", (0.0, math.inf)
    depends_on = "noisy_soft_label"

    def fit(self, setting: Setting) -> GaussianKernel:
        """Nothing is learned."""
        return GaussianKernel(self.scale, self.label)

    def explain(self) -> str:
        """In words."""
        return f"normal noise of deviation {stated(self.scale)} on each soft label, projected onto the simplex"
