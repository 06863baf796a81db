"""A run in which no bit of a row depends on what other rows there are: noise in tiles of one padded number of rows.

Compiled arithmetic depends on the shape of its arrays in the last bits. Soft labels are evaluated in tiles of one shape
anyway; here the noise on them is too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._lazy import jax
from ..datasets import Provenance
from ..errors import InputError
from ..soft_labels import Evaluator, SoftLabels
from .fitted import FittedProcess
from .generate import Generated, Ledger, datasets, evaluated, with_noise

TILE_ROWS = 2**13
_TILE_NUMBERS = 2**22


def fixed_on_own_rows(
    fitted: FittedProcess, key: Any, evaluator: Evaluator | None = None, *, memory_budget: int = 2**30
) -> FittedProcess:
    """The process whose noise takes what only soft labels can settle from those of its own rows, for good.

    Raises:
        InputError: a node cannot reach its target rate on them.
    """
    if all(node.depends_on != "soft_label" for node in fitted.nodes):
        return fitted
    with jax.enable_x64(True):
        soft = evaluated(fitted, key, evaluator, memory_budget=memory_budget).probabilities
        return dataclasses.replace(fitted, nodes=tuple(node.fixed_on(soft) for node in fitted.nodes))


def generate_by_row(
    fitted: FittedProcess,
    key: Any,
    evaluator: Evaluator | None = None,
    *,
    provenance: Provenance | None = None,
    memory_budget: int = 2**30,
    progress: Callable[[int, int], None] | None = None,
) -> Generated:
    """As `generate`, for a process whose noise looks at one row at a time: the rows may be any part of a table.

    Arguments and what is exact as there. Soft labels before noise are those of `generate` to the last bit; what noise
    makes of them agrees up to rounding.

    Raises:
        InputError: the process has noise on features, which goes by the values of all rows.
    """
    if fitted.process.feature_noise:
        raise InputError("Noise on features goes by the values of all rows, not of one at a time: use `generate`.")
    with jax.enable_x64(True):
        soft = evaluated(fitted, key, evaluator, memory_budget=memory_budget, progress=progress)
        every, size = np.arange(len(soft.probabilities)), _tile_rows(len(fitted.classes))
        tiles = [_tile(fitted, key, soft, piece, size) for piece in np.split(every, range(size, len(every), size))]
        return _together(fitted, soft, tiles, provenance or Provenance())


def _tile_rows(classes: int) -> int:
    """A power of two; fewer rows where their transitions (rows, classes, classes) would be large."""
    return max(2**6, min(TILE_ROWS, 2 ** int(np.log2(_TILE_NUMBERS / classes**2))))


def _tile(fitted: FittedProcess, key: Any, soft: SoftLabels, places: np.ndarray, size: int) -> Generated:
    """The rows at these places, filled up to `size` with the first of them, and without what filled up."""
    filled = np.concatenate([places, np.repeat(places[:1], size - len(places))])
    table, kept = fitted.table, slice(len(places))
    target = None if table.target is None else table.target[filled]
    rows = dataclasses.replace(table, features=table.features[filled], target=target, row_ids=table.row_ids[filled])
    own = dataclasses.replace(fitted, table=rows, labels=fitted.labels[filled])
    made = with_noise(own, key, soft.take(filled), Provenance())
    names = ("drawn_label", "laws", "expected_changes", "observed_sets", "set_chances")
    return dataclasses.replace(
        made,
        **{name: None if (values := getattr(made, name)) is None else values[kept] for name in names},
        observed_hard=dataclasses.replace(made.observed_hard, hard_labels=made.observed_hard.hard_labels[kept]),
        ledger=tuple(_ledger([entry], kept) for entry in made.ledger),
        transitions=tuple(_by_row(it, kept) for it in made.transitions),
        set_inclusion=None if made.set_inclusion is None else _by_row(made.set_inclusion, kept),
    )


def _by_row(transition: np.ndarray, kept: slice) -> np.ndarray:
    return transition if transition.ndim == 2 else transition[kept]


def _ledger(entries: Sequence[Ledger], kept: slice = slice(None)) -> Ledger:
    """The rows of several entries of one node, one after another."""
    names = ("before", "after", "flip_probability")
    parts = {name: np.concatenate([getattr(entry, name)[kept] for entry in entries]) for name in names}
    return Ledger(entries[0].name, **parts)


def _together(fitted: FittedProcess, soft: SoftLabels, tiles: Sequence[Generated], provenance: Provenance) -> Generated:
    """The rows of all tiles, one after another."""

    def every(values: Sequence[Any]) -> Any:
        return None if values[0] is None else np.concatenate(values)

    def matrices(values: Sequence[Any]) -> Any:
        return values[0] if values[0] is None or values[0].ndim == 2 else np.concatenate(values)

    names = ("drawn_label", "laws", "expected_changes", "observed_sets", "set_chances")
    made = {name: every([getattr(tile, name) for tile in tiles]) for name in names}
    hard = every([tile.observed_hard.hard_labels for tile in tiles])
    return Generated(
        *datasets(fitted, soft, (made["laws"][:, -1], hard), fitted.observed_table, provenance),
        soft=soft,
        **made,
        ledger=tuple(_ledger(entries) for entries in zip(*(tile.ledger for tile in tiles), strict=True)),
        transitions=tuple(matrices(own) for own in zip(*(tile.transitions for tile in tiles), strict=True)),
        parameters=tiles[0].parameters,
        set_inclusion=matrices([tile.set_inclusion for tile in tiles]),
    )
