"""Many draws of some features of a row through all trees at once: one bit for each leaf.

A mask for every interval between thresholds of a feature has a bit for each leaf that the interval can reach. The bits
that are left after the masks of all features are combined are the leaves that the row ends in, one a tree. The masks of
the features that stay are combined once a row, those of the others once a draw (after Lucchese et al., 2015, who have
masks for nodes). Where leaves vote for one class each, leaves lie class by class and votes are numbers of bits; else
they lie tree by tree, and the place of the one bit of each tree says which leaf's value is added.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import fitted, static
from .leaf_regions import Leaves, leaves_of
from .outcome import Outcome

_MOST_BYTES = 2**28
_FLAGS = 2**24


@fitted
class LeafMasks:
    """The masks of a function of trees, with the hidden features apart from the observed ones.

    Attributes:
        hidden_edges: of each feature, sorted; `observed_edges` likewise.
        hidden_masks: of each feature, (intervals, words); `observed_masks` likewise.
        leaf_trees: (bits,) the tree of each leaf, class by class; empty where leaves do not vote.
        leaf_values: (additions, outputs, leaves, 1), or (trees, 1, leaves, outputs) where every tree adds to all
            outputs; in the order of the bits, and empty where leaves vote.
        base: (outputs,) where sums start.
        segments: of each class, where its words start and end; empty where leaves do not vote.
        trees: their number.
        is_mean: whether sums are divided by it.
        outcome: how scores become labels.
    """

    hidden_edges: tuple
    hidden_masks: tuple
    observed_edges: tuple
    observed_masks: tuple
    leaf_trees: Any
    leaf_values: Any
    base: Any
    segments: tuple[tuple[int, int], ...] = static()
    trees: int = static()
    is_mean: bool = static()
    outcome: Outcome = static()

    def labels(self, observed: Any, hidden: Any) -> Any:
        """Class codes (rows, ...) from observed (rows, observed) and hidden (rows, ..., hidden); as `predict`."""
        draws = hidden.reshape(len(hidden), -1, hidden.shape[-1])
        parts = (self._of_rows(observed), _places(self.hidden_edges, draws))
        label = self._by_votes if self.segments else self._by_sums
        return jax.lax.map(lambda own: label(*own), parts).reshape(hidden.shape[:-1])

    def settled(self, observed: Any) -> Any:
        """The code of each row whose label no value of the hidden features can change, else -1, (rows,).

        From bounds of each score, tree by tree over the leaves that can be reached, so that it is certain, but not all
        rows that are certain are found.
        """
        lower, upper = jax.lax.map(self._bounds, self._of_rows(observed))
        return self.outcome.settled(lower, upper)

    def _of_rows(self, observed: Any) -> Any:
        """What the observed features leave, (rows, words)."""
        table = self.hidden_masks[0]
        every = jnp.full(table.shape[1], ~np.zeros((), table.dtype), dtype=table.dtype)
        if not self.observed_masks:
            return jnp.broadcast_to(every, (len(observed), len(every)))
        places = _places(self.observed_edges, observed)
        return jax.lax.map(lambda own: _combined(every, self.observed_masks, own), places)

    def _by_votes(self, mask: Any, places: Any) -> Any:
        """Of one row, from places (draws, hidden), (draws,)."""
        votes = self._at_draws(lambda left: _votes(left, self.segments), mask, places)
        return self.outcome.labels(self._mean(votes.astype(float)))

    def _by_sums(self, mask: Any, places: Any) -> Any:
        """Of one row; sums in the order of the estimator, which is slow, where rounding could decide."""
        sums = self._at_draws(lambda left: self._sum(self._leaves(left)), mask, places)
        slack = (self.trees + 2) * np.finfo(np.float64).eps * self._sizes()
        codes = self.outcome.settled(self._mean(sums - slack), self._mean(sums + slack))

        def in_order() -> Any:
            leaves = self._at_draws(self._leaves, mask, places)
            return self.outcome.labels(self._mean(self._ordered_sums(leaves))).astype(codes.dtype)

        return jax.lax.cond((codes < 0).any(), in_order, lambda: codes)

    def _mean(self, sums: Any) -> Any:
        # XLA multiplies by the inverse of a constant, which rounds differently, so the number is made to vary.
        return sums / jnp.where(jnp.isnan(sums), 1.0, float(self.trees)) if self.is_mean else sums

    def _at_draws(self, value: Callable[[Any], Any], mask: Any, places: Any) -> Any:
        """`value` of what is left at each draw; one draw after another, which keeps to words that lie together."""
        return jax.lax.map(lambda own: value(_combined(mask, self.hidden_masks, own)), places)

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
        own = jnp.moveaxis(leaves.reshape(len(leaves), additions, columns), 1, 0)

        def add(totals: Any, step: tuple[Any, Any]) -> tuple[Any, None]:
            values, places = step  # (columns, leaves, width), (draws, columns)
            found = [values[column][places[:, column]] for column in range(columns)]
            return totals + jnp.concatenate(found, -1), None

        start = jnp.broadcast_to(self.base, (len(leaves), len(self.base)))
        return jax.lax.scan(add, start, (self.leaf_values, own))[0]

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
        slack = 1e-12 * (self.trees + 2) * self._sizes()  # sums round, in an order of their own
        return self._mean(self.base + low - slack), self._mean(self.base + high + slack)

    def _vote_bounds(self, left: Any) -> tuple[Any, Any]:
        """Trees of which all leaves that are left vote for a class, and those of which one does; (classes,)."""
        bits, width = _bits(left), left.dtype.itemsize * 8
        parts = [np.s_[start * width : stop * width] for start, stop in self.segments]
        votes = jnp.stack([jax.ops.segment_max(bits[part], self.leaf_trees[part], self.trees, True) for part in parts])
        votes = votes.clip(0)  # classes without a leaf in a tree
        return self._mean(jnp.where(votes.sum(0) == 1, votes, 0).sum(1) * 1.0), self._mean(votes.sum(1) * 1.0)


def _places(edges: tuple, values: Any) -> Any:
    """In which interval of its feature each value lies, (..., features)."""
    found = [jnp.searchsorted(edge, values[..., place], side="left") for place, edge in enumerate(edges)]
    return jnp.stack(found, -1).astype("int32")


def _combined(mask: Any, tables: tuple, places: Any) -> Any:
    for number, table in enumerate(tables):
        mask = mask & jax.lax.dynamic_index_in_dim(table, places[number], keepdims=False)
    return mask


def _votes(left: Any, segments: tuple[tuple[int, int], ...]) -> Any:
    """Bits of each class, (..., classes)."""
    bits = jax.lax.population_count(left).astype("int32")
    return jnp.stack([bits[..., start:stop].sum(-1) for start, stop in segments], -1)


def _bits(words: Any) -> Any:
    """The bits of words (words,), lowest first, as integers (bits,)."""
    width = words.dtype.itemsize * 8
    return ((words[:, None] >> np.arange(width, dtype=words.dtype)) & np.ones((), words.dtype)).astype("int32").ravel()


# --- from trees -------------------------------------------------------------------------------------


def leaf_masks(trees: Any, hidden: tuple[int, ...], observed: tuple[int, ...]) -> LeafMasks | None:
    """The masks of `trees`, which has the fields of `TreesFunction`; None where they would take more than 256 MiB."""
    leaves = leaves_of(trees)
    votes = _votes_of(trees, leaves)
    bits = _by_tree(leaves) if votes is None else _by_class(votes, len(trees.base))
    if sum(len(edge) + 1 for edge in leaves.edges) * bits.words * bits.width // 8 > _MOST_BYTES:
        return None
    every = bits.words * bits.width
    owner = np.zeros(0 if votes is None else every, dtype=np.int32)
    if votes is not None:
        owner[bits.places] = leaves.trees
        owner = _filled(owner, bits)
    return LeafMasks(
        hidden_edges=tuple(leaves.edges[place] for place in hidden),
        hidden_masks=tuple(_table(leaves, place, bits) for place in hidden),
        observed_edges=tuple(leaves.edges[place] for place in observed),
        observed_masks=tuple(_table(leaves, place, bits) for place in observed),
        leaf_trees=owner,
        leaf_values=np.zeros((0, 1, 0, 1)) if votes is not None else _values(trees, leaves, bits),
        base=np.asarray(trees.base),
        segments=bits.segments,
        trees=len(trees.roots),
        is_mean=trees.is_mean,
        outcome=trees.outcome,
    )


class _Bits(NamedTuple):
    """Where the bit of each leaf is, in how many words of how many bits, and the words of each class."""

    places: np.ndarray
    words: int
    width: int
    segments: tuple[tuple[int, int], ...]


def _votes_of(trees: Any, leaves: Leaves) -> np.ndarray | None:
    """The class that each leaf votes for, (leaves,), where a mean of trees is a count of votes; else None."""
    values = np.asarray(trees.leaf_values)[leaves.nodes]
    are_votes = ((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all()
    if not (trees.is_mean and are_votes and values.shape[1] > 1 and not np.any(trees.base)):
        return None
    return values.argmax(1)


def _by_class(votes: np.ndarray, classes: int) -> _Bits:
    """Class by class from a word's start on, tree by tree in a class."""
    width = 64
    counts = np.bincount(votes, minlength=classes)
    words = -(-counts // width)
    ends = np.cumsum(words)
    rank = np.empty(len(votes), dtype=np.int64)
    order = np.argsort(votes, kind="stable")
    rank[order] = np.arange(len(votes)) - np.repeat(np.cumsum(counts) - counts, counts)
    segments = tuple((int(start), int(end)) for start, end in zip(ends - words, ends, strict=True))
    return _Bits((ends - words)[votes] * width + rank, int(ends[-1]), width, segments)


def _by_tree(leaves: Leaves) -> _Bits:
    """Tree by tree, all with as many bits as the largest one needs."""
    counts = np.bincount(leaves.trees)
    largest = int(counts.max())
    width = next((width for width in (8, 16, 32) if width >= largest), 64)
    each = -(-largest // width)
    rank = np.arange(len(leaves.trees)) - np.repeat(np.cumsum(counts) - counts, counts)
    return _Bits(leaves.trees * each * width + rank, each * len(counts), width, ())


def _filled(owner: np.ndarray, bits: _Bits) -> np.ndarray:
    """Trees of all bits: those that are no leaf, at the end of a class, belong to its last tree, so that all ascend."""
    made = owner.copy()
    for start, stop in bits.segments:
        part = np.s_[start * bits.width : stop * bits.width]
        made[part] = np.maximum.accumulate(owner[part])
    return made


def _values(trees: Any, leaves: Leaves, bits: _Bits) -> np.ndarray:
    """The values of the leaves, in the order of their bits; see `LeafMasks`."""
    count, outputs = len(trees.roots), len(trees.base)
    values = np.zeros((bits.words * bits.width, trees.leaf_values.shape[1]))
    values[bits.places] = np.asarray(trees.leaf_values)[leaves.nodes]
    values = values.reshape(count, -1, values.shape[1])[:, : int(np.bincount(leaves.trees).max())]
    if outputs == values.shape[2]:
        return values[:, None]
    return values.reshape(-1, outputs, *values.shape[1:])


def _table(leaves: Leaves, feature: int, bits: _Bits) -> np.ndarray:
    """The masks of a feature, (intervals, words)."""
    intervals, every = len(leaves.edges[feature]) + 1, bits.words * bits.width
    pieces = np.array_split(np.arange(intervals), -(-intervals * every // _FLAGS))  # flags take 8 times the memory
    return np.concatenate([_packed(leaves.reached(feature, piece), bits) for piece in pieces])


def _packed(reached: np.ndarray, bits: _Bits) -> np.ndarray:
    """Words (intervals, words) of flags (intervals, leaves)."""
    flags = np.zeros((len(reached), bits.words * bits.width), dtype=np.uint8)
    flags[:, bits.places] = reached
    words = np.packbits(flags, axis=1, bitorder="little").view(np.dtype(f"<u{bits.width // 8}"))
    return words.astype(f"uint{bits.width}")
