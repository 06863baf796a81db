"""Rows whose label no value of the hidden features can change: exact, without an evaluation."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from .._lazy import jax
from ..metrics import one_hot
from .estimates import SoftLabels
from .integrand import LabelLaw
from .tiles import Rows, in_tiles, workers

_ROWS = 1024
_SETTLED = re.compile(r"(; [\d,]+ of [\d,]+ (points disagreed|rows settled without one))+$")
_BY_ROW = (
    *("probabilities", "standard_error", "counts", "points", "stages", "changes", "stage_standard_error"),
    *("squares", "disagreements"),
)


def settled_codes(law: LabelLaw, rows: Rows, memory_budget: int) -> np.ndarray:
    """The code of each row that is known to be settled, -1 of the others, (rows,)."""
    found = np.full(len(rows), -1, dtype=np.int64)
    if law.quicker is None or law.nodes or not len(rows):
        return found
    with jax.enable_x64(True):
        quicker, compiled = law.placed.quicker, _settled()

    def work(piece: np.ndarray) -> np.ndarray:
        with jax.enable_x64(True):  # the setting belongs to the thread
            return np.asarray(compiled(quicker, rows.filled(piece, _ROWS).observed))[: len(piece)]

    width = len(law.observed) + 64
    for piece, codes in in_tiles(work, np.arange(len(rows)), _ROWS, workers(_ROWS * width, memory_budget)):
        found[piece] = codes
    return found


@functools.cache
def _settled() -> Callable:
    return jax.jit(lambda quicker, observed: quicker.settled(observed))


def with_settled(sampled: SoftLabels, codes: np.ndarray) -> SoftLabels:
    """All rows, from those that are not settled, in their order, and the codes of those that are."""
    is_open = codes < 0
    if is_open.all():
        return sampled
    every: dict[str, Any] = {}
    for name in _BY_ROW:
        own = getattr(sampled, name)
        if own is None:
            continue
        every[name] = np.zeros((len(codes), *own.shape[1:]), dtype=own.dtype)
        every[name][is_open] = own
    every["probabilities"][~is_open] = one_hot(codes[~is_open], sampled.probabilities.shape[1])
    exact, reached = ~is_open, np.ones(len(codes), dtype=bool)
    exact[is_open], reached[is_open] = sampled.exact, sampled.reached
    settled = f"{int((~is_open).sum()):,} of {len(codes):,} rows settled without one"
    return SoftLabels(**every, exact=exact, reached=reached, method=f"{sampled.method}; {settled}")


def without_settled(method: str) -> str:
    """The method of the rows that were not settled, from what `with_settled` says."""
    return _SETTLED.sub("", method)
