"""Which cases of a test `make test` runs: programs take their time to compile, and `make test-slow` has the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def only(quick: Collection[Any], cases: Iterable[Any]) -> list[Any]:
    """Test parameters, all but the `quick` ones marked as slow; a tuple has a value for each name."""
    every = list(cases)
    unknown = [case for case in quick if case not in every]
    assert not unknown, f"these are no cases: {unknown}"
    return [case if case in quick else _slow(case) for case in every]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
