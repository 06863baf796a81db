"""Fixtures of the benchmarks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture
def one_core() -> Iterator[None]:
    """Every thread that there is on one core, and those of libraries limited to one."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("threads cannot be kept on one core here")
    every = os.sched_getaffinity(0)
    _keep_on({max(every)})
    with threadpool_limits(1):
        yield
    _keep_on(every)


def _keep_on(cores: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)
