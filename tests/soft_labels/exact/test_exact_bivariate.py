"""The cdf of two correlated numbers against one-dimensional quadrature and SciPy."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest
from quick import only
from scipy import stats
from scipy.integrate import quad

from synlabel_prob.soft_labels.exact.bivariate import bivariate_cdf, univariate_cdf


def pairs(number: int) -> np.ndarray:
    """(h, k, angle): any, nearly equal, nearly opposite, and nearly parallel numbers."""
    random = np.random.default_rng(3)
    found = np.column_stack([2 * random.normal(size=(number, 2)), random.uniform(0, np.pi, number)])
    small = 10.0 ** random.uniform(-9, -1, number)
    found[::4, 1] = found[::4, 0] + small[::4]
    found[1::4, 1] = -found[1::4, 0] + small[1::4]
    found[::5, 2] = small[::5]
    found[1::5, 2] = np.pi - small[1::5]
    return found


def one(first: float, second: float, angle: float, nu: float | None) -> float:
    """The density of X times the cdf of Y given X, integrated over X around where that cdf turns."""
    cosine, sine = np.cos(angle), np.sin(angle)

    def inside(x: float) -> float:
        bound = (second - cosine * x) / sine
        if nu is None:
            return stats.norm.pdf(x) * stats.norm.cdf(bound)
        return stats.t.pdf(x, nu) * stats.t.cdf(bound * np.sqrt((nu + 1) / (nu + x * x)), nu + 1)

    turn, width = second / cosine, abs(sine / cosine)
    cuts = [turn + width * step for step in (-1e3, -30, -8, -2, 0, 2, 8, 30, 1e3)]
    lowest = -40.0 if nu is None else -np.inf
    edges = [lowest, *sorted(cut for cut in (*cuts, -8.0, 0.0) if lowest < cut < first), first]
    return sum(quad(inside, *ends, epsabs=1e-13, epsrel=1e-12, limit=200)[0] for ends in itertools.pairwise(edges))


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")  # asks for more than doubles hold
@pytest.mark.parametrize("nu", only([None, 5.5], [None, 1.0, 5.5]))
def test_it_is_the_integral_of_the_conditional_cdf(nu):
    cases = pairs(40)
    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(lambda h, k, angle: bivariate_cdf(h, k, angle, nu)))(*cases.T)
    np.testing.assert_allclose(found, [one(*case, nu) for case in cases], atol=1e-9)


def test_it_is_scipys():
    cases = pairs(60)
    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(bivariate_cdf))(*cases.T)
    for (first, second, angle), value in zip(cases, np.asarray(found), strict=True):
        cosine = np.cos(angle)
        law = stats.multivariate_normal([0, 0], [[1, cosine], [cosine, 1]], allow_singular=True, abseps=1e-7)
        assert value == pytest.approx(law.cdf([first, second]), abs=2e-5)


@pytest.mark.parametrize("nu", [None, 3.0])
def test_limits(nu):
    law = stats.norm if nu is None else stats.t(nu)
    with jax.enable_x64(True):
        at = jax.jit(lambda *own: bivariate_cdf(*own, nu))
        np.testing.assert_allclose(at(0.3, 1.0, 0.0), law.cdf(0.3), atol=1e-15)  # the same number twice
        np.testing.assert_allclose(at(0.3, 1.0, np.pi), law.cdf(0.3) + law.cdf(1.0) - 1, atol=1e-15)  # opposite ones
        np.testing.assert_allclose(at(0.3, np.inf, 1.0), law.cdf(0.3), atol=1e-15)
        np.testing.assert_allclose(at(0.3, np.inf, 2.0), law.cdf(0.3), atol=1e-15)
        assert at(0.3, -np.inf, 1.0) == at(-np.inf, 5.0, 2.5) == 0
        if nu is None:
            np.testing.assert_allclose(at(0.3, -0.4, 0.5 * np.pi), law.cdf(0.3) * law.cdf(-0.4), atol=1e-15)
        grid = np.array([-np.inf, -30.0, -1.0, 0.0, 2.0, np.inf])
        np.testing.assert_allclose(univariate_cdf(grid, nu), law.cdf(grid), atol=1e-15)
