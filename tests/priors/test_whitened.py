"""The last coordinate of normal and Student-t vectors: against SciPy and against all coordinates."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from synlabel_prob.priors.whitened import QuantileTable, normal, rotated, student

DEGREES = [2.0, 9.0, 99.5, 100.5, 101.0, 850.0, 1e6]


def _assert_quantiles(table: QuantileTable, quantile) -> None:
    uniforms = np.concatenate([2.0 ** np.linspace(-32.99, -1.0, 5000), 2.0 ** -np.arange(1.0, 33.0)])
    with jax.enable_x64(True):
        lower = jax.vmap(lambda uniform: table(uniform[None])[0])(jnp.asarray(uniforms))
        upper = jax.vmap(lambda uniform: table(uniform[None])[0])(jnp.asarray(1.0 - uniforms))
    np.testing.assert_allclose(lower, quantile(uniforms), rtol=1e-9, atol=1e-14)
    kept = uniforms > 1e-6  # nearer to 1 the number itself is rounded
    np.testing.assert_allclose(upper[kept], -quantile(1.0 - (1.0 - uniforms))[kept], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("degrees", [1.0, 2.5, *DEGREES, 1e9])
def test_student_quantiles_are_scipys(degrees):
    _assert_quantiles(student(degrees, 1).table, lambda uniforms: special.stdtrit(degrees, uniforms))


def test_normal_quantiles_are_scipys():
    _assert_quantiles(normal(1).table, special.ndtri)


@pytest.mark.parametrize("degrees", DEGREES)
def test_the_last_of_one_is_scipys_cdf(degrees):
    # Above 100 degrees a normal cdf at moved values takes the place of JAX's incomplete beta function, which is off by
    # up to 4e-14 near there.
    values = np.concatenate([np.linspace(-40, 40, 2001), [-1e200, 0.0, 1e200]])
    with jax.enable_x64(True):
        found = student(degrees, 1).last_uniforms(jnp.zeros(0), jnp.asarray(values))
    np.testing.assert_allclose(found, special.stdtr(degrees, values), rtol=0, atol=1e-14 if degrees > 100 else 1e-13)


@pytest.mark.parametrize("law", [normal(3), student(9.0, 3), student(200.0, 3)])
def test_the_last_of_three_is_that_of_all(law):
    draws = np.random.default_rng(0).standard_t(5, (300, 3))
    with jax.enable_x64(True):
        every = jax.vmap(law.uniforms)(draws)[:, -1]
        last = jax.vmap(lambda draw: law.last_uniforms(draw[:-1], draw[-1:])[0])(jnp.asarray(draws))
    np.testing.assert_allclose(last, every, atol=1e-14)


@pytest.mark.parametrize("dims", [1, 2, 7])
def test_a_root_times_whitened_coordinates(dims):
    generator = np.random.default_rng(dims)
    root, whitened = generator.normal(size=(dims, dims)), generator.normal(size=dims)
    with jax.enable_x64(True):
        np.testing.assert_allclose(rotated(jnp.asarray(root), jnp.asarray(whitened)), root @ whitened, rtol=1e-12)
