"""Where compiled programs run: a processor is quickest on pieces that its cache holds, another device on large ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._lazy import jax

_NUMBERS = 2**28


def is_processor() -> bool:
    """Whether programs run on the processor, where JAX sees no other device."""
    return jax.default_backend() == "cpu"


def each(function: Callable[[Any], Any], parts: Any, numbers: int, together: int | None = None) -> Any:
    """`function` of every element of arrays (count, ...), results (count, ...), inside a compiled program.

    On a processor one after another, or so many `together`; elsewhere as many at once as 2 GiB hold, where each takes
    so many `numbers`. The results are the same.
    """
    if is_processor():
        return jax.lax.map(function, parts, batch_size=together)
    together = max(1, _NUMBERS // max(1, numbers))
    if len(jax.tree_util.tree_leaves(parts)[0]) <= together:
        return jax.vmap(function)(parts)
    return jax.lax.map(function, parts, batch_size=together)
