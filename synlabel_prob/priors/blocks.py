"""Priors that are made of others, each for some of the hidden features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import jnp, numpyro
from ..descriptions import fitted, static
from ..inference import Diagnostics
from .base import FittedPrior, Reference, Row


@fitted
class ProductPrior(FittedPrior):
    """Fitted blocks; `columns` says which hidden features each one holds."""

    theta: Any
    blocks: tuple[FittedPrior, ...]
    columns: tuple[tuple[int, ...], ...] = static()

    @property
    def has_pit(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every block has one."""
        return all(block.has_pit for block in self.blocks)

    @property
    def has_density(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every block has one."""
        return all(block.has_density for block in self.blocks)

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

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Block after block."""
        start, parts = 0, []
        for block, own in zip(self.blocks, theta, strict=True):
            parts.append(block.quantile(own, uniforms[start : start + block.uniform_dims], row))
            start += block.uniform_dims
        return jnp.concatenate(parts)[self._order()]

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Block after block, in the order of the blocks."""
        parts = [
            block.pit(own, hidden[np.array(places)], row, jitter[np.array(places)])
            for block, own, places in zip(self.blocks, theta, self.columns, strict=True)
        ]
        return jnp.concatenate(parts)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """The sum over blocks."""
        return sum(
            block.log_density(own, hidden[np.array(places)], row)
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

    def _order(self) -> np.ndarray:
        return np.argsort(np.concatenate([np.array(places) for places in self.columns]))


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
