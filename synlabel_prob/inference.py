"""Posterior draws of any NumPyro fragment: by NUTS with its diagnostics, or by a normal law at the mode."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ._lazy import jax, jnp, numpyro
from .errors import InputError

_STATISTICS = ("diverging", "energy", "num_steps")


class Diagnostics(NamedTuple):
    """Whether draws of a Markov chain can be trusted.

    Attributes:
        largest_r_hat: split R-hat of any entry of any site.
        smallest_effective_sample_size: of any entry of any site.
        divergences: in all chains.
        draws: in all chains.
        chains: how many.
    """

    largest_r_hat: float
    smallest_effective_sample_size: float
    divergences: int
    draws: int
    chains: int = 1


class Draws(NamedTuple):
    """`samples`: site -> (draws, ...); `by_chain`: site -> (chains, draws, ...); R-hat is the largest of any site.

    `statistics`: of the sampler, each (chains, draws).
    """

    samples: dict[str, np.ndarray]
    by_chain: dict[str, np.ndarray]
    largest_r_hat: float
    divergences: int
    mcmc: Any
    smallest_effective_sample_size: float
    statistics: dict[str, np.ndarray]

    @property
    def diagnostics(self) -> Diagnostics:
        """The numbers alone, which outlive the draws."""
        chains, each = next(iter(self.by_chain.values())).shape[:2]
        numbers = (self.largest_r_hat, self.smallest_effective_sample_size, self.divergences)
        return Diagnostics(*numbers, draws=chains * each, chains=chains)


def nuts(
    model: Callable, key: Any, *args: Any, draws: int = 1000, warmup: int = 500, chains: int = 2, **kwargs: Any
) -> Draws:
    """NUTS in double precision, chains in one vectorised run; `draws` in all, at least 4 a chain.

    `dense_mass` among the keywords is NumPyro's: which sites share a dense mass matrix.
    """
    each = max(4, -(-draws // chains))
    with jax.enable_x64(True):
        mcmc = run_chains(model, key, *args, each=each, warmup=warmup, chains=chains, **kwargs)
        by_chain = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
        fields = mcmc.get_extra_fields(group_by_chain=True)
        statistics = {name: np.asarray(fields[name]) for name in _STATISTICS}
    flat = {name: value.reshape(-1, *value.shape[2:]) for name, value in by_chain.items()}
    r_hat = max(float(np.nanmax(r_hats(value), initial=-np.inf)) for value in by_chain.values())
    size = min(float(np.nanmin(effective_sizes(value), initial=np.inf)) for value in by_chain.values())
    return Draws(flat, by_chain, r_hat, int(statistics["diverging"].sum()), mcmc, size, statistics)


def run_chains(
    model: Callable,
    key: Any,
    *args: Any,
    each: int,
    warmup: int,
    chains: int = 1,
    dense_mass: Any = False,
    **kwargs: Any,
) -> Any:
    """NumPyro's MCMC after its run, `each` draws a chain: the sampler of `nuts`, which `jit` and `vmap` may trace."""
    start = numpyro.infer.init_to_median(num_samples=10)
    kernel = numpyro.infer.NUTS(model, init_strategy=start, target_accept_prob=0.9, dense_mass=dense_mass)
    options = {"num_chains": chains, "chain_method": "vectorized", "progress_bar": False}
    mcmc = numpyro.infer.MCMC(kernel, num_warmup=warmup, num_samples=each, **options)
    mcmc.run(key, *args, extra_fields=_STATISTICS, **kwargs)
    return mcmc


def r_hats(by_chain: np.ndarray) -> np.ndarray:
    """Split R-hat of every entry of (chains, draws, ...); NaN for entries that never vary, as a Cholesky's zeros."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numpyro.diagnostics.split_gelman_rubin(by_chain))


def effective_sizes(by_chain: np.ndarray) -> np.ndarray:
    """Effective sample size of every entry of (chains, draws, ...); NaN for entries that never vary.

    At most n log10(n) of n draws, as in Vehtari et al. (Bayesian Analysis, 2021): where draws alternate around their
    mean the estimated autocorrelation time can come out as nought or less.
    """
    number = by_chain.shape[0] * by_chain.shape[1]
    largest = number * np.log10(number)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.asarray(numpyro.diagnostics.effective_sample_size(by_chain))
    return np.where((sizes <= 0) | (sizes > largest), largest, sizes)


def laplace(model: Callable, key: Any, *args: Any, draws: int) -> dict[str, np.ndarray]:
    """Site -> (draws, ...): the normal law that touches the posterior at its mode, in unconstrained coordinates.

    An approximation, good where the posterior has one peak and many rows. With `draws` 0 the mode alone, (1, ...).
    `model(*args)` is compiled once for all arguments (pytrees) of a shape.

    Raises:
        InputError: no peak was found.
    """
    with jax.enable_x64(True):
        found = {name: np.asarray(value) for name, value in _compiled(model, draws)(key, *args).items()}
    if not all(np.isfinite(value).all() for value in found.values()):
        raise InputError(
            f"a normal law at the posterior's mode needs a peak; none was found in {_NEWTON_STEPS} steps of Newton's "
            "method: fit with `nuts`, or choose narrower scales."
        )
    return found


@functools.lru_cache(maxsize=32)
def _compiled(model: Callable, draws: int) -> Callable:
    def run(key: Any, *args: Any) -> dict[str, Any]:
        return normal_at_mode(functools.partial(model, *args), key, draws=draws)

    return jax.jit(run)


def normal_at_mode(model: Callable, key: Any, *, draws: int) -> dict[str, Any]:
    """What `laplace` returns, as JAX arrays that `jit` and `vmap` may trace; NaN where there is no peak."""
    from jax.flatten_util import ravel_pytree

    start, potential, constrain, *_ = numpyro.infer.util.initialize_model(
        key, model, init_strategy=numpyro.infer.init_to_feasible()
    )
    flat, unflatten = ravel_pytree(start.z)
    mode, precision = _mode(lambda point: potential(unflatten(point)), flat)
    points = mode[None]
    if draws:
        root = jnp.linalg.cholesky(precision)
        standard = jax.random.normal(jax.random.fold_in(key, 1), (draws, len(mode)))
        points = points + jax.scipy.linalg.solve_triangular(root.T, standard.T, lower=False).T
    return jax.jit(jax.vmap(lambda point: constrain(unflatten(point))))(points)


_NEWTON_STEPS = 500
_SMALLEST_DECREMENT = 1e-10


def _mode(potential: Callable, start: Any) -> tuple[Any, Any]:
    """The minimum by damped Newton steps (Levenberg and Marquardt), and the second derivatives there.

    They stop 1e-5 posterior standard deviations from the minimum, and one full step more squares that error. Where the
    second derivatives are not positive definite, a step is not taken (Cholesky gives NaN) and the damping rises.
    """
    gradient, hessian = jax.grad(potential), jax.hessian(potential)

    def step(state: tuple) -> tuple:
        number, point, value, damping, _ = state
        slope, curvature = gradient(point), hessian(point)
        scale = jnp.maximum(jnp.abs(jnp.diag(curvature)), 1e-6)
        moved = point - _solved(curvature + damping * jnp.diag(scale), slope)
        newton = _solved(curvature, slope)
        done = slope @ newton < _SMALLEST_DECREMENT
        moved = jnp.where(done, point - newton, moved)
        lower = potential(moved)
        better = done | (jnp.isfinite(lower) & (lower <= value))
        damping = jnp.clip(jnp.where(better, damping / 10, damping * 10), 1e-12, 1e12)
        return number + 1, jnp.where(better, moved, point), jnp.where(better, lower, value), damping, done

    @jax.jit
    def run(point: Any) -> tuple[Any, Any]:
        state = (0, point, potential(point), jnp.asarray(1e-3), jnp.asarray(False))
        _, found, *_, done = jax.lax.while_loop(lambda now: (now[0] < _NEWTON_STEPS) & ~now[-1], step, state)
        found = jnp.where(done, found, jnp.nan)
        return found, hessian(found)

    return run(start)


def _solved(matrix: Any, vector: Any) -> Any:
    return jax.scipy.linalg.cho_solve((jnp.linalg.cholesky(matrix), True), vector)
