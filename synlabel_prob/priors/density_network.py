"""A mixture density network: a small neural network from observed features to a mixture over the hidden ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp, numpyro
from ..descriptions import constant, description, fitted, static
from .base import Prior, Reference, Row
from .design import Design, encoded, fit_design
from .mixture_law import MixtureLaw, MixturePrior
from .whitened import Normal, normal


@fitted
class DensityNetworkPrior(MixturePrior):
    """One hidden layer; its outputs are the weights, means and covariance roots of the components."""

    theta: Any
    design: Design
    means: np.ndarray
    scales: np.ndarray
    normal: Normal
    history: np.ndarray
    components: int = static()
    hidden: tuple[str, ...] = static(default=())

    def law(self, theta: Any, row: Row) -> MixtureLaw:
        """The mixture that the network gives for the row, in the units of the features."""
        logs, centers, roots = outputs(theta, self.design.encode(row), self.components, len(self.hidden))
        means, scales = constant(self.means), constant(self.scales)
        size = tuple(range(len(self.hidden)))
        return MixtureLaw(logs, means + scales * centers, scales[:, None] * roots, (), self.normal, size, ())

    def sample_theta(self, *, posterior: bool) -> Any:
        """The fitted weights: they are plugged in, and have no prior to draw from."""
        return self.theta_at(0)


def outputs(weights: dict[str, Any], regressors: Any, components: int, dims: int) -> tuple[Any, Any, Any]:
    """Log weights (components,), centres (components, dims) and lower roots (components, dims, dims)."""
    layer = jnp.tanh(regressors @ constant(weights["input"]) + constant(weights["bias"]))
    linear = layer @ constant(weights["output"]) + regressors @ constant(weights["direct"])
    parts = linear.reshape(components, -1)
    below, diagonal = np.tril_indices(dims, -1), np.arange(dims)
    roots = jnp.zeros((components, dims, dims), parts.dtype)
    roots = roots.at[:, diagonal, diagonal].set(_LEAST_DEVIATION + jnp.exp(parts[:, 1 + dims : 1 + 2 * dims]))
    roots = roots.at[:, below[0], below[1]].set(parts[:, 1 + 2 * dims :])
    return jax.nn.log_softmax(parts[:, 0]), parts[:, 1 : 1 + dims], roots


_LEAST_DEVIATION = 1e-3


def _initial(key: Any, regressors: int, units: int, components: int, dims: int) -> dict[str, Any]:
    width = components * (1 + 2 * dims + dims * (dims - 1) // 2)
    first, second = jax.random.split(key)
    return {
        "input": jax.random.normal(first, (regressors, units)) / np.sqrt(regressors),
        "bias": jnp.zeros(units),
        "output": 0.3 * jax.random.normal(second, (units, width)) / np.sqrt(units),
        "direct": jnp.zeros((regressors, width)),
    }


def _losses(components: int, dims: int, law: Normal) -> Callable:
    """Minus mean log density of standardised hidden features (rows, hidden) at regressors (rows, regressors)."""
    places = tuple(range(dims))

    def one(weights: Any, regressors: Any, hidden: Any) -> Any:
        logs, centers, roots = outputs(weights, regressors, components, dims)
        return MixtureLaw(logs, centers, roots, (), law, places, ()).log_density(hidden)

    return lambda weights, x, y: -jax.vmap(one, (None, 0, 0))(weights, x, y).mean()


def _train(key: Any, regressors: Any, hidden: Any, start: Any, loss: Callable, options: tuple) -> tuple:
    """The weights with the least held-out loss along the way, and the held-out losses (steps,)."""
    steps, decay, share, rate = options
    order = jax.random.permutation(key, len(hidden))
    held = order[: max(1, int(share * len(hidden)))]
    rest = order[len(held) :]
    optimizer = numpyro.optim.Adam(rate)

    def penalised(weights: Any) -> Any:
        squares = sum((leaf**2).sum() for name, leaf in weights.items() if name != "bias")
        return loss(weights, regressors[rest], hidden[rest]) + decay * squares / len(rest)

    def step(state: tuple, _: Any) -> tuple[tuple, Any]:
        current, best, lowest = state
        current = optimizer.update(jax.grad(penalised)(optimizer.get_params(current)), current)
        weights = optimizer.get_params(current)
        now = loss(weights, regressors[held], hidden[held])
        best = jax.tree_util.tree_map(lambda new, old: jnp.where(now < lowest, new, old), weights, best)
        return (current, best, jnp.minimum(now, lowest)), now

    @jax.jit
    def run(weights: Any) -> tuple:
        first = (optimizer.init(weights), weights, loss(weights, regressors[held], hidden[held]))
        (_, best, _), history = jax.lax.scan(step, first, length=steps)
        return best, history

    return run(start)


@description
class DensityNetwork(Prior):
    """The hidden numbers by a mixture of normal laws whose parameters a small network reads off the observed features.

    One layer of `units` and a direct linear path; `components` normal laws, each with its covariance (Bishop, 1994).
    Trained by Adam for `steps` on standardised values with weight decay; the weights are those of the step with the
    least loss on a held-out share of the rows. They are plugged in: there is no uncertainty of parameters.
    """

    conditions_on: Literal["observed", "observed_and_label"] = "observed"
    components: Annotated[int, Field(ge=1, le=100)] = 3
    units: Annotated[int, Field(ge=1, le=10_000)] = 16
    steps: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    weight_decay: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.2
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.01
    kind: Literal["density_network"] = "density_network"

    summary = "mixture density network on the observed features, trained with a held-out stop; joint; continuous"
    fits = ("point",)
    cost = "steps x rows x units"

    def fit(self, reference: Reference, key: Any) -> DensityNetworkPrior:
        """Weights at the held-out minimum; `point`."""
        means, scales = reference.hidden.mean(0), reference.hidden.std(0)
        scales = np.where(scales > 0, scales, 1.0)
        design = fit_design(reference, with_label=self.conditions_on == "observed_and_label")
        dims, law = len(means), normal(len(means))
        options = (self.steps, self.weight_decay, self.held_out, self.learning_rate)
        with jax.enable_x64(True):
            regressors = jnp.asarray(encoded(design, reference.rows))
            first, second = jax.random.split(key)
            start = _initial(first, regressors.shape[1], self.units, self.components, dims)
            hidden, loss = jnp.asarray((reference.hidden - means) / scales), _losses(self.components, dims, law)
            weights, history = _train(second, regressors, hidden, start, loss, options)
        theta = {name: np.asarray(leaf)[None] for name, leaf in weights.items()}
        names = tuple(column.name for column in reference.hidden_columns)
        return DensityNetworkPrior(theta, design, means, scales, law, np.asarray(history), self.components, names)

    def explain(self) -> str:
        """In words."""
        given = "the observed features" + (" and the ground-truth label" if "label" in self.conditions_on else "")
        return (
            f"jointly by a mixture of {self.components} normal laws that a network of {self.units} units reads off "
            f"{given} (weights plugged in, stopped by held-out rows)"
        )
