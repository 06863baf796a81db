"""Simulation-based calibration: truths from the prior rank uniformly among draws of their posteriors.

Talts et al., arXiv 1804.06788; with the log likelihood among the statistics (Modrak et al., 2023) a posterior that
ignores the data is seen too.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from contracts import mixed_table
from numpyro.handlers import seed

from synlabel_prob.inference import normal_at_mode, run_chains
from synlabel_prob.priors import GaussianRegression, Prior
from synlabel_prob.testing import assert_uniform, reference_rows

DRAWS = 19


class Simulation(NamedTuple):
    """A prior law of theta, a law of data given theta, and a sampler of theta given data; all can be traced.

    Attributes:
        truth: key to theta.
        data: (theta, key) to data.
        statistics: (theta, data) to (statistics,).
        posterior: (data, key) to `DRAWS` nearly independent draws of theta, along the first axis of every leaf.
        by_numpy: (data, seed) to what `posterior` gets in the place of the data: the part of a fit that cannot be
            traced; None where there is none.
    """

    truth: Callable
    data: Callable
    statistics: Callable
    posterior: Callable
    by_numpy: Callable | None = None

    def drawn(self, key: Any) -> tuple[Any, Any]:
        """A truth and data given it."""
        first, second = jax.random.split(key)
        truth = self.truth(first)
        return truth, self.data(truth, second)

    def ranks(self, truth: Any, data: Any, given: Any, key: Any) -> Any:
        """Ranks 0 to `DRAWS` of one truth among draws given its data, (statistics,); -1 where a draw is NaN."""
        drawn = jax.vmap(lambda theta: self.statistics(theta, data))(self.posterior(given, key))
        ranks = (drawn < self.statistics(truth, data)).sum(0)
        return jnp.where(jnp.isfinite(drawn).all(0), ranks, -1)

    def uniforms(self, key: Any, number: int) -> np.ndarray:
        """Of `number` simulations, each step compiled once for all, (number, statistics): uniform if all is right."""
        first, second = jax.random.split(key)
        with jax.enable_x64(True):
            truths, data = jax.jit(jax.vmap(self.drawn))(jax.random.split(first, number))
            given = data if self.by_numpy is None else self._by_numpy(data, number)
            ranks = jax.jit(jax.vmap(self.ranks))(truths, data, given, jax.random.split(second, number))
        assert np.asarray(ranks).min() >= 0, "draws are NaN"
        return spread_out(np.asarray(ranks))

    def _by_numpy(self, data: Any, number: int) -> Any:
        every = jax.tree_util.tree_map(np.asarray, data)
        one_by_one = [jax.tree_util.tree_map(lambda leaf, at=at: leaf[at], every) for at in range(number)]
        made = [self.by_numpy(own, seed) for seed, own in enumerate(one_by_one)]  # pyright: ignore[reportOptionalCall]
        return jax.tree_util.tree_map(lambda *leaves: np.stack(leaves), *made)


def spread_out(ranks: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """Ranks 0 to `draws` as uniforms on [0, 1], by a fixed jitter."""
    return (ranks + np.random.default_rng(0).uniform(size=ranks.shape)) / (draws + 1)


def assert_calibrated(uniforms: np.ndarray, *, false_alarm: float = 1e-5) -> None:
    """Kolmogorov-Smirnov on uniforms (simulations, statistics), and on their distance from the middle.

    The second sees posteriors that are too narrow or too wide. With 1,000 simulations of 10 statistics a cdf that is
    off by 0.085 fails: an offset of 0.3 posterior standard deviations does it, and draws that are a quarter too narrow.
    """
    both = np.concatenate([uniforms, np.abs(2 * uniforms - 1)], 1)
    assert_uniform(both, false_alarm=false_alarm)


def coverage(uniforms: np.ndarray, share: float = 0.8) -> np.ndarray:
    """How often the truth is in the central interval that should hold it with probability `share`, (statistics,)."""
    return (np.abs(2 * uniforms - 1) < share).mean(0)


def by_nuts(model: Callable, key: Any) -> dict[str, Any]:
    """One chain of the package's sampler, thinned until hardly any autocorrelation is left."""
    mcmc = run_chains(model, key, each=10 * DRAWS, warmup=300)
    return {name: values[9::10] for name, values in mcmc.get_samples().items()}


def by_normal_law(model: Callable, key: Any) -> dict[str, Any]:
    """Independent draws of the package's normal law at the mode."""
    return normal_at_mode(model, key, draws=DRAWS)


def regression(description: Prior, hidden: str, rows: int, sampler: Callable) -> Simulation:
    """The regression of one feature of the mixed table, its values drawn anew at the recorded observed features."""
    reference = reference_rows(mixed_table(rows), (hidden,))
    with jax.enable_x64(True):
        made: Any = description.fit(reference, jax.random.key(0))  # its draws are not used
        regressors = np.asarray(jax.vmap(made.design.encode)(reference.rows))
    if hasattr(made, "spread"):
        made = dataclasses.replace(made, center=np.float64(0.0), spread=np.float64(1.0))

    def data(theta: Any, key: Any) -> Any:
        return made.likelihood(theta, regressors).sample(key).astype(float)

    def statistics(theta: Any, values: Any) -> Any:
        codes = values if hasattr(made, "spread") else values.astype(int)
        logs = made.likelihood(theta, regressors).log_prob(codes).sum()
        return jnp.concatenate([*(jnp.ravel(theta[name]) for name in made.sites), logs[None]])

    def posterior(values: Any, key: Any) -> dict[str, Any]:
        given = _with(made, reference=_with(reference, hidden=values[:, None]))
        found = sampler(given.reference_model(), key)
        return {name: found[f"prior.{name}"] for name in made.sites}

    return Simulation(seed_first(made.sample_parameters), data, statistics, posterior)


def _with(part: Any, **traced: Any) -> Any:
    """`dataclasses.replace` without checks of types, which know no traced arrays."""
    made = copy.copy(part)
    for name, value in traced.items():
        object.__setattr__(made, name, value)
    return made


def seed_first(fragment: Callable) -> Callable:
    """A NumPyro fragment as a function of a key."""
    return lambda key: seed(fragment, key)()


def gaussian(rows: int, sampler: Callable | None) -> Simulation:
    """Two numbers of the mixed table by Gaussian regression; without a sampler by the conjugate posterior."""
    reference = reference_rows(mixed_table(rows), ("income", "age"))
    with jax.enable_x64(True):
        fitted = GaussianRegression(coefficient_scale=1.0, residual_scale=0.5).fit(reference, jax.random.key(0))
        regressors = np.asarray(jax.vmap(fitted.design.encode)(reference.rows))
    made = dataclasses.replace(fitted, means=np.zeros(2), scales=np.ones(2))

    def data(theta: Any, key: Any) -> Any:
        return regressors @ theta.coefficients + jax.random.normal(key, (rows, 2)) @ theta.scale.T

    def statistics(theta: Any, hidden: Any) -> Any:
        residuals = (hidden - regressors @ theta.coefficients).T
        whitened = jax.scipy.linalg.solve_triangular(theta.scale, residuals, lower=True)
        logs = -0.5 * (whitened**2).sum() - rows * jnp.log(jnp.diag(theta.scale)).sum()
        covariance = (theta.scale @ theta.scale.T)[jnp.tril_indices(2)]
        return jnp.concatenate([theta.coefficients.ravel(), covariance, logs[None]])

    def updated(hidden: np.ndarray, seed: int) -> Any:
        """The package's conjugate posterior, by NumPy; only its mean and scatter depend on the values."""
        law = made.prior.updated(regressors, hidden)
        return hidden, law.mean, law.scatter

    def posterior(given: Any, key: Any) -> Any:
        hidden, mean, scatter = given
        law = _with(made.posterior, mean=mean, scatter=scatter)
        own = _with(made, reference=_with(reference, hidden=hidden), posterior=law)
        if sampler is None:
            draw = seed_first(lambda: own.sample_theta(posterior=True))
            return jax.vmap(draw)(jax.random.split(key, DRAWS))
        found = sampler(own.reference_model(), key)
        return type(made.theta)(found["prior.coefficients"], found["prior.residual_cholesky"])

    return Simulation(seed_first(lambda: made.sample_theta(posterior=False)), data, statistics, posterior, updated)
