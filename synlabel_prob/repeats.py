"""Numbers that come twice among more than the memory holds: they wait on the disk, sorted into buckets."""

from __future__ import annotations

import tempfile
from types import TracebackType

import numpy as np

_BITS = 6


class Repeats:
    """Collects 64-bit hashes and says which come twice; memory is a bucket's, 1/64 of all hashes.

    It is a context: inside it the hashes are in a folder of their own, which goes at the end.
    """

    def __enter__(self) -> Repeats:
        """Make the buckets."""
        self._folder = tempfile.TemporaryDirectory(prefix="synlabel-")
        self._files = [open(f"{self._folder.name}/{bucket}", "wb") for bucket in range(2**_BITS)]  # noqa: SIM115
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take them away."""
        for file in self._files:
            file.close()
        self._folder.cleanup()

    def add(self, hashes: np.ndarray) -> None:
        """Put hashes (any number,) of uint64 into their buckets."""
        buckets = (hashes >> np.uint64(64 - _BITS)).astype(np.intp)
        order = np.argsort(buckets, kind="stable")
        ends = np.searchsorted(buckets[order], np.arange(2**_BITS), side="right")
        for file, own in zip(self._files, np.split(hashes[order], ends[:-1]), strict=True):
            own.tofile(file)

    def found(self) -> np.ndarray:
        """The hashes that came more than once, (any number,), sorted."""
        repeated = []
        for file in self._files:
            file.flush()
            values, counts = np.unique(np.fromfile(file.name, dtype=np.uint64), return_counts=True)
            repeated.append(values[counts > 1])
        return np.concatenate(repeated)
