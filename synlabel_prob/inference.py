"""Posterior draws of any NumPyro fragment by NUTS, with the diagnostics that say whether to trust them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ._lazy import jax, numpyro


class Draws(NamedTuple):
    """`samples`: site -> (draws, ...); `by_chain`: site -> (chains, draws, ...); R-hat is the largest of any site."""

    samples: dict[str, np.ndarray]
    by_chain: dict[str, np.ndarray]
    largest_r_hat: float
    divergences: int
    mcmc: Any


def nuts(
    model: Callable, key: Any, *args: Any, draws: int = 1000, warmup: int = 500, chains: int = 2, **kwargs: Any
) -> Draws:
    """NUTS in double precision, chains in one vectorised run; `draws` in all, at least 4 a chain."""
    each = max(4, -(-draws // chains))
    with jax.enable_x64(True):
        start = numpyro.infer.init_to_median(num_samples=10)
        kernel = numpyro.infer.NUTS(model, init_strategy=start, target_accept_prob=0.9)
        options = {"num_chains": chains, "chain_method": "vectorized", "progress_bar": False}
        mcmc = numpyro.infer.MCMC(kernel, num_warmup=warmup, num_samples=each, **options)
        mcmc.run(key, *args, extra_fields=("diverging",), **kwargs)
        by_chain = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
        divergences = int(mcmc.get_extra_fields()["diverging"].sum())
    flat = {name: value.reshape(-1, *value.shape[2:]) for name, value in by_chain.items()}
    # Entries that never vary, such as the zeros of a Cholesky factor, have no R-hat.
    with np.errstate(divide="ignore", invalid="ignore"):
        r_hats = [
            np.nanmax(numpyro.diagnostics.split_gelman_rubin(value), initial=-np.inf) for value in by_chain.values()
        ]
    return Draws(flat, by_chain, float(max(r_hats)), divergences, mcmc)
