"""A finite mixture of priors, such as a spike at the truth and a slab around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp, numpyro
from ..descriptions import description, fitted, one_of, static
from ..errors import InputError, Problems
from ..table import Column, Table
from .base import Conditions, FittedPrior, Prior, Reference, Row
from .mixture_law import pick
from .product import strongest_condition
from .single import SINGLE

if TYPE_CHECKING:
    AnySingle = Prior
else:
    AnySingle = one_of(Prior, SINGLE)


@fitted
class FiniteMixturePrior(FittedPrior):
    """Fitted parts and their weights; the first uniform picks the part."""

    theta: Any
    parts: tuple[FittedPrior, ...]
    weights: tuple[float, ...] = static()
    has_pit = False

    @property
    def has_density(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every part has one."""
        return all(part.has_density for part in self.parts)

    @property
    def row_numbers(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The parts' together."""
        return sum(part.row_numbers for part in self.parts)

    @property
    def uniform_dims(self) -> int:
        """One for the part and as many as the part that needs most."""
        return 1 + max(part.uniform_dims for part in self.parts)

    @property
    def num_theta(self) -> int:
        """The most any part has; others repeat theirs."""
        return max(part.num_theta for part in self.parts)

    def theta_at(self, index: Any) -> Any:
        """Each part's draw."""
        return tuple(part.theta_at(index % part.num_theta) for part in self.parts)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """A draw of the part that is picked; exact."""
        own = uniforms[1:]
        pairs = zip(self.parts, theta, strict=True)
        draws = jnp.stack([part.quantile(it, own[: part.uniform_dims], row) for part, it in pairs])
        return draws[pick(jnp.asarray(self.weights), uniforms[0])]

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Always an error: the parts' conditional densities of one feature after another are not known."""
        raise InputError("a finite mixture of priors has no `pit`.")

    @property
    def has_cdf(self) -> bool:
        """Where every part has one."""
        return all(part.has_cdf for part in self.parts)

    def cdf(self, theta: Any, value: Any, row: Row) -> Any:
        """The weighted sum of the parts'."""
        pairs = zip(self.parts, theta, strict=True)
        return jnp.stack([part.cdf(it, value, row) for part, it in pairs]) @ jnp.asarray(self.weights)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Log sum of weight x density; exact."""
        pairs = zip(self.parts, theta, strict=True)
        logs = jnp.stack([part.log_density(it, hidden, row) for part, it in pairs])
        return jax.scipy.special.logsumexp(logs + np.log(self.weights))

    def sample_theta(self, *, posterior: bool) -> Any:
        """Each part's, its sites told apart by the part's number."""
        made = []
        for number, part in enumerate(self.parts):
            with numpyro.handlers.scope(prefix=f"prior.part_{number}", divider=".", hide_types=["plate"]):
                made.append(part.sample_theta(posterior=posterior))
        return tuple(made)

    def coordinates(self) -> dict[str, Sequence]:
        """The parts' together."""
        return {name: labels for part in self.parts for name, labels in part.coordinates().items()}


@description
class Share:
    """A prior and how often it is used."""

    weight: Annotated[float, Field(gt=0, le=1)]
    prior: AnySingle


@description
class FiniteMixture(Prior):
    """Each row's hidden features by one of several priors, picked with the given weights, which add up to 1."""

    parts: tuple[Share, ...]
    kind: Literal["finite_mixture"] = "finite_mixture"

    summary = "one of several priors, picked with given weights (such as a spike at the truth); any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    cost = "that of all its parts"

    def __post_init__(self) -> None:
        total = sum(part.weight for part in self.parts)
        if not self.parts or abs(total - 1) > 1e-6:
            raise InputError(f"parts must have weights that add up to 1; they add up to {total:g}.")

    @property
    def conditions_on(self) -> Conditions:  # type: ignore[override]
        """The most that any part conditions on."""
        return strongest_condition(part.prior for part in self.parts)

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Each part's own."""
        super().report_problems(table, hidden, problems)
        for part in self.parts:
            part.prior.report_problems(table, hidden, problems)

    def fit(self, reference: Reference, key: Any) -> FiniteMixturePrior:
        """Each part on its own."""
        made = tuple(
            part.prior.fit(_numbered(reference, number), jax.random.fold_in(key, number))
            for number, part in enumerate(self.parts)
        )
        return FiniteMixturePrior(tuple(it.theta for it in made), made, tuple(part.weight for part in self.parts))

    def explain(self) -> str:
        """In words."""
        return "; ".join(f"with weight {part.weight:g} {part.prior.explain()}" for part in self.parts)


def _numbered(reference: Reference, number: int) -> Reference:
    return Reference(
        reference.hidden,
        reference.observed,
        reference.labels,
        reference.hidden_columns,
        reference.observed_columns,
        reference.classes,
        f"_part_{number}",
    )
