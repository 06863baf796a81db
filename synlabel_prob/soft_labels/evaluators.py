"""How soft labels are evaluated: exactly, or at points that are drawn, how many and which."""

from __future__ import annotations

import abc
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from .._lazy import jax
from ..descriptions import Part, description
from ..errors import InputError
from ..randomness import row_bits, to_uniform

Draws = Annotated[int, Field(ge=1, le=2**30)]
DEFAULT_DRAWS = 1024
AMOUNTS = ("draws", "target_standard_error", "target_plurality")
"""Fields of which one says how many evaluations a row gets."""


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

    Give `draws`, the evaluations of each row, or a target: then rows that have not reached it get twice as many, again
    and again, up to `largest_draws`. `target_standard_error` is reached where the largest standard error of a row is
    below it, `target_plurality` where it is certain at that level which class is the likeliest.
    """

    draws: Draws | None = Field(default=None, kw_only=True)
    target_standard_error: Annotated[float, Field(gt=0, lt=1)] | None = Field(default=None, kw_only=True)
    target_plurality: Annotated[float, Field(ge=0.5, lt=1)] | None = Field(default=None, kw_only=True)
    largest_draws: Draws = Field(default=2**20, kw_only=True)

    def __post_init__(self) -> None:
        """One of the three."""
        given = [name for name in AMOUNTS if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)} exclude each other: give one of them.")

    @property
    def has_target(self) -> bool:
        """Whether rows get points until they have reached something."""
        return self.target_standard_error is not None or self.target_plurality is not None


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
        return f"Monte Carlo, {amount_in_words(self, self.points_per_group())}"


def amount_in_words(evaluator: Drawing, number: int, what: str = "evaluations") -> str:
    """How many evaluations a row gets, or from how many on."""
    if not evaluator.has_target:
        return f"{number:,} {what} a row"
    if evaluator.target_plurality is not None:
        end = f"a likeliest class that is certain at {evaluator.target_plurality:g}"
    else:
        end = f"standard error {evaluator.target_standard_error:g}"
    return f"from {number:,} {what} a row on, doubled up to {end}"
