"""Many draws of some features of a row through all trees at once: one bit for each leaf.

A mask for every interval between thresholds of a feature has a bit for each leaf that the interval can reach. The bits
that are left after the masks of all features are combined are the leaves that the row ends in, one a tree. The masks of
the features that stay are combined once a row, those of the others once a draw (after Lucchese et al., 2015, who have
masks for nodes). Where leaves vote for one class each, leaves lie class by class and votes are numbers of bits; the
class with the most leaves lies last, and has the votes that the others leave. Else leaves lie tree by tree, and the
place of the one bit of each tree says which leaf's value is added.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import fitted, static
from ..devices import each
from .edges import Edges
from .outcome import Outcome


@fitted
class LeafMasks:
    """The masks of a function of trees, with the hidden features apart from the observed ones.

    Attributes:
        hidden_edges: between which its intervals lie; `observed_edges` likewise.
        hidden_masks: of each feature, (intervals, words); `observed_masks` likewise.
        runs: (classes, trees + 1) bits at which the leaves of each tree start that vote for a class, and where the last
            ones end; no classes where leaves do not vote.
        leaf_values: (additions, outputs, leaves, 1), or (trees, 1, leaves, outputs) where every tree adds to all
            outputs; in the order of the bits, and empty where leaves vote.
        base: (outputs,) where sums start.
        segments: of each class, where its words start and end; empty where leaves do not vote.
        trees: their number.
        is_mean: whether sums are divided by it, or by the number that add to one output.
        single: whether sums in the estimator's order run in single precision.
        outcome: how scores become labels.
    """

    hidden_edges: Edges
    hidden_masks: tuple
    observed_edges: Edges
    observed_masks: tuple
    runs: Any
    leaf_values: Any
    base: Any
    segments: tuple[tuple[int, int], ...] = static()
    trees: int = static()
    is_mean: bool = static()
    single: bool = static()
    outcome: Outcome = static()

    def labels(self, observed: Any, hidden: Any) -> Any:
        """Class codes (rows, ...) from observed (rows, observed) and hidden (rows, ..., hidden); as `predict`."""
        draws = hidden.reshape(len(hidden), -1, hidden.shape[-1])
        words = max(start for start, _ in self.segments) if self.segments else self.hidden_masks[0].shape[1]
        parts = (self._of_rows(observed, words), self.hidden_edges.intervals(draws))
        label = self._by_votes if self.segments else self._by_sums
        return each(lambda own: label(*own), parts, draws.shape[1] * words).reshape(hidden.shape[:-1])

    def settled(self, observed: Any) -> Any:
        """The code of each row whose label no value of the hidden features can change, else -1, (rows,).

        From bounds of each score, tree by tree over the leaves that can be reached, so that it is certain, but not all
        rows that are certain are found.
        """
        rows = self._of_rows(observed, self.hidden_masks[0].shape[1])
        lower, upper = each(self._bounds, rows, 64 * rows.shape[1])
        return self.outcome.settled(lower, upper)

    def _of_rows(self, observed: Any, words: int) -> Any:
        """What the observed features leave of the first words, (rows, words)."""
        dtype = self.hidden_masks[0].dtype
        every = ~jnp.zeros(words, dtype)
        places = self.observed_edges.intervals(observed)
        return each(lambda own: _combined(every, self.observed_masks, own), places, words)

    def _by_votes(self, mask: Any, places: Any) -> Any:
        """Of one row, from places (draws, hidden), (draws,)."""
        votes = self._at_draws(self._votes, mask, places)
        return self.outcome.labels(self._mean(votes.astype(float)))

    def _by_sums(self, mask: Any, places: Any) -> Any:
        """Of one row; sums in the order of the estimator, which is slow, where rounding could decide."""
        sums = self._at_draws(lambda left: self._sum(self._leaves(left)), mask, places)
        precision = np.finfo(np.float32 if self.single else np.float64).eps
        slack = (len(self.leaf_values) + 2) * precision * self._sizes()
        codes = self.outcome.settled(self._mean(sums - slack), self._mean(sums + slack))

        def in_order() -> Any:
            leaves = self._at_draws(self._leaves, mask, places)
            return self.outcome.labels(self._mean(self._ordered_sums(leaves))).astype(codes.dtype)

        return jax.lax.cond((codes < 0).any(), in_order, lambda: codes)

    def _votes(self, left: Any) -> Any:
        """Bits of each class, (classes,); the class that has no words left has the votes of all other trees."""
        bits = jax.lax.population_count(left).astype("int32")
        counted = {
            place: bits[start:stop].sum() for place, (start, stop) in enumerate(self.segments) if stop <= len(bits)
        }
        others = self.trees - sum(counted.values())
        return jnp.stack([counted.get(place, others) for place in range(len(self.segments))])

    def _mean(self, sums: Any) -> Any:
        # XLA multiplies by the inverse of a constant, which rounds differently, so the number is made to vary.
        count = float(self.trees if self.segments else len(self.leaf_values))
        return sums / jnp.where(jnp.isnan(sums), 1.0, count) if self.is_mean else sums

    def _at_draws(self, value: Callable[[Any], Any], mask: Any, places: Any) -> Any:
        """`value` of what is left at each draw; a processor goes one by one, which keeps to words that lie together."""
        return each(lambda own: value(_combined(mask, self.hidden_masks, own)), places, len(mask))

    def _leaves(self, left: Any) -> Any:
        """Which leaf of each tree is left, (trees,)."""
        words = left.reshape(self.trees, -1)
        one = np.ones((), words.dtype)
        before = jax.lax.population_count((words & (~words + one)) - one).astype("int32")
        start = np.arange(words.shape[1], dtype=np.int32) * (words.dtype.itemsize * 8)
        return jnp.where(words > 0, before + start, 0).sum(-1, dtype="int32")

    def _sum(self, leaves: Any) -> Any:
        """Values of leaves (trees,), added in any order, (outputs,)."""
        additions, columns, _, width = self.leaf_values.shape
        own = leaves.reshape(additions, columns, 1, 1)
        found = jnp.take_along_axis(self.leaf_values, own, 2, mode="clip")
        return self.base + found.reshape(additions, columns * width).sum(0)

    def _ordered_sums(self, leaves: Any) -> Any:
        """Values of leaves (draws, trees), added tree after tree, (draws, outputs)."""
        additions, columns = self.leaf_values.shape[:2]
        base, each = (it.astype(np.float32) if self.single else it for it in (self.base, self.leaf_values))
        own = jnp.moveaxis(leaves.reshape(len(leaves), additions, columns), 1, 0)

        def add(totals: Any, step: tuple[Any, Any]) -> tuple[Any, None]:
            values, places = step  # (columns, leaves, width), (draws, columns)
            found = [values[column][places[:, column]] for column in range(columns)]
            return totals + jnp.concatenate(found, -1), None

        start = jnp.broadcast_to(base, (len(leaves), len(base)))
        return jax.lax.scan(add, start, (each, own))[0].astype(float)

    def _sizes(self) -> Any:
        """The largest that sums of absolute values can be, (outputs,)."""
        largest = jnp.abs(self.leaf_values).max(2).sum(0).ravel()
        return largest + jnp.abs(self.base)

    def _bounds(self, left: Any) -> tuple[Any, Any]:
        """The least and the largest score of each output over what is left of one row, (outputs,)."""
        if self.segments:
            return self._vote_bounds(left)
        additions, columns, leaves, width = self.leaf_values.shape
        reached = _bits(left).reshape(additions, columns, -1)[..., :leaves, None]
        low = jnp.where(reached, self.leaf_values, jnp.inf).min(2).sum(0).reshape(columns * width)
        high = jnp.where(reached, self.leaf_values, -jnp.inf).max(2).sum(0).reshape(columns * width)
        precision = np.finfo(np.float32).eps if self.single else 1e-12
        slack = precision * (self.trees + 2) * self._sizes()  # sums round, in an order of their own
        return self._mean(self.base + low - slack), self._mean(self.base + high + slack)

    def _vote_bounds(self, left: Any) -> tuple[Any, Any]:
        """Trees of which all leaves that are left vote for a class, and those of which one does; (classes,)."""
        votes = jnp.diff(_bits_before(left, self.runs), axis=1) > 0
        return self._mean((votes & (votes.sum(0) == 1)).sum(1) * 1.0), self._mean(votes.sum(1) * 1.0)


def _combined(mask: Any, tables: tuple, places: Any) -> Any:
    """What is left of the first words (words,) at these intervals of the features."""
    for number, table in enumerate(tables):
        mask = mask & jax.lax.dynamic_slice(table, (places[number], np.int32(0)), (1, len(mask)))[0]
    return mask


def _bits_before(words: Any, places: Any) -> Any:
    """How many bits of words (words,) lie before these places, in their shape."""
    width, one = words.dtype.itemsize * 8, np.ones((), words.dtype)
    padded = jnp.concatenate([words, jnp.zeros(1, words.dtype)])
    word, below = places // width, (one << (places % width).astype(words.dtype)) - one
    bits = jax.lax.population_count(padded).astype("int32")
    return (jnp.cumsum(bits) - bits)[word] + jax.lax.population_count(padded[word] & below).astype("int32")


def _bits(words: Any) -> Any:
    """The bits of words (words,), lowest first, as integers (bits,)."""
    width = words.dtype.itemsize * 8
    return ((words[:, None] >> np.arange(width, dtype=words.dtype)) & np.ones((), words.dtype)).astype("int32").ravel()
