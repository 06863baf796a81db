"""Priors that are made of others, each for some of the hidden features."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .._lazy import jnp, numpyro
from ..descriptions import fitted, static
from ..inference import Diagnostics
from .base import FittedPrior, Reference, Row
from .facts import Independent


class BlocksPrior(FittedPrior):
    """Fitted priors of some features each; `columns` says which hidden features each one holds."""

    theta: Any
    blocks: tuple[FittedPrior, ...]
    columns: tuple[tuple[int, ...], ...]

    @property
    def has_pit(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every block has one."""
        return all(block.has_pit for block in self.blocks)

    @property
    def has_density(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every block has one."""
        return all(block.has_density for block in self.blocks)

    @property
    def stated(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The blocks' together."""
        pairs = zip(self.blocks, self.columns, strict=True)
        return tuple(places[it] for block, places in pairs for it in block.stated)

    @property
    def row_numbers(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The blocks' together."""
        return sum(block.row_numbers for block in self.blocks)

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

    def diagnostics(self) -> Diagnostics | None:
        """The worst of the blocks'; draws and chains of the shortest."""
        every = [made for block in self.blocks if (made := block.diagnostics()) is not None]
        if not every:
            return None
        shortest = min(every, key=lambda made: made.draws)
        return shortest._replace(
            largest_r_hat=max(made.largest_r_hat for made in every),
            smallest_effective_sample_size=min(made.smallest_effective_sample_size for made in every),
            divergences=sum(made.divergences for made in every),
        )

    def sample_statistics(self) -> dict[str, np.ndarray]:
        """The blocks', named after the block."""
        return {
            f"block_{number}.{name}": values
            for number, block in enumerate(self.blocks)
            for name, values in block.sample_statistics().items()
        }

    @property
    def pit_order(self) -> tuple[int, ...]:
        """Block after block."""
        orders = [
            block.pit_order or range(len(places)) for block, places in zip(self.blocks, self.columns, strict=True)
        ]
        return tuple(places[it] for places, order in zip(self.columns, orders, strict=True) for it in order)

    def uniforms_by_block(self, uniforms: Any) -> list[Any]:
        """The uniforms that each block takes."""
        ends = np.cumsum([block.uniform_dims for block in self.blocks])
        return [uniforms[end - block.uniform_dims : end] for block, end in zip(self.blocks, ends, strict=True)]

    def in_order(self, parts: Sequence[Any]) -> Any:
        """What the blocks drew, in the order of the hidden features."""
        order = np.argsort(np.concatenate([np.array(places) for places in self.columns]))
        return jnp.concatenate(parts)[order]

    def parts(self, theta: Any) -> Iterator[tuple[FittedPrior, Any, np.ndarray]]:
        """Each block with its theta and the places of its features."""
        for block, own, places in zip(self.blocks, theta, self.columns, strict=True):
            yield block, own, np.array(places)


@fitted
class ProductPrior(BlocksPrior):
    """Blocks that are independent of each other given what they condition on."""

    theta: Any
    blocks: tuple[FittedPrior, ...]
    columns: tuple[tuple[int, ...], ...] = static()

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Block after block."""
        triples = zip(self.blocks, theta, self.uniforms_by_block(uniforms), strict=True)
        return self.in_order([block.quantile(own, part, row) for block, own, part in triples])

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Block after block, in the order of the blocks."""
        parts = [block.pit(own, hidden[places], row, jitter[places]) for block, own, places in self.parts(theta)]
        return jnp.concatenate(parts)

    def independent(self, theta: Any, row: Row) -> Independent | None:
        """The blocks side by side, at most one of several features with more than one component."""
        made = []
        for block, own, places in self.parts(theta):
            law = block.independent(own, row)
            if law is None:
                return None
            made.append((law, places))
        flat = [(_one_component(law) if len(places) == 1 else law, places) for law, places in made]
        weights = [law.weights for law, _ in flat if len(law.weights) > 1]
        if len(weights) > 1:
            return None
        found = {int(place): (law, own) for law, places in flat for own, place in enumerate(places)}

        def cdf(place: int, values: Any) -> Any:
            law, own = found[place]
            return law.cdf(own, values)

        return Independent(weights[0] if weights else jnp.ones(1), cdf)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """The sum over blocks."""
        return sum(block.log_density(own, hidden[places], row) for block, own, places in self.parts(theta))


def _one_component(law: Independent) -> Independent:
    """The law of one feature as one component."""
    return Independent(jnp.ones(1), lambda place, values: (law.weights @ law.cdf(place, values))[None])


@fitted
class ChainPrior(BlocksPrior):
    """Blocks one after another, each with the features of those before it among what it observes."""

    theta: Any
    blocks: tuple[FittedPrior, ...]
    columns: tuple[tuple[int, ...], ...] = static()

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Block after block."""
        drawn = []
        for block, own, part in zip(self.blocks, theta, self.uniforms_by_block(uniforms), strict=True):
            drawn.append(block.quantile(own, part, _extended(row, drawn)))
        return self.in_order(drawn)

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Block after block, in the order of the chain."""
        found, before = [], []
        for block, own, places in self.parts(theta):
            found.append(block.pit(own, hidden[places], _extended(row, before), jitter[places]))
            before.append(hidden[places])
        return jnp.concatenate(found)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """The sum over blocks."""
        total, before = 0.0, []
        for block, own, places in self.parts(theta):
            total = total + block.log_density(own, hidden[places], _extended(row, before))
            before.append(hidden[places])
        return total


def _extended(row: Row, before: Sequence[Any]) -> Row:
    return row._replace(observed=jnp.concatenate([jnp.asarray(row.observed), *before]))


def chained_reference(reference: Reference, before: tuple[int, ...], places: tuple[int, ...], number: int) -> Reference:
    """The reference rows as a block of a chain sees them, `before` being the hidden features that it observes."""
    own = part_of(reference, places, number)
    return dataclasses.replace(
        own,
        observed=np.concatenate([reference.observed, reference.hidden[:, list(before)]], 1),
        observed_columns=(*reference.observed_columns, *(reference.hidden_columns[place] for place in before)),
    )


def part_of(reference: Reference, places: tuple[int, ...], number: int) -> Reference:
    """The reference rows as the prior of the features at `places` sees them."""
    return Reference(
        hidden=reference.hidden[:, list(places)],
        observed=reference.observed,
        labels=reference.labels,
        hidden_columns=tuple(reference.hidden_columns[place] for place in places),
        observed_columns=reference.observed_columns,
        classes=reference.classes,
        suffix=f"_block_{number}",
    )
