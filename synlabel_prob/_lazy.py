"""JAX and NumPyro, loaded at their first use: describing and checking a process needs neither."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


class _LazyModule:
    """Stands in for a module until one of its names is asked for."""

    def __init__(self, name: str, root: str) -> None:
        self._name, self._root = name, root

    def __getattr__(self, attribute: str) -> Any:
        _complete(self._root)
        value = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


def _complete(root: str) -> None:
    """Finish loading a package that another one (ArviZ does so) left half loaded in `sys.modules`.

    Importing a submodule of such a package runs the package anew and leaves two copies of its state, of which
    NumPyro's stack of handlers is one.
    """
    importlib.import_module(root).__name__  # noqa: B018 - asking for any attribute loads it


if TYPE_CHECKING:
    import jax as jax
    import jax.core
    import jax.flatten_util
    import jax.numpy as jnp
    import numpyro as numpyro
    import numpyro.distributions as dist
    import numpyro.infer.util
    import numpyro.primitives

    from . import distributions as distributions
else:
    jax = _LazyModule("jax", "jax")
    jnp = _LazyModule("jax.numpy", "jax")
    numpyro = _LazyModule("numpyro", "numpyro")
    dist = _LazyModule("numpyro.distributions", "numpyro")
    distributions = _LazyModule(f"{__package__}.distributions", "numpyro")

__all__ = ["dist", "distributions", "jax", "jnp", "numpyro"]
