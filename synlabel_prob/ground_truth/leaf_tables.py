"""From trees to their leaf masks, in NumPy: which bit each leaf has, and the words of every interval of a feature."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax
from .edges import Edges
from .leaf_masks import LeafMasks
from .leaf_regions import Leaves, leaves_of

_MOST_BYTES = 2**28
_FLAGS = 2**24
_WORDS = 2**16


class LeafTables(NamedTuple):
    """The masks of every feature, whichever are hidden; see `LeafMasks`."""

    edges: tuple[np.ndarray, ...]
    masks: tuple[Any, ...]
    runs: np.ndarray
    leaf_values: np.ndarray
    segments: tuple[tuple[int, int], ...]


def leaf_tables(trees: Any) -> LeafTables | None:
    """The masks of `trees`, which has the fields of `TreesFunction`; None where they would take more than 256 MiB."""
    if _least_bytes(trees) > _MOST_BYTES:
        return None
    leaves = leaves_of(trees)
    votes = _votes_of(trees, leaves)
    bits = _by_tree(leaves) if votes is None else _by_class(votes, len(trees.base))
    if sum(len(edge) + 1 for edge in leaves.edges) * bits.words * bits.width // 8 > _MOST_BYTES:
        return None
    return LeafTables(
        edges=leaves.edges,
        masks=tuple(_table(leaves, place, bits) for place in range(len(leaves.edges))),
        runs=_runs(leaves, votes, bits, len(trees.roots)),
        leaf_values=np.zeros((0, 1, 0, 1)) if votes is not None else _values(trees, leaves, bits),
        segments=bits.segments,
    )


def placed(tables: LeafTables | None) -> LeafTables | None:
    """With the masks on the device, which takes double precision."""
    return None if tables is None else tables._replace(masks=tuple(jax.device_put(list(tables.masks))))


def leaf_masks(trees: Any, tables: LeafTables, hidden: tuple[int, ...], observed: tuple[int, ...]) -> LeafMasks:
    """The tables of `trees`, with the hidden features apart from the observed ones."""
    return LeafMasks(
        hidden_edges=Edges.of([tables.edges[place] for place in hidden]),
        hidden_masks=tuple(tables.masks[place] for place in hidden),
        observed_edges=Edges.of([tables.edges[place] for place in observed]),
        observed_masks=tuple(tables.masks[place] for place in observed),
        runs=tables.runs,
        leaf_values=tables.leaf_values,
        base=np.asarray(trees.base),
        segments=tables.segments,
        trees=len(trees.roots),
        is_mean=trees.is_mean,
        single=trees.single,
        outcome=trees.outcome,
    )


def votes(tables: LeafTables, features: np.ndarray) -> np.ndarray:
    """How many trees vote for each class, of rows (rows, features) without missing values, (rows, classes).

    Raises:
        ValueError: leaves do not vote.
    """
    if not tables.segments:
        raise ValueError("leaves of these trees hold numbers, not votes")
    pieces = np.array_split(features, -(-len(features) * tables.masks[0].shape[1] // _WORDS) or 1)
    return np.concatenate([_votes(tables, piece) for piece in pieces])


def _votes(tables: LeafTables, features: np.ndarray) -> np.ndarray:
    columns = zip(features.T, tables.edges, tables.masks, strict=True)
    own = (np.asarray(masks).take(np.searchsorted(edges, values), 0) for values, edges, masks in columns)
    bits = np.bitwise_count(functools.reduce(lambda left, more: np.bitwise_and(left, more, out=left), own))
    return np.stack([bits[:, start:stop].sum(1, dtype=np.int64) for start, stop in tables.segments], 1)


def _least_bytes(trees: Any) -> int:
    """Of a bit for each leaf and threshold, known before any leaf's region is."""
    return (len(trees.splits) + len(trees.split_starts) - 1) * int((np.asarray(trees.feature) < 0).sum()) // 8


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
    """Class by class from a word's start on, the one with the most leaves last; tree by tree in a class."""
    width = 64
    counts = np.bincount(votes, minlength=classes)
    words, last = -(-counts // width), counts.argmax()
    in_turn = np.append(np.delete(np.arange(classes), last), last)
    ends = np.empty(classes, dtype=np.int64)
    ends[in_turn] = np.cumsum(words[in_turn])
    rank = np.empty(len(votes), dtype=np.int64)
    order = np.argsort(votes, kind="stable")
    rank[order] = np.arange(len(votes)) - np.repeat(np.cumsum(counts) - counts, counts)
    segments = tuple((int(start), int(end)) for start, end in zip(ends - words, ends, strict=True))
    return _Bits((ends - words)[votes] * width + rank, int(words.sum()), width, segments)


def _by_tree(leaves: Leaves) -> _Bits:
    """Tree by tree, all with as many bits as the largest one needs."""
    counts = np.bincount(leaves.trees)
    largest = int(counts.max())
    width = next((width for width in (8, 16, 32) if width >= largest), 64)
    each = -(-largest // width)
    rank = np.arange(len(leaves.trees)) - np.repeat(np.cumsum(counts) - counts, counts)
    return _Bits(leaves.trees * each * width + rank, each * len(counts), width, ())


def _runs(leaves: Leaves, votes: np.ndarray | None, bits: _Bits, trees: int) -> np.ndarray:
    """Of each class, the bits at which the leaves of its trees start, and where the last ones end."""
    if votes is None:
        return np.zeros((0, trees + 1), dtype=np.int32)
    counts = np.zeros((len(bits.segments), trees), dtype=np.int64)
    np.add.at(counts, (votes, leaves.trees), 1)
    starts = np.array([start * bits.width for start, _ in bits.segments])[:, None]
    return np.concatenate([starts, starts + counts.cumsum(1)], 1).astype(np.int32)


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
    if feature not in leaves.level_starts:
        return _changing(leaves.first[:, feature], leaves.last[:, feature], intervals, bits)
    pieces = np.array_split(np.arange(intervals), -(-intervals * every // _FLAGS))  # flags take 8 times the memory
    return np.concatenate([_packed(leaves.reached(feature, piece), bits) for piece in pieces])


def _changing(first: np.ndarray, last: np.ndarray, intervals: int, bits: _Bits) -> np.ndarray:
    """Words (intervals, words), from the bits that change: at the first interval of a leaf, and after its last one."""
    one = np.ones((), dtype=f"uint{bits.width}")
    word, bit = bits.places // bits.width, one << (bits.places % bits.width).astype(one.dtype)
    changes = np.zeros((intervals + 1) * bits.words, dtype=one.dtype)
    is_reached = first <= last
    for interval in (first, last + 1):
        np.bitwise_xor.at(changes, (interval * bits.words + word)[is_reached], bit[is_reached])
    return np.bitwise_xor.accumulate(changes.reshape(-1, bits.words), 0)[:-1]


def _packed(reached: np.ndarray, bits: _Bits) -> np.ndarray:
    """Words (intervals, words) of flags (intervals, leaves)."""
    flags = np.zeros((len(reached), bits.words * bits.width), dtype=np.uint8)
    flags[:, bits.places] = reached
    words = np.packbits(flags, axis=1, bitorder="little").view(np.dtype(f"<u{bits.width // 8}"))
    return words.astype(f"uint{bits.width}")
