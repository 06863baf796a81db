"""Evaluators at quasi-random points in independent replicates: of labels, of class probabilities, or of differences."""

from __future__ import annotations

import abc
import math
from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import jnp
from ..descriptions import description
from ..randomness import row_bits, sobol_words, to_uniform
from .evaluators import DEFAULT_DRAWS, Sampler, amount_in_words

Replicates = Annotated[int, Field(ge=2, le=64)]


@description
class Replicated(Sampler, abc.ABC):
    """Scrambled Sobol points with a random digital shift for each row and replicate.

    Replicates are independent of each other, so their spread gives the standard error. `draws` is rounded up to
    `replicates` times a power of two.
    """

    replicates: Replicates = 8

    @property
    def groups(self) -> int:
        """The replicates."""
        return self.replicates

    def points_per_group(self) -> int:
        """The power of two that reaches `draws`."""
        return 2 ** math.ceil(math.log2(max(1.0, (self.draws or DEFAULT_DRAWS) / self.replicates)))

    def uniforms(self, key: Any, hashes: Any, dims: int, start: int, num: int) -> Any:
        """The sequence, shifted."""
        words = sobol_words(dims, math.ceil(math.log2(start + num)))[start : start + num]
        shifts = row_bits(key, hashes, self.replicates * dims).reshape(len(hashes), self.replicates, 1, dims)
        return to_uniform(jnp.asarray(words) ^ shifts)


@description
class QuasiMonteCarlo(Replicated):
    """Labels at scrambled Sobol points with a random digital shift for each row and replicate."""

    kind: Literal["quasi_monte_carlo"] = "quasi_monte_carlo"

    summary = "randomised quasi-Monte Carlo (shifted Sobol points)"
    method = "quasi-Monte Carlo"

    def explain(self) -> str:
        """In words."""
        number = self.replicates * self.points_per_group()
        return f"randomised quasi-Monte Carlo, {amount_in_words(self, number)} in {self.replicates} replicates"


@description
class Preintegration(Replicated):
    """One direction of the hidden features integrated exactly, at each quasi-random point of what is left.

    What is averaged are probabilities, which vary smoothly with the other features, in place of labels (Griewank, Kuo,
    Leovey & Sloan, 2018). Of linear scores under a normal or Student-t law it is the direction in which scores differ
    most; else the last hidden feature, at which values of which the ground truth has to say where its label may change,
    and whose cdf given the others the prior has to know. An error says what is missing. With one hidden feature nothing
    is left to draw, and the soft label is exact.
    """

    kind: Literal["preintegration"] = "preintegration"

    summary = "one direction of the hidden features integrated exactly, the others at quasi-Monte Carlo points"
    method = "preintegration"

    def explain(self) -> str:
        """In words."""
        amount = amount_in_words(self, self.replicates * self.points_per_group(), "points")
        return f"preintegration: quasi-Monte Carlo, {amount} in {self.replicates} replicates"


@description
class Bisection(Replicated):
    """One hidden feature: the label as a step function, found by bisection, and random points that check it.

    For any ground truth, also one on the host. The label is asked at `cells` values (rounded up to a power of two)
    spread like the prior's, and where two neighbours differ the change between them is halved down to floating point;
    the prior's cdf gives the exact average of the steps. What changes between two neighbours and back is missed. So
    `draws` random points compare labels with steps, and the mean difference is added: the sum is unbiased, and the
    standard error is that of the difference, never 0.
    """

    cells: Annotated[int, Field(ge=2, le=2**16)] = 256
    kind: Literal["bisection"] = "bisection"

    summary = "one hidden feature: label changes by bisection, checked at quasi-Monte Carlo points; any ground truth"
    method = "bisection"

    @property
    def start(self) -> int:
        """How many values the label is asked at first: the power of two that reaches `cells`."""
        return 2 ** math.ceil(math.log2(self.cells))

    def explain(self) -> str:
        """In words, with what is certain and what is not."""
        amount = amount_in_words(self, self.replicates * self.points_per_group(), "points")
        return (
            f"bisection of label changes between {self.start:,} values of the hidden feature; what changes between two "
            f"of them and back is seen by chance alone, at {amount} in {self.replicates} replicates"
        )
