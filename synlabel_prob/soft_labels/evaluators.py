"""How soft labels are evaluated: exactly, at plain Monte Carlo or at randomised quasi-Monte Carlo points."""

from __future__ import annotations

import abc
import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import Part, description
from ..errors import InputError
from ..randomness import row_bits, sobol_words, to_uniform

Draws = Annotated[int, Field(ge=1, le=2**30)]
Replicates = Annotated[int, Field(ge=2, le=64)]
DEFAULT_DRAWS = 1024


class Evaluator(Part, abc.ABC):
    """How soft labels are evaluated."""

    method: ClassVar[str]

    @abc.abstractmethod
    def explain(self) -> str:
        """In words."""


@description
class Exact(Evaluator):
    """Without a Monte Carlo error, or not at all: an error says why no exact route fits.

    `largest_exact` is the most evaluations of a row that an exact route may take.
    """

    largest_exact: Draws = 2**20
    kind: Literal["exact"] = "exact"

    summary = "exact, or an error that says why not"
    method = "exact"

    def explain(self) -> str:
        """In words."""
        return "an exact route"


@description
class Drawing(Evaluator, abc.ABC):
    """How many evaluations a row gets where they are at random points.

    Give `draws`, the evaluations of each row, or `target_standard_error`: then rows whose largest standard error is
    above it get twice as many, again and again, up to `largest_draws`.
    """

    draws: Draws | None = Field(default=None, kw_only=True)
    target_standard_error: Annotated[float, Field(gt=0, lt=1)] | None = Field(default=None, kw_only=True)
    largest_draws: Draws = Field(default=2**20, kw_only=True)

    def __post_init__(self) -> None:
        """One of the two."""
        if self.draws is not None and self.target_standard_error is not None:
            raise InputError("draws and target_standard_error exclude each other: give one of them.")


@description
class Sampler(Drawing, abc.ABC):
    """Which points a row gets; they fall into `groups` (replicates) that are random independently."""

    @property
    @abc.abstractmethod
    def groups(self) -> int:
        """How many independent groups of points each row has."""

    @abc.abstractmethod
    def points_per_group(self) -> int:
        """Of a group: all points, or the first ones where there is a target."""

    @abc.abstractmethod
    def uniforms(self, key: Any, hashes: Any, dims: int, start: int, num: int) -> Any:
        """Points `start` to `start + num` of each group, (rows, groups, num, dims), from row hashes (rows, 2)."""

    def blocks(self, largest: int) -> list[tuple[int, int]]:
        """(start, number) of the points of a group, in pieces of at most `largest`."""
        total = self.points_per_group()
        return _pieces(0, total, largest)

    def further_blocks(self, done: int, largest: int) -> list[tuple[int, int]]:
        """The pieces that double `done` points; none once `largest_draws` would be passed."""
        return _pieces(done, 2 * done, largest) if 2 * done * self.groups <= self.largest_draws else []


def _pieces(start: int, stop: int, largest: int) -> list[tuple[int, int]]:
    return [(first, min(largest, stop - first)) for first in range(start, stop, largest)]


@description
class MonteCarlo(Sampler):
    """Independent draws; each row has its own."""

    kind: Literal["monte_carlo"] = "monte_carlo"

    summary = "independent draws"
    method = "Monte Carlo"

    @property
    def groups(self) -> int:
        """One."""
        return 1

    def points_per_group(self) -> int:
        """`draws`."""
        return self.draws or DEFAULT_DRAWS

    def uniforms(self, key: Any, hashes: Any, dims: int, start: int, num: int) -> Any:
        """Random words of the row and of the piece."""
        bits = row_bits(jax.random.fold_in(key, start), hashes, num * dims)
        return to_uniform(bits).reshape(len(hashes), 1, num, dims)

    def explain(self) -> str:
        """In words."""
        return f"Monte Carlo, {_amount(self, self.points_per_group())}"


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
        return f"randomised quasi-Monte Carlo, {_amount(self, number)} in {self.replicates} replicates"


@description
class Preintegration(Replicated):
    """The last hidden feature integrated exactly at each quasi-random point of the others.

    What is averaged are probabilities, which vary smoothly with the other features, in place of labels (Griewank, Kuo,
    Leovey & Sloan, 2018). The ground truth has to say at which values of the last feature its label may change, the
    prior has to know the cdf of that feature given the others; an error says which of the two is missing. With one
    hidden feature nothing is left to draw, and the soft label is exact.
    """

    kind: Literal["preintegration"] = "preintegration"

    summary = "the last hidden feature integrated exactly, the others at quasi-Monte Carlo points"
    method = "preintegration"

    def explain(self) -> str:
        """In words."""
        amount = _amount(self, self.replicates * self.points_per_group(), "points")
        return (
            f"preintegration: the last hidden feature exactly, {amount} of the others in {self.replicates} replicates"
        )


@description
class Automatic(Drawing):
    """Exact where the ground truth and the prior allow it, else randomised quasi-Monte Carlo.

    An exact route is taken up to `largest_exact` evaluations of a row. Draws and targets are for where there is none.
    """

    largest_exact: Draws = 2**13
    replicates: Replicates = 8
    kind: Literal["automatic"] = "automatic"

    summary = "exact where there is a route, else quasi-Monte Carlo; the default"
    method = "exact or quasi-Monte Carlo"

    @property
    def sampler(self) -> QuasiMonteCarlo:
        """What is used where no exact route fits."""
        return QuasiMonteCarlo(self.replicates, **self._amount)

    @property
    def smooth_sampler(self) -> Preintegration:
        """What is used where no exact route fits and the last hidden feature can be integrated at little cost."""
        return Preintegration(self.replicates, **self._amount)

    @property
    def _amount(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("draws", "target_standard_error", "largest_draws")}

    def explain(self) -> str:
        """In words."""
        sampled = self.sampler.explain()
        return f"the first exact route of at most {self.largest_exact:,} evaluations, where there is none by {sampled}"


def _amount(evaluator: Drawing, number: int, what: str = "evaluations") -> str:
    if evaluator.target_standard_error is None:
        return f"{number:,} {what} a row"
    return f"from {number:,} {what} a row on, doubled up to standard error {evaluator.target_standard_error:g}"
