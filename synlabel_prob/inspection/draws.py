"""Draws of theta and of the hidden features, by the names of their sites and dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .._lazy import jax, numpyro
from ..process import FittedProcess
from ..randomness import row_uniforms
from ..soft_labels.integrand import compiled_draws, point_dims
from .dimensions import Named

CHAINS = 4
ROWS_SHOWN = 200


def drawn(fragments: Sequence[Callable], key: Any, number: int) -> list[dict[str, Named]]:
    """The sites of NumPyro fragments, drawn `number` times; without those that choose one of the kept draws."""
    dims: dict[str, tuple[str, ...]] = {}

    def once(own: Any) -> list[dict[str, Any]]:
        return [_sites(fragment, jax.random.fold_in(own, place), dims) for place, fragment in enumerate(fragments)]

    with jax.enable_x64(True):
        drawn = compiled_once(jax.vmap(once))(jax.random.split(key, number))
    return [{name: (dims[name], np.asarray(value)) for name, value in values.items()} for values in drawn]


def compiled_once(function: Callable) -> Callable:
    """A function that is called once with all draws: optimising it would take longer than it saves."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})


def _sites(fragment: Callable, key: Any, dims: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Values by site; what their dimensions are called is added to `dims`."""
    return site_values(numpyro.handlers.trace(numpyro.handlers.seed(fragment, key)).get_trace(), dims)


def site_values(traced: Mapping[str, Any], dims: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Values of a trace by site, those that choose a kept draw left out; their dimensions are added to `dims`."""
    sites = {name: site for name, site in traced.items() if site["type"] in ("sample", "deterministic")}
    kept = {name: site for name, site in sites.items() if not name.endswith(".draw")}
    dims.update({name: _site_dims(name, site) for name, site in kept.items()})
    return {name: site["value"] for name, site in kept.items()}


def _site_dims(name: str, site: Mapping[str, Any]) -> tuple[str, ...]:
    """From the site's plates and `event_dims`, as ArviZ reads them."""
    frames = sorted(site["cond_indep_stack"], key=lambda frame: frame.dim)
    named = (*(frame.name for frame in frames), *site.get("infer", {}).get("event_dims", ()))
    size = np.ndim(site["value"])
    return named if len(named) == size else tuple(f"{name}_dim_{axis}" for axis in range(size))


def by_chain(variables: dict[str, Named], chains: int | None = None) -> dict[str, Named]:
    """Draws (draws, ...) as (chain, draw, ...); those that do not fill the chains are left out.

    `chains` are those that a sampler ran; independent draws are dealt to 4.
    """
    sizes = [len(values) for _, values in variables.values()]
    if not sizes:
        return {}
    chains = chains or (CHAINS if min(sizes) >= 4 * CHAINS else 1)
    each = min(sizes) // chains
    return {
        name: (("chain", "draw", *dims), values[: chains * each].reshape(chains, each, *values.shape[1:]))
        for name, (dims, values) in variables.items()
    }


def rows_shown(rows: int, most: int = ROWS_SHOWN) -> np.ndarray:
    """Places of at most so many of the rows, at even distances, because tables are often sorted by class."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))


def predictive_draws(fitted: FittedProcess, key: Any, places: np.ndarray, number: int) -> np.ndarray:
    """Draws of the hidden features of some rows, theta integrated out, (rows, number, hidden features)."""
    rows, dims = fitted.rows.take(places), point_dims(fitted.prior)
    uniforms = row_uniforms(key, "hidden", rows.hashes, number * dims).reshape(len(rows), 1, number, dims)
    with jax.enable_x64(True):
        return np.asarray(compiled_draws()(fitted.prior, uniforms, rows.given))[:, 0]
