"""Whether recorded hidden features look like draws of the fitted prior: uniforms that they turn into, in sample."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax
from ..process import FittedProcess
from ..randomness import row_uniforms
from .draws import compiled_once, rows_shown
from .theta import over_rows, recorded_rows, reference_places

ROWS_CHECKED = 1000


class Calibration(NamedTuple):
    """Probability integral transforms of the reference rows.

    Attributes:
        uniforms: (rows, hidden features), uniform where the prior describes the rows.
        features: names of the hidden features in the order of the columns; each is given those before it.
        deviation: (hidden features,) the largest distance of the empirical cdf from the uniform one (Kolmogorov-
            Smirnov).
        p_value: (hidden features,) of that distance for independent uniforms.
    """

    uniforms: np.ndarray
    features: tuple[str, ...]
    deviation: np.ndarray
    p_value: np.ndarray


def calibration(fitted: FittedProcess, key: Any) -> Calibration | None:
    """Uniforms of at most 1,000 reference rows under the fitted prior; None where it has no pit.

    In sample, because these are the rows that the prior learned from: where regressors are many for the rows, the
    uniforms are a little too central. Where a fit kept draws of theta, one of them is used: the true theta and one
    from its posterior are exchangeable given the rows (Johnson, Bayesian Analysis 2, 2007). Exact, but for the place
    inside the jumps of discrete features, which `key` draws.
    """
    from scipy import stats

    if not fitted.prior.has_pit:
        return None
    uniforms = _uniforms(fitted, key)
    order = fitted.prior.pit_order or range(uniforms.shape[1])
    distances = [_deviation(column) for column in uniforms.T]
    p_values = stats.kstwo.sf(distances, len(uniforms))
    names = tuple(fitted.process.hidden[place] for place in order)
    return Calibration(uniforms, names, np.array(distances), np.asarray(p_values))


def _uniforms(fitted: FittedProcess, key: Any) -> np.ndarray:
    prior, places = fitted.prior, reference_places(fitted)
    places = places[rows_shown(len(places), ROWS_CHECKED)]
    hidden, given = recorded_rows(fitted, places)
    jitter = row_uniforms(key, "calibration", fitted.rows.take(places).hashes, hidden.shape[1])

    def transformed(*rows: Any) -> Any:
        theta = prior.theta_at(prior.num_theta // 2)
        return over_rows(lambda row: prior.pit(theta, *row), rows)

    with jax.enable_x64(True):
        return np.asarray(compiled_once(transformed)(hidden, given, jitter))


def _deviation(uniforms: np.ndarray) -> float:
    ordered, size = np.sort(uniforms), len(uniforms)
    steps = np.arange(size + 1) / size
    return float(np.maximum(steps[1:] - ordered, ordered - steps[:-1]).max())


@functools.lru_cache(maxsize=16)
def simultaneous_band(size: int, points: int = 100, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the empirical cdf of `size` independent uniforms stays at all points at once, minus the uniform cdf.

    Pointwise binomial intervals, as wide as 4,000 simulated cdfs need (Sailynoja et al., Statistics and Computing 32,
    2022); Monte Carlo under a fixed seed.

    Returns:
        The points inside (0, 1), the lower and the upper ends.
    """
    from scipy import stats

    at = np.arange(1, points) / points
    counts = np.random.default_rng(2309_04318).multinomial(size, np.full(points, 1 / points), size=4000)
    below = counts.cumsum(1)[:, :-1]
    every = np.arange(size + 1)[:, None]
    lower, upper = stats.binom.cdf(every, size, at), stats.binom.sf(every - 1, size, at)
    tails = np.minimum(lower, upper)[below, np.arange(points - 1)].min(1)
    tail = float(np.quantile(tails, 1 - level))
    return at, stats.binom.ppf(tail, size, at) / size - at, stats.binom.isf(tail, size, at) / size - at
