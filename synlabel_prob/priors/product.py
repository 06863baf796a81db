"""Blocks of hidden features, each with a prior of its own, independent of each other given what they condition on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from .._lazy import jax
from ..descriptions import description, one_of
from ..errors import InputError, Problems
from ..table import Column, Table
from .base import Conditions, Prior, Reference
from .blocks import ProductPrior, part_of
from .single import SINGLE

if TYPE_CHECKING:
    AnySingle = Prior
else:
    AnySingle = one_of(Prior, SINGLE)


@description
class Block:
    """Some of the hidden features and the prior that hides them."""

    features: tuple[str, ...]
    prior: AnySingle

    def __post_init__(self) -> None:
        if not self.features:
            raise InputError("features must name at least one hidden feature; got none.")


@description
class Product(Prior):
    """A prior for each block of hidden features; together the blocks hold every hidden feature once."""

    blocks: tuple[Block, ...]
    kind: Literal["product"] = "product"

    summary = "a prior of its own for each block of hidden features; any kind of feature"
    cost = "that of its blocks"
    takes = frozenset({"continuous", "ordinal", "categorical"})

    @property
    def conditions_on(self) -> Conditions:  # type: ignore[override]
        """The most that any block conditions on."""
        return strongest_condition(block.prior for block in self.blocks)

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
            block.prior.fit(part_of(reference, where, number), jax.random.fold_in(key, number))
            for number, (block, where) in enumerate(zip(self.blocks, places, strict=True))
        )
        return ProductPrior(tuple(block.theta for block in made), made, places)

    def explain(self) -> str:
        """In words."""
        return "; ".join(f"{', '.join(block.features)}: {block.prior.explain()}" for block in self.blocks)


def strongest_condition(priors: Iterable[Prior]) -> Conditions:
    """What a prior made of others conditions on."""
    order: tuple[Conditions, ...] = ("nothing", "observed", "observed_and_label")
    return order[max((order.index(prior.conditions_on) for prior in priors), default=0)]
