"""Between which edges values lie, of several features at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import fitted, static


@fitted
class Edges:
    """Sorted edges of several features; interval i of one lies after i of its edges, and holds the next one.

    Attributes:
        values: (edges,) those of one feature after another.
        starts: where those of each feature start, and where the last ones end.
    """

    values: Any
    starts: tuple[int, ...] = static()

    @classmethod
    def of(cls, edges: Sequence[np.ndarray]) -> Edges:
        """Of the edges of each feature."""
        starts = np.cumsum([0, *map(len, edges)])
        return cls(np.concatenate([np.zeros(0), *edges]), tuple(int(start) for start in starts))

    def intervals(self, values: Any) -> Any:
        """In which interval each value (..., features) lies, the same shape; by halving, all features in step."""
        first, last = (np.array(part, dtype=np.int32)[:, None] for part in (self.starts[:-1], self.starts[1:]))
        steps = int((last - first).max(initial=0)).bit_length()
        if not steps:
            return jnp.zeros(values.shape, dtype="int32")
        columns = values.reshape(-1, values.shape[-1]).T  # rows of one feature: the other way is slow
        found = jnp.broadcast_to(first, columns.shape)

        def step(number: Any, found: Any) -> Any:
            further = found + jnp.left_shift(jnp.int32(1), (steps - 1 - number).astype("int32"))
            edge = jnp.take(self.values, further - 1, mode="clip")
            return jnp.where((further <= last) & (edge < columns), further, found)

        found = jax.lax.fori_loop(0, steps, step, found)
        return (found - first).T.reshape(values.shape)
