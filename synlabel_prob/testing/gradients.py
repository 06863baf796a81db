"""The derivative of a log-probability in unknown parameters, as NUTS takes it, against differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._lazy import dist, jax, jnp, numpyro
from .parts import expect


def check_gradient(model: Callable[[], None], sites: Mapping[str, Any], *, most: int = 10, step: float = 1e-6) -> None:
    """The gradient in all parameters of a NumPyro model, compiled; the first `most` against central differences.

    Args:
        model: has continuous sites that are sampled, and an observed one.
        sites: of these, by name, the distribution `fn` and a `value`, for its shape.
        most: how many parameters are moved.
        step: by how much, without constraints.

    Raises:
        AssertionError: the derivative is not finite, or not the slope.
    """
    free = {name: dist.transforms.biject_to(site["fn"].support).inv(site["value"]) for name, site in sites.items()}
    flat, rebuild = jax.flatten_util.ravel_pytree(free)
    start = jnp.asarray(np.random.default_rng(5).uniform(-1.0, 1.0, flat.shape))  # draws may lie where it is steep
    moves = step * jnp.eye(len(start))[:most]

    def potential(flat: Any) -> Any:
        return numpyro.infer.util.potential_energy(model, (), {}, rebuild(flat))

    @jax.jit
    def both(start: Any) -> tuple[Any, Any]:
        ahead, behind = jax.lax.map(potential, jnp.concatenate([start + moves, start - moves])).reshape(2, -1)
        return jax.grad(potential)(start), (ahead - behind) / (2 * step)

    slopes, numeric = (np.asarray(part) for part in both(start))
    expect(np.isfinite(slopes).all(), f"the derivative of the log-probability must be finite; got {slopes}")
    np.testing.assert_allclose(slopes[:most], numeric, rtol=1e-4, atol=1e-4, err_msg="gradient of the log-probability")
