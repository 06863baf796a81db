"""What a noise node's views promise each other: they are one transition."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._lazy import distributions, jax, jnp, numpyro
from ..noise import FittedNoise, change_probability, push_forward, reverse
from .frequencies import assert_frequencies
from .gradients import check_gradient
from .parts import expect

FEW = 5
"""Rows of the check that draws, where a transition depends on the row."""


@dataclasses.dataclass(frozen=True, eq=False)
class Views:
    """A fitted node with the parameters and the contexts that give its transition; `clean (rows, classes)`."""

    fitted: FittedNoise
    name: str
    parameters: Any
    context: Any
    transition: np.ndarray
    clean: np.ndarray
    sites: dict[str, Any]

    @property
    def size(self) -> int:
        """How many classes."""
        return self.clean.shape[-1]

    @property
    def by_row(self) -> np.ndarray:
        """T of every row, (rows, classes, classes)."""
        return np.broadcast_to(self.transition, (len(self.clean), self.size, self.size))

    def pushed(self, soft_labels: np.ndarray) -> np.ndarray:
        """The exact push-forward, compiled."""
        return np.asarray(jax.jit(push_forward)(jnp.asarray(soft_labels), jnp.asarray(self.transition)))

    def law(self, before: np.ndarray) -> Any:
        """The NumPyro distribution of the labels after noise."""
        row = np.take_along_axis(self.by_row, before[:, None, None], 1)[:, 0]
        return distributions.NoisyLabel(jnp.asarray(row), jnp.asarray(before))

    def changed(self, key: Any, before: np.ndarray) -> np.ndarray:
        """One draw of the labels after noise, (rows,)."""
        return np.asarray(self.law(before).sample(key))


def check_views(views: Views) -> None:
    """Everything that is exact."""
    transition, clean, size = views.by_row, views.clean, views.size
    expect(np.isfinite(transition).all() and transition.min() >= 0, "a transition must hold no negative numbers")
    np.testing.assert_allclose(transition.sum(-1), 1.0, atol=1e-12, err_msg="rows of a transition")
    if views.fitted.depends_on == "nothing":
        expect(views.transition.shape == (size, size), f"T must be classes x classes; got {views.transition.shape}")
    pushed = views.pushed(clean)
    np.testing.assert_allclose(pushed, np.einsum("rk,rkj->rj", clean, transition), atol=1e-14, err_msg="push-forward")
    leaves = (clean * (1 - np.diagonal(transition, axis1=-2, axis2=-1))).sum(-1)
    np.testing.assert_allclose(change_probability(clean, transition), leaves, atol=1e-14, err_msg="change probability")
    _check_reverse(views, pushed)
    _check_log_probability(views)


def _check_reverse(views: Views, pushed: np.ndarray) -> None:
    """Bayes' rule, and NaN where a label cannot be observed."""
    posterior = np.asarray(reverse(jnp.asarray(views.clean), jnp.asarray(views.transition)))
    expected = np.full(posterior.shape, np.nan)
    for true, observed in np.ndindex(views.size, views.size):
        possible = pushed[:, observed] > 0
        joint = views.clean[:, true] * views.by_row[:, true, observed]
        expected[possible, observed, true] = joint[possible] / pushed[possible, observed]
    np.testing.assert_allclose(posterior, expected, atol=1e-12, err_msg="reverse")
    total = np.where(pushed[..., None] > 0, posterior * pushed[..., None], 0.0).sum(1)
    np.testing.assert_allclose(total, views.clean, atol=1e-12, err_msg="the posteriors average to the soft label")


def _check_log_probability(views: Views) -> None:
    """Log-probabilities are log T[before, after], and minus infinity where T excludes a label."""
    for before in range(views.size):
        law = views.law(np.full(len(views.clean), before))
        support = np.asarray(law.enumerate_support())
        np.testing.assert_array_equal(support, np.broadcast_to(np.arange(views.size)[:, None], support.shape))
        found = np.asarray(law.log_prob(law.enumerate_support())).T
        possible = views.by_row[:, before] > 0
        np.testing.assert_allclose(found[possible], np.log(views.by_row[:, before][possible]), atol=1e-12)
        expect((found[~possible] < -1e30).all(), "a label that T excludes must have no probability")


def check_frequencies(views: Views, key: Any, num_draws: int, false_alarm: float) -> None:
    """Labels drawn from each class follow its row of T, by `sample` and by `from_uniforms`."""
    distinct = 1 if views.transition.ndim == 2 else min(FEW, len(views.clean))
    each = num_draws // distinct
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())
    for before in range(views.size):
        row = np.repeat(views.by_row[:distinct, before], each, 0)
        law = distributions.NoisyLabel(jnp.asarray(row), jnp.full(len(row), before))
        draws = {
            "sample": law.sample(jax.random.fold_in(key, before)),
            "from_uniforms": law.from_uniforms(jnp.asarray(generator.uniform(size=(len(row), 2)))),
        }
        for drawn in draws.values():
            codes = np.asarray(drawn).reshape(distinct, each)
            counts = np.stack([(codes == code).sum(1) for code in range(views.size)], -1)
            assert_frequencies(counts, views.by_row[:distinct, before], false_alarm=false_alarm)


def check_derivatives(views: Views, key: Any) -> None:
    """The gradient of a log-probability in all unknown parameters."""
    if not views.sites:
        return
    before = np.random.default_rng(3).integers(views.size, size=len(views.clean))
    after = jnp.asarray(views.changed(key, before))

    def model() -> None:
        transition = views.fitted.transition(views.fitted.sample_parameters(), views.context)
        rows = jnp.broadcast_to(transition, views.by_row.shape)[np.arange(len(before)), before]
        numpyro.sample("after", distributions.NoisyLabel(rows, jnp.asarray(before)), obs=after)

    check_gradient(model, views.sites, most=100)
