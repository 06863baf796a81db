"""The rows that are held out together."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..randomness import row_hashes, row_uniforms


def assign_folds(row_ids: np.ndarray, folds: int, key: Any) -> np.ndarray:
    """The fold of each row, (rows,) integers: dealt out in an order of the ids that the key shuffles.

    Folds differ by one row at most; nothing is stratified. Permuting the rows permutes the folds.
    """
    uniforms = row_uniforms(key, "comparison.fold", row_hashes(row_ids), 1)[:, 0]
    found = np.empty(len(row_ids), dtype=np.int64)
    found[np.argsort(uniforms, kind="stable")] = np.arange(len(row_ids)) % folds
    return found
