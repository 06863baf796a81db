"""More often where the class is less clear: by the margin, its polynomials (Zhang et al., 2021), or the entropy."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...laws import ScaleParameter
from .. import probabilities as by
from ..base import Setting, sample_parameter
from .base import FittedWeight, Weight, power


@fitted
class MarginWeight(FittedWeight):
    """(1 - m)^exponent with m the margin between the two most likely classes."""

    exponent: Any = static()
    reads_probabilities = True

    def sample_parameters(self, prefix: str) -> Any:
        """The exponent."""
        return sample_parameter(f"{prefix}.exponent", self.exponent)

    def context(self, source: Any) -> Any:
        """1 - m, (..., 1)."""
        return 1.0 - margins(source)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        return power(context, parameters)

    def once_drawn(self) -> MarginWeight:
        """The exponent is a parameter."""
        return MarginWeight(0.0)


def margins(probabilities: Any) -> Any:
    """The largest minus the second largest of the last axis, (..., 1)."""
    ordered = by.ordered(probabilities)
    return ordered[..., -1:] - ordered[..., -2:-1]


@description
class ByMargin(by.GoesByProbabilities, Weight):  # pyright: ignore[reportIncompatibleVariableOverride]
    """(1 - margin)^exponent, the margin being that between the two most likely classes.

    `source` says whose probabilities: the `ground_truth`'s at the row's features, hidden ones included, or those of the
    row's `soft_label` before any noise. `exponent` says how fast the weight falls with the margin.
    """

    source: by.Source = "ground_truth"
    exponent: ScaleParameter = 1.0
    kind: Literal["by_margin"] = "by_margin"

    summary = "where the two most likely classes are close"
    paper = "Menon et al., 2018"

    def fit(self, setting: Setting) -> MarginWeight:
        """Nothing is learned."""
        return MarginWeight(self.exponent)

    def explain(self) -> str:
        """In words."""
        return f"where the margin of {by.words(self.source)} is small"


@fitted
class PolynomialMarginWeight(FittedWeight):
    """1 - the mean of m^power over `powers`, with m the margin."""

    powers: tuple[int, ...] = static()
    reads_probabilities = True

    def context(self, source: Any) -> Any:
        """The weights themselves, (..., 1)."""
        margin = margins(source)
        return 1.0 - sum(margin**each for each in self.powers) / len(self.powers)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        return jnp.asarray(context)


@description
class ByPolynomialMargin(by.GoesByProbabilities, Weight):  # pyright: ignore[reportIncompatibleVariableOverride]
    """The three forms of polynomial margin noise (Zhang et al., 2021; arXiv 2103.07756), m being the margin.

    `form` 1 is 1 - m^2, 2 is 1 - m^3, 3 is 1 - (m + m^2 + m^3) / 3. `source` says whose probabilities, as in
    `by_margin`. Their code keeps noise where the margin is 1; here there is none.
    """

    source: by.Source = "ground_truth"
    form: Literal[1, 2, 3] = 1
    kind: Literal["by_polynomial_margin"] = "by_polynomial_margin"

    summary = "where the margin is small, by one of three polynomials (PMD)"
    paper = "Zhang et al., 2021"

    def fit(self, setting: Setting) -> PolynomialMarginWeight:
        """Nothing is learned."""
        powers = {1: (2,), 2: (3,), 3: (1, 2, 3)}[self.form]
        return PolynomialMarginWeight(powers)

    def explain(self) -> str:
        """In words."""
        return f"where the margin of {by.words(self.source)} is small (polynomial {self.form})"


@fitted
class EntropyWeight(FittedWeight):
    """Entropy over log K, to the power of an exponent."""

    exponent: Any = static()
    reads_probabilities = True

    def sample_parameters(self, prefix: str) -> Any:
        """The exponent."""
        return sample_parameter(f"{prefix}.exponent", self.exponent)

    def context(self, source: Any) -> Any:
        """Entropy over log K, (..., 1)."""
        array = np if isinstance(source, np.ndarray) else jnp
        logs = array.log(array.where(source > 0, source, 1.0))
        share = -(source * logs).sum(-1, keepdims=True) / np.log(source.shape[-1])
        return array.clip(share, 0.0, 1.0)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        return power(context, parameters)

    def once_drawn(self) -> EntropyWeight:
        """The exponent is a parameter."""
        return EntropyWeight(0.0)


@description
class ByEntropy(by.GoesByProbabilities, Weight):  # pyright: ignore[reportIncompatibleVariableOverride]
    """(entropy / log K)^exponent of the class probabilities.

    `source` says whose probabilities, as in `by_margin`. `exponent` says how fast the weight falls with the entropy.
    """

    source: by.Source = "ground_truth"
    exponent: ScaleParameter = 1.0
    kind: Literal["by_entropy"] = "by_entropy"

    summary = "where the class probabilities are spread (entropy)"

    def fit(self, setting: Setting) -> EntropyWeight:
        """Nothing is learned."""
        return EntropyWeight(self.exponent)

    def explain(self) -> str:
        """In words."""
        return f"where the entropy of {by.words(self.source)} is large"
