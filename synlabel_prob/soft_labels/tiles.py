"""Rows in tiles of one padded shape, several at once: same bytes whatever the memory, the workers and the devices."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .._lazy import jax
from ..arrays import Observed, RowHashes
from ..devices import is_processor
from ..errors import InputError
from ..priors import Row

TILE_NUMBERS = 2**23
_COPIES = 6


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """The rows to label: what a prior knows of them (a `Row` of arrays), and hashes of their ids (rows, 2)."""

    given: Row
    hashes: RowHashes

    @property
    def observed(self) -> Observed:
        """(rows, observed features)."""
        return self.given.observed

    def __len__(self) -> int:
        """How many."""
        return len(self.hashes)

    def take(self, places: np.ndarray) -> Rows:
        """Some of them."""
        given = jax.tree_util.tree_map(lambda values: values[places], self.given)
        return Rows(given, self.hashes[places])

    def filled(self, places: np.ndarray, size: int) -> Rows:
        """Some of them, and the first of these again and again up to `size` rows."""
        return self.take(np.concatenate([places, np.repeat(places[:1], size - len(places))]))


def on_device(part: Any) -> Any:
    """A fitted part with its arrays where compiled programs want them."""
    return jax.device_put(part)  # `jnp.asarray` compiles a program for every shape


def workers(numbers: int, memory_budget: int) -> int:
    """How many tiles of so many numbers are worked on at once: one a core, or two a device, of which one waits."""
    most = max(os.cpu_count() or 1, len(jax.local_devices())) if is_processor() else 2 * len(jax.local_devices())
    return max(1, min(most, memory_budget // (numbers * 8 * _COPIES)))


def joined(numbers: int, count: int, memory_budget: int) -> int:
    """How many of `count` tiles of so many numbers are made one; a power of two.

    On a processor, whose cache the tiles fit, none are; elsewhere as many as the memory holds in each worker's share.
    """
    if is_processor():
        return 1
    most = memory_budget // (numbers * 8 * _COPIES) // (2 * len(jax.local_devices()))
    return 2 ** int(np.log2(max(1, min(most, 2 * count - 1))))


def filled_well(size: int, count: int) -> int:
    """Of a tile's rows, at most `size`, as many as let two workers be done with `count` rows soonest.

    The last tile is filled up to that number, and a worker waits where that of the tiles is odd. It depends on nothing
    else, and is a multiple of a sixteenth of `size`, so that a program is compiled for at most 16 of them. A tile costs
    about as much besides as a sixteenth of it.
    """
    sixteenth, least = max(1, size // 16), -(-count // size)

    def own(tiles: int) -> int:
        return min(size, -(-count // (tiles * sixteenth)) * sixteenth)

    return own(min(range(least, 2 * least + 2), key=lambda tiles: -(-tiles // 2) * (own(tiles) + sixteenth)))


def check_budget(numbers: int, memory_budget: int) -> None:
    """That a row of so many numbers fits into the memory.

    Raises:
        InputError: it does not.
    """
    need = numbers * 8 * _COPIES
    if memory_budget < need:
        raise InputError(
            f"`memory_budget` must be at least {need:,} bytes, which the evaluation of one row takes here; got "
            f"{memory_budget:,}: raise it, or ask for fewer draws."
        )


def in_tiles(
    work: Callable[[np.ndarray], Any], places: np.ndarray, size: int, workers: int
) -> Iterator[tuple[np.ndarray, Any]]:
    """`places` in pieces of at most `size`, each with what `work` makes of it; in order, `workers` at once.

    Pieces are dealt out to the devices that there are, one after another.
    """
    if not len(places):
        return
    pieces = np.array_split(places, -(-len(places) // size))  # alike, so that workers end together
    if workers == 1 or len(pieces) == 1:
        yield from ((piece, work(piece)) for piece in pieces)
        return
    devices = jax.local_devices()

    def at(number: int, piece: np.ndarray) -> Any:
        if len(devices) == 1:
            return work(piece)
        with jax.default_device(devices[number % len(devices)]):  # the setting belongs to the thread
            return work(piece)

    with ThreadPoolExecutor(workers) as pool:
        waiting: list = []
        for number, piece in enumerate(pieces):
            waiting.append((piece, pool.submit(at, number, piece)))
            if len(waiting) > workers:
                first, future = waiting.pop(0)
                yield first, future.result()
        for piece, future in waiting:
            yield piece, future.result()
