"""Blocks of hidden features, each with a prior of its own, independent of each other given what they condition on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp, numpyro
from ..descriptions import description, fitted, static
from ..errors import InputError, Problems
from ..table import Column, Table
from .base import Conditions, FittedPrior, Prior, Reference
from .categorical import Categorical
from .gaussian_regression import GaussianRegression
from .histogram import Histogram
from .kernel_density import KernelDensity
from .uniform import Uniform

Single = Annotated[Uniform | Histogram | KernelDensity | Categorical | GaussianRegression, Field(discriminator="kind")]


@fitted
class ProductPrior(FittedPrior):
    """Fitted blocks; `columns` says which hidden features each one holds."""

    theta: Any
    blocks: tuple[FittedPrior, ...]
    columns: tuple[tuple[int, ...], ...] = static()

    @property
    def uniform_dims(self) -> int:
        """The blocks' together."""
        return sum(block.uniform_dims for block in self.blocks)

    @property
    def num_theta(self) -> int:
        """The most any block has; others repeat theirs."""
        return max(block.num_theta for block in self.blocks)

    def theta_at(self, index: Any) -> Any:
        """Each block's draw."""
        return tuple(block.theta_at(index % block.num_theta) for block in self.blocks)

    def quantile(self, theta: Any, uniforms: Any, observed: Any, label: Any) -> Any:
        """Block after block."""
        start, parts = 0, []
        for block, own in zip(self.blocks, theta, strict=True):
            parts.append(block.quantile(own, uniforms[start : start + block.uniform_dims], observed, label))
            start += block.uniform_dims
        return jnp.concatenate(parts)[self._order()]

    def pit(self, theta: Any, hidden: Any, observed: Any, label: Any, jitter: Any) -> Any:
        """Block after block, in the order of the blocks."""
        parts = [
            block.pit(own, hidden[np.array(places)], observed, label, jitter[np.array(places)])
            for block, own, places in zip(self.blocks, theta, self.columns, strict=True)
        ]
        return jnp.concatenate(parts)

    def log_density(self, theta: Any, hidden: Any, observed: Any, label: Any) -> Any:
        """The sum over blocks."""
        return sum(
            block.log_density(own, hidden[np.array(places)], observed, label)
            for block, own, places in zip(self.blocks, theta, self.columns, strict=True)
        )

    def sample_theta(self, *, posterior: bool) -> Any:
        """Each block's, its sites told apart by the block's number."""
        made = []
        for number, block in enumerate(self.blocks):
            with numpyro.handlers.scope(prefix=f"prior.block_{number}", divider=".", hide_types=["plate"]):
                made.append(block.sample_theta(posterior=posterior))
        return tuple(made)

    def coordinates(self) -> dict[str, Sequence]:
        """The blocks' together."""
        return {name: labels for block in self.blocks for name, labels in block.coordinates().items()}

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """The blocks' together, their sites named as in `sample_theta`."""
        return {
            f"prior.block_{number}.{site}": named
            for number, block in enumerate(self.blocks)
            for site, named in block.kept_draws().items()
        }

    def _order(self) -> np.ndarray:
        return np.argsort(np.concatenate([np.array(places) for places in self.columns]))


@description
class Block:
    """Some of the hidden features and the prior that hides them."""

    features: tuple[str, ...]
    prior: Single

    def __post_init__(self) -> None:
        if not self.features:
            raise InputError("features must name at least one hidden feature; got none.")


@description
class Product(Prior):
    """A prior for each block of hidden features; together the blocks hold every hidden feature once."""

    blocks: tuple[Block, ...]
    kind: Literal["product"] = "product"

    summary = "a prior of its own for each block of hidden features; any kind of feature"
    takes = frozenset({"continuous", "ordinal", "categorical"})

    @property
    def conditions_on(self) -> Conditions:  # type: ignore[override]
        """The most that any block conditions on."""
        order: tuple[Conditions, ...] = ("nothing", "observed", "observed_and_label")
        return order[max((order.index(block.prior.conditions_on) for block in self.blocks), default=0)]

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Features in no block or in two, and each block's own problems."""
        super().report_problems(table, hidden, problems)
        named = [name for block in self.blocks for name in block.features]
        names = [column.name for column in hidden]
        for name in sorted(set(named)):
            if name not in names:
                problems.add(f"`prior.blocks` names {name!r}, which is not hidden: hidden are {', '.join(names)}.")
            elif named.count(name) > 1:
                problems.add(f"`prior.blocks` names {name!r} twice: each hidden feature belongs to one block.")
        for name in names:
            if name not in named:
                problems.add(f"`prior.blocks` leaves out the hidden feature {name!r}: add it to a block.")
        for block in self.blocks:
            block.prior.report_problems(table, tuple(c for c in hidden if c.name in block.features), problems)

    def fit(self, reference: Reference, key: Any) -> ProductPrior:
        """Each block on its own."""
        names = [column.name for column in reference.hidden_columns]
        places = tuple(tuple(names.index(name) for name in block.features) for block in self.blocks)
        made = tuple(
            block.prior.fit(_part(reference, where, number), jax.random.fold_in(key, number))
            for number, (block, where) in enumerate(zip(self.blocks, places, strict=True))
        )
        return ProductPrior(tuple(block.theta for block in made), made, places)

    def explain(self) -> str:
        """In words."""
        return "; ".join(f"{', '.join(block.features)}: {block.prior.explain()}" for block in self.blocks)


def _part(reference: Reference, places: tuple[int, ...], number: int) -> Reference:
    return Reference(
        hidden=reference.hidden[:, list(places)],
        observed=reference.observed,
        labels=reference.labels,
        hidden_columns=tuple(reference.hidden_columns[place] for place in places),
        observed_columns=reference.observed_columns,
        classes=reference.classes,
        suffix=f"_block_{number}",
    )
