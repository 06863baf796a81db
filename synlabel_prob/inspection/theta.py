"""One pass through a fitted prior: theta, hidden features given it, and how likely it makes the reference rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp, numpyro
from ..priors import FittedPrior, Row
from ..process import FittedProcess
from ..randomness import row_bits, to_uniform
from .dimensions import Named
from .draws import compiled_once, site_values

_ROWS_AT_ONCE = 256


class Pass(NamedTuple):
    """Draws of theta and what follows from each.

    Attributes:
        theta: sites, (draws, ...) each; empty where a fit plugged in a point.
        hidden: (draws, rows, hidden features), one draw of each row for each theta.
        log_density: (draws, rows) of the recorded hidden features; None where it was not asked for.
    """

    theta: dict[str, Named]
    hidden: np.ndarray
    log_density: np.ndarray | None


def theta_sites(prior: FittedPrior, *, posterior: bool) -> set[str]:
    """Names of the sites that are drawn: none where a prior has no parameters, or a fit plugged in a point."""
    dims: dict[str, tuple[str, ...]] = {}
    with jax.enable_x64(True), numpyro.handlers.trace() as traced, numpyro.handlers.seed(rng_seed=0):
        prior.sample_theta(posterior=posterior)
    return set(site_values(traced, dims))


def draw_theta(prior: FittedPrior, key: Any, place: Any, *, posterior: bool) -> tuple[Any, Mapping[str, Any]]:
    """One theta and its trace; where a fit kept draws it is the one at `place`, so that they come in their order."""

    def kept(site: Any) -> Any:
        return place if site["type"] == "sample" and site["name"].endswith(".draw") else None

    handlers = numpyro.handlers
    with handlers.trace() as traced, handlers.seed(rng_seed=key), handlers.substitute(substitute_fn=kept):
        theta = prior.sample_theta(posterior=posterior)
    return theta, traced


def run_pass(
    fitted: FittedProcess,
    key: Any,
    number: int,
    shown: np.ndarray,
    *,
    posterior: bool,
    density: np.ndarray | None = None,
) -> Pass:
    """Draw theta `number` times from its posterior or its prior, and hidden features of the rows shown with each.

    Args:
        fitted: the process.
        key: fixes the draws.
        number: of thetas; the kept ones in their order where the fit kept some.
        shown: places of the rows whose hidden features are drawn.
        posterior: where theta comes from.
        density: places of the rows whose recorded hidden features' log density is asked for.
    """
    prior, rows = fitted.prior, fitted.rows.take(shown)
    recorded = None if density is None else recorded_rows(fitted, density)
    dims: dict[str, tuple[str, ...]] = {}

    def parameters(own: Any, place: Any) -> tuple[Any, Any]:
        theta, traced = draw_theta(prior, own, place, posterior=posterior)
        return theta, site_values(traced, dims)

    def consequences(given: tuple[Any, Any]) -> tuple[Any, Any]:
        theta, own = given
        uniforms = to_uniform(row_bits(own, rows.hashes, prior.uniform_dims))
        hidden = over_rows(lambda row: prior.quantile(theta, *row), (uniforms, rows.given))
        if recorded is None:
            return hidden, None
        return hidden, over_rows(lambda row: prior.log_density(theta, *row), recorded)

    with jax.enable_x64(True):
        keys = jax.random.split(key, (2, number))
        thetas, sites = compiled_once(jax.vmap(parameters))(keys[0], jnp.arange(number))
        # Draw after draw, because a table's rows under all draws at once would not fit.
        hidden, logs = jax.jit(lambda draws: jax.lax.map(consequences, draws))((thetas, keys[1]))
    named = {name: (dims[name], np.asarray(values)) for name, values in sites.items()}
    return Pass(named, np.asarray(hidden), None if logs is None else np.asarray(logs))


def reference_places(fitted: FittedProcess) -> np.ndarray:
    """Places in the table of the rows that the prior was fitted to."""
    return np.flatnonzero(np.asarray(fitted.rows.given.place) >= 0)


def recorded_rows(fitted: FittedProcess, places: np.ndarray) -> tuple[np.ndarray, Row]:
    """The resampled features (rows, resampled) that the table has, and what a prior knows of these rows."""
    return fitted.table.features[places][:, list(fitted.resampled)], fitted.rows.take(places).given


def over_rows(function: Any, rows: Any) -> Any:
    """A function of one row over all of them, a block at a time, so that memory stays bounded."""
    return jax.lax.map(function, jax.tree_util.tree_map(jnp.asarray, rows), batch_size=_ROWS_AT_ONCE)
