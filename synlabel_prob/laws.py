"""Distributions of unknown parameters, as records: compared by value, written as one inline table.

NumPyro's own objects compare by identity and have no `repr` that can be pasted back; a law holds the family's
NumPyro name and its arguments and is built when the model is.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from ._lazy import dist
from .descriptions import description, shown
from .errors import InputError, did_you_mean

Positive = Annotated[float, Field(gt=0)]


class Law:
    """A NumPyro distribution by its name and plain arguments; `build` makes it."""

    low: ClassVar[float] = -math.inf
    high: ClassVar[float] = math.inf

    def build(self) -> Any:
        """The NumPyro distribution."""
        arguments = {name: getattr(self, name) for name in _argument_names(type(self))}
        return getattr(dist, type(self).__name__)(**arguments)

    def stated(self) -> str:
        """As a reader sees it: `Beta(2, 8)`."""
        arguments = ", ".join(f"{getattr(self, name):g}" for name in _argument_names(type(self)))
        return f"{type(self).__name__}({arguments})"

    def support(self) -> tuple[float, float]:
        """The smallest interval that holds every value."""
        return self.low, self.high


@description
class Beta(Law):
    """On [0, 1], mean concentration1 / (concentration1 + concentration0)."""

    concentration1: Positive
    concentration0: Positive
    dist: Literal["Beta"] = "Beta"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0


@description
class Uniform(Law):
    """Flat from `low` to `high`."""

    low: float = Field()  # without it the bounds of every law would be its defaults
    high: float = Field()
    dist: Literal["Uniform"] = "Uniform"

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(f"low must be below high; got low = {self.low} and high = {self.high}.")


@description
class Normal(Law):
    """Mean `loc`, standard deviation `scale`."""

    loc: float
    scale: Positive
    dist: Literal["Normal"] = "Normal"


@description
class HalfNormal(Law):
    """Above 0, the absolute value of a normal with standard deviation `scale`."""

    scale: Positive
    dist: Literal["HalfNormal"] = "HalfNormal"
    low: ClassVar[float] = 0.0


@description
class LogNormal(Law):
    """Above 0, the logarithm is normal with mean `loc` and standard deviation `scale`."""

    loc: float
    scale: Positive
    dist: Literal["LogNormal"] = "LogNormal"
    low: ClassVar[float] = 0.0


@description
class Gamma(Law):
    """Above 0, mean concentration / rate."""

    concentration: Positive
    rate: Positive
    dist: Literal["Gamma"] = "Gamma"
    low: ClassVar[float] = 0.0


@description
class Exponential(Law):
    """Above 0, mean 1 / rate."""

    rate: Positive
    dist: Literal["Exponential"] = "Exponential"
    low: ClassVar[float] = 0.0


def families() -> dict[str, type[Law]]:
    """The allowed laws by their NumPyro name."""
    return {law.__name__: law for law in (Beta, Uniform, Normal, HalfNormal, LogNormal, Gamma, Exponential)}


def read(value: Any) -> float | Law:
    """A parameter as a user gives it (number, law, its table, a NumPyro distribution) as number or law.

    Raises:
        InputError: it is none of these, or a family that is not on the list.
    """
    if isinstance(value, Law):
        return value
    if isinstance(value, (bool, str)):
        raise InputError(f'must be a number or a law such as {{ dist = "Beta", ... }}; got {shown(value)}.')
    if isinstance(value, dict):
        return _from_table(value)
    if hasattr(value, "log_prob") and hasattr(value, "arg_constraints"):
        return _from_numpyro(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"must be a number or a law; got {shown(value)}.") from None


def _from_table(table: dict) -> Law:
    name = table.get("dist")
    if name not in families():
        raise InputError(f"names the law {shown(name)}, which is not known: {did_you_mean(str(name), families())}")
    return families()[name](**{key: item for key, item in table.items() if key != "dist"})


def _from_numpyro(distribution: Any) -> Law:
    name = type(distribution).__name__
    law = families().get(name)
    if law is None:
        raise InputError(f"is the NumPyro distribution {name}, which is not known: {did_you_mean(name, families())}")
    return law(**{field: float(getattr(distribution, field)) for field in _argument_names(law)})


def _argument_names(law: type[Law]) -> list[str]:
    return [field.name for field in dataclasses.fields(law) if field.name != "dist"]  # type: ignore[arg-type]


def parameter(low: float, high: float, *, above: bool = False) -> Any:
    """The annotation of a number from `low` to `high` (both may be infinite), or a law on that interval.

    With `above` the number itself must be above `low`.
    """
    bounded, anything = math.isfinite(high), math.isinf(low)
    least_number = f" above {low:g}" if above else f" of at least {low:g}"
    numbers = f" from {low:g} to {high:g}" if bounded else "" if anything else least_number
    interval = "" if anything else f" on [{low:g}, {f'{high:g}]' if bounded else 'infinity)'}"
    words = f"a number{numbers}, or a law{interval}"

    def checked(value: Any) -> float | Law:
        made = read(value)
        is_law = isinstance(made, Law)
        least, most = made.support() if is_law else (made, made)
        if not (least >= low and most <= high) or (not is_law and (math.isinf(made) or (above and made == low))):
            raise InputError(f"must be {words}; got {shown(value)}.")
        return made

    lowest = "exclusiveMinimum" if above else "minimum"
    bounds = ({} if anything else {lowest: low}) | ({"maximum": high} if bounded else {})
    number = {"type": "number", **bounds}
    law = {"type": "object", "required": ["dist"], "minimum": low, "maximum": high}  # the spec's schema puts in which
    return Annotated[float | Law, PlainValidator(checked), WithJsonSchema({"anyOf": [number, law]})]


if TYPE_CHECKING:
    UnitParameter = float | Law
    PositiveParameter = float | Law
    ScaleParameter = float | Law
    RealParameter = float | Law
else:
    UnitParameter = parameter(0.0, 1.0)
    """A probability that is known (a number) or unknown (a law on [0, 1])."""
    PositiveParameter = parameter(0.0, math.inf)
    """A number of at least 0 that is known, or unknown (a law on such numbers)."""
    ScaleParameter = parameter(0.0, math.inf, above=True)
    """A number above 0 that is known, or unknown (a law on such numbers)."""
    RealParameter = parameter(-math.inf, math.inf)
    """Any number that is known, or unknown (a law)."""
