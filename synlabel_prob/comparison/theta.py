"""Draws of a prior's parameters, and what they are used for: PSIS-LOO, and the part of uncertainty that is theirs."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import metrics
from .._lazy import jax, numpyro
from ..priors import FittedPrior, Row
from ..process import FittedProcess
from ..process.models import label_law
from ..randomness import site_key
from ..soft_labels import QuasiMonteCarlo, Rows

LOO_DRAWS = 400
_CHAINS = 4
_SPLIT_DRAWS, _SPLIT_POINTS = 16, 128
_NUMBERS_AT_ONCE = 2**22


class LeaveOneOut(NamedTuple):
    """`elpd` by PSIS-LOO with its standard error, and how many of the rows have a Pareto k above `good_k`."""

    elpd: float
    standard_error: float
    bad_rows: int
    good_k: float


def posterior_thetas(prior: FittedPrior, key: Any, number: int) -> Any:
    """Draws of theta from its posterior, stacked along the first axis; None where nothing is unknown."""
    fragment = functools.partial(prior.sample_theta, posterior=True)
    with jax.enable_x64(True):
        sites = numpyro.handlers.trace(numpyro.handlers.seed(fragment, key)).get_trace().values()
        if not any(site["type"] == "sample" and not site["is_observed"] for site in sites):
            return None
        return jax.vmap(lambda own: numpyro.handlers.seed(fragment, own)())(jax.random.split(key, number))


def leave_one_out(fitted: FittedProcess, rows: Rows, values: np.ndarray, key: Any) -> LeaveOneOut | None:
    """PSIS-LOO by ArviZ over rows that the prior was fitted to; Monte Carlo, with 400 draws of theta.

    `values (rows, resampled)` are what the rows have of the features that are resampled.

    None where the prior has no density, or no posterior of theta to weigh by importance: a plugged-in point has none.
    """
    prior = fitted.prior
    if not prior.has_density:
        return None
    thetas = posterior_thetas(prior, site_key(key, "comparison.theta"), LOO_DRAWS)
    if thetas is None:
        return None
    with jax.enable_x64(True):
        logs = np.asarray(_log_likelihoods()(prior, thetas, values, rows.given))
    if not np.isfinite(logs).all() or not np.ptp(logs, axis=0).any():
        return None
    return _psis(logs)


@functools.cache
def _log_likelihoods() -> Callable:
    def run(prior: Any, thetas: Any, hidden: Any, given: Row) -> Any:
        def at_theta(theta: Any) -> Any:
            return jax.vmap(lambda own, row: prior.log_density(theta, own, row))(hidden, given)

        return jax.lax.map(at_theta, thetas)

    return jax.jit(run)


def _psis(values: np.ndarray) -> LeaveOneOut:
    """Of log likelihoods (draws, rows)."""
    import arviz as az

    shaped = values.reshape(_CHAINS, -1, values.shape[1])
    # ArviZ wants a posterior beside the likelihood, and looks only at how many draws it has.
    posterior = {"log_likelihood": shaped.sum(-1)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said in a sentence of our own, by the Pareto k below
        tree = az.from_dict({"posterior": posterior, "log_likelihood": {"hidden": shaped}})
        found: Any = az.loo(tree, pointwise=True, reff=1.0)
    bad = int((np.asarray(found.pareto_k) > found.good_k).sum())
    return LeaveOneOut(float(found.elpd), float(found.se), bad, float(found.good_k))


# --- uncertainty ------------------------------------------------------------------------------------


def uncertainty_split(
    fitted: FittedProcess, rows: Rows, soft_labels: np.ndarray, key: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Entropy of each row's soft label that stays when theta is known, and the rest, which theta causes; (rows,) each.

    H(mean p_theta) - mean H(p_theta) is the mutual information of label and theta. Quasi-Monte Carlo: 16 draws of
    theta, 128 points of the hidden features that all of them share. Where nothing is unknown all of the entropy of
    `soft_labels (rows, classes)` is from the hidden features.
    """
    thetas = posterior_thetas(fitted.prior, site_key(key, "comparison.theta"), LOO_DRAWS)
    if thetas is None:
        return metrics.entropy(soft_labels), np.zeros(len(rows))
    thetas = jax.tree_util.tree_map(lambda leaf: leaf[:_SPLIT_DRAWS], thetas)
    size = max(1, _NUMBERS_AT_ONCE // (_SPLIT_DRAWS * _SPLIT_POINTS * len(fitted.table.columns)))
    places = [np.arange(start, min(start + size, len(rows))) for start in range(0, len(rows), size)]
    given, caused = zip(*(_split(fitted, rows.take(own), thetas, key) for own in places), strict=True)
    return np.concatenate(given), np.concatenate(caused)


def _split(fitted: FittedProcess, rows: Rows, thetas: Any, key: Any) -> tuple[np.ndarray, np.ndarray]:
    laws = _laws(fitted, rows, thetas, key)
    total = metrics.entropy(laws.mean(1))
    given = metrics.entropy(laws.reshape(-1, laws.shape[-1])).reshape(laws.shape[:2]).mean(1)
    return given, (total - given).clip(0)


def _laws(fitted: FittedProcess, rows: Rows, thetas: Any, key: Any) -> np.ndarray:
    """Frequencies of the classes at each theta, (rows, thetas, classes)."""
    dims, points = fitted.prior.uniform_dims, QuasiMonteCarlo(draws=_SPLIT_POINTS, replicates=2)
    with jax.enable_x64(True):
        own = site_key(key, "comparison.points")
        uniforms = points.uniforms(own, rows.hashes, dims, 0, points.points_per_group())
        shaped = uniforms.reshape(len(rows), -1, dims)
        hidden = np.asarray(_draws_at_thetas()(fitted.prior, thetas, shaped, rows.given))
        features = label_law(fitted).features(rows.observed, hidden)
        codes = np.asarray(fitted.ground_truth.labels(features))
    return np.stack([(codes == code).mean(-1) for code in range(len(fitted.classes))], -1)


@functools.cache
def _draws_at_thetas() -> Callable:
    """Hidden features (rows, thetas, points, hidden) from uniforms (rows, points, dims)."""

    def run(prior: Any, thetas: Any, uniforms: Any, given: Row) -> Any:
        def one(theta: Any, own: Any, row: Row) -> Any:
            return jax.vmap(lambda uniform: prior.quantile(theta, uniform, row))(own)

        over_thetas = jax.vmap(one, (0, None, None))
        return jax.vmap(over_thetas, (None, 0, 0))(thetas, uniforms, given)

    return jax.jit(run)
