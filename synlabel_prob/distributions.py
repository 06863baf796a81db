"""NumPyro distributions of this project's row sites: each says how to make its value from uniforms.

Imported at first use through `_lazy`, because subclassing a NumPyro distribution needs NumPyro.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from numpyro.distributions import BernoulliProbs, CategoricalProbs, Distribution, Normal, constraints

from .randomness import to_uniform


class ByUniforms:
    """What the distributions share that make their value from `uniform_dims` uniforms by `from_uniforms`."""

    uniform_dims: Any
    batch_shape: Any
    from_uniforms: Any

    def sample(self, key: Any, sample_shape: tuple = ()) -> Any:
        """By the map from uniforms, with those of the key."""
        return self.from_uniforms(_uniforms(key, (*sample_shape, *self.batch_shape, self.uniform_dims)))


class SoftLabel(ByUniforms, CategoricalProbs):
    """A label drawn from class probabilities (..., classes)."""

    uniform_dims = 1

    def from_uniforms(self, uniforms: Any) -> Any:
        """Class codes from uniforms (..., 1), by the inverse cdf."""
        return _inverse_cdf(self.probs, uniforms[..., 0])


class NoisyLabel(ByUniforms, CategoricalProbs):
    """A label after noise, given the one `before (...)`; `probs (..., classes)` is its row of the transition.

    One uniform decides whether the label changes and one where it goes, so at a higher rate the same labels have
    changed and more.
    """

    uniform_dims = 2
    pytree_data_fields = ("before",)

    def __init__(self, probs: Any, before: Any, *, validate_args: Any = None) -> None:
        """Probabilities of each label after, and the label before."""
        self.before = before
        super().__init__(probs, validate_args=validate_args)

    def from_uniforms(self, uniforms: Any) -> Any:
        """Class codes from uniforms (..., 2)."""
        return _noisy_label(self.probs, self.before, uniforms)

    def enumerate_support(self, expand: bool = True) -> Any:
        """Every class."""
        return CategoricalProbs(self.probs).enumerate_support(expand)


class Perturbed(Distribution):
    """The soft label that a random map makes of another, a row each; `soft_labels (rows, classes)` are those before."""

    support = constraints.simplex  # pyright: ignore[reportAssignmentType] - NumPyro's own form
    arg_constraints = {}  # noqa: RUF012 - NumPyro's own form
    pytree_data_fields = ("node", "parameters", "soft_labels")
    uniform_dims = 2

    def __init__(self, node: Any, parameters: Any, soft_labels: Any, *, validate_args: Any = None) -> None:
        """The fitted node, its parameters, and what it acts on."""
        self.node, self.parameters, self.soft_labels = node, parameters, jnp.asarray(soft_labels)
        super().__init__(self.soft_labels.shape[:-1], self.soft_labels.shape[-1:], validate_args=validate_args)

    def from_uniforms(self, uniforms: Any) -> Any:
        """(rows, classes) from uniforms (rows, 2), which become the key of each row."""
        words = jnp.floor(uniforms * 2.0**32).astype(jnp.uint32)
        return self._draw(jax.random.wrap_key_data(words, impl="threefry2x32"))

    def _draw(self, keys: Any) -> Any:
        return jax.vmap(self.node.perturbed, (0, None, 0))(keys, self.parameters, self.soft_labels)

    def sample(self, key: Any, sample_shape: tuple = ()) -> Any:
        """(..., rows, classes)."""
        keys = jax.random.split(key, (*sample_shape, *self.batch_shape))
        draw = self._draw
        for _ in sample_shape:
            draw = jax.vmap(draw)
        return draw(keys)

    def log_prob(self, value: Any) -> Any:
        """By row, where the node has a density."""
        return self.node.log_density(self.parameters, self.soft_labels, value)


class Vote(NoisyLabel):
    """What annotators say, `probs (..., pairs, classes)` given the label `before (..., pairs)` that each starts from.

    With probability `copying` a vote repeats the one before it; `first (pairs,)` says which have none. Pairs are in the
    order in which votes are given, so log-probabilities are those of each vote given the one before it.
    """

    uniform_dims = 3
    pytree_data_fields = ("first", "copying")

    def __init__(self, probs: Any, before: Any, first: Any, copying: Any = 0.0, *, validate_args: Any = None) -> None:
        """Probabilities of each vote that is no copy, the labels that they start from, and how often one is."""
        self.first, self.copying = first, copying
        super().__init__(probs, before, validate_args=validate_args)

    def from_uniforms(self, uniforms: Any) -> Any:
        """Class codes from uniforms (..., pairs, 3): a copy has the value of the last vote before it that is none."""
        own = super().from_uniforms(uniforms[..., :2])
        copies = ~jnp.asarray(self.first) & (uniforms[..., 2] < self.copying)
        places = jnp.where(copies, 0, jnp.arange(own.shape[-1]))
        return jnp.take_along_axis(own, jax.lax.cummax(places, axis=places.ndim - 1), -1)

    def log_prob(self, value: Any) -> Any:
        """Of each vote given the one before it, (..., pairs)."""
        codes = jnp.asarray(value)
        rows: Any = self.probs
        probs = jnp.broadcast_to(rows, (*codes.shape, rows.shape[-1]))
        own = jnp.take_along_axis(probs, codes[..., None], -1)[..., 0]
        copied = (1.0 - self.copying) * own + self.copying * (codes == jnp.roll(codes, 1, -1))
        chance = jnp.where(jnp.asarray(self.first), own, copied)
        return jnp.where(chance > 0, jnp.log(jnp.where(chance > 0, chance, 1.0)), -jnp.inf)


class Given(ByUniforms, BernoulliProbs):
    """Whether a vote is given, `probs (...)`."""

    uniform_dims = 1

    def from_uniforms(self, uniforms: Any) -> Any:
        """1 where it is, from uniforms (..., 1)."""
        return (uniforms[..., 0] < self.probs).astype(jnp.int32)


class ObservedSet(ByUniforms, Distribution):
    """The set of classes that is recorded of each row's label (rows,): which classes are in it, (rows, classes)."""

    support = constraints.independent(constraints.boolean, 1)  # pyright: ignore[reportAssignmentType] - NumPyro's own form
    arg_constraints = {}  # noqa: RUF012 - NumPyro's own form
    pytree_data_fields = ("observation", "parameters", "context", "labels")

    def __init__(
        self, observation: Any, parameters: Any, context: Any, labels: Any, *, validate_args: Any = None
    ) -> None:
        """The fitted observation, its parameters and context, and the labels."""
        self.observation, self.parameters = observation, parameters
        self.context, self.labels = context, jnp.asarray(labels)
        classes = jax.eval_shape(observation.inclusion, parameters, context).shape[-1]
        super().__init__(self.labels.shape, (classes,), validate_args=validate_args)

    @property
    def uniform_dims(self) -> int:
        """As many as the observation takes."""
        return self.observation.uniform_dims

    def from_uniforms(self, uniforms: Any) -> Any:
        """Booleans (..., rows, classes) from uniforms (..., rows, uniform_dims)."""
        draw = functools.partial(self.observation.sets, self.parameters, self.context, self.labels)
        for _ in range(uniforms.ndim - 2):
            draw = jax.vmap(draw)
        return draw(uniforms)

    def log_prob(self, value: Any) -> Any:
        """Of each row's set, (..., rows)."""
        sets = jnp.asarray(value).astype(bool)
        chance = functools.partial(self.observation.log_probability, self.parameters, self.context, labels=self.labels)
        for _ in range(sets.ndim - 2):
            chance = jax.vmap(chance)
        return chance(sets)


class RowNormal(ByUniforms, Normal):
    """A normal number of each row."""

    uniform_dims = 1

    def from_uniforms(self, uniforms: Any) -> Any:
        """By the quantile function, from uniforms (..., 1)."""
        return self.icdf(uniforms[..., 0])


class LabelsGivenTheta(Distribution):
    """Labels of all rows (rows,) that share one unknown theta, `probs (theta draws, rows, classes)` given each draw.

    The log-probability is logsumexp_s sum_i log p_s[i, y_i] - log S: theta is averaged over outside the product.
    """

    arg_constraints = {"probs": constraints.simplex}  # noqa: RUF012 - NumPyro's own form
    pytree_data_fields = ("probs",)

    def __init__(self, probs: Any, *, validate_args: Any = None) -> None:
        """Probabilities given each draw of theta."""
        self.probs = probs
        super().__init__((), probs.shape[1:2], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)  # pyright: ignore[reportArgumentType] - as NumPyro's own
    def support(self) -> Any:
        """Class codes of all rows."""
        return constraints.independent(constraints.integer_interval(0, self.probs.shape[-1] - 1), 1)

    def log_prob(self, value: Any) -> Any:
        """Of all rows together, (...)."""
        codes = jnp.asarray(value)[..., None, :, None]
        own = jnp.take_along_axis(jnp.broadcast_to(self.probs, (*codes.shape[:-3], *self.probs.shape)), codes, -1)
        # Two `where`s, so that a label without probability has no derivative instead of one that is not a number.
        logs = jnp.where(own > 0, jnp.log(jnp.where(own > 0, own, 1.0)), -jnp.inf)
        return jax.nn.logsumexp(logs[..., 0].sum(-1), axis=-1) - jnp.log(self.probs.shape[0])

    def sample(self, key: Any, sample_shape: tuple = ()) -> Any:
        """One draw of theta for all rows, then their labels."""
        key_theta, key_labels = jax.random.split(key)
        probs = jnp.asarray(self.probs)[jax.random.randint(key_theta, sample_shape, 0, self.probs.shape[0])]
        return _inverse_cdf(probs, _uniforms(key_labels, (*sample_shape, *self.event_shape)))


class HiddenFeatures(ByUniforms, Distribution):
    """The hidden features of every row given one theta: a fitted prior as a NumPyro distribution.

    `given` is what is known of the rows, a `priors.Row` of arrays.
    """

    support = constraints.real_vector  # pyright: ignore[reportAssignmentType] - NumPyro's own form
    arg_constraints = {}  # noqa: RUF012 - NumPyro's own form
    pytree_data_fields = ("prior", "theta", "given")

    def __init__(self, prior: Any, theta: Any, given: Any, *, validate_args: Any = None) -> None:
        """The prior's parts and what it conditions on."""
        given = jax.tree_util.tree_map(jnp.asarray, given)
        self.prior, self.theta, self.given = prior, theta, given
        self.uniform_dims = prior.uniform_dims
        first = jax.tree_util.tree_map(lambda leaf: leaf[0], given)
        dims = jax.eval_shape(prior.quantile, theta, jnp.zeros(self.uniform_dims), first).shape
        super().__init__(given.label.shape, dims, validate_args=validate_args)

    def from_uniforms(self, uniforms: Any) -> Any:
        """Hidden features (..., rows, hidden) from uniforms (..., rows, uniform_dims)."""
        quantile = jax.vmap(self.prior.quantile, (None, 0, 0))
        for _ in range(uniforms.ndim - 2):
            quantile = jax.vmap(quantile, (None, 0, None))
        return quantile(self.theta, uniforms, self.given)

    def log_prob(self, value: Any) -> Any:
        """Log density by row; exact given theta."""
        return jax.vmap(self.prior.log_density, (None, 0, 0))(self.theta, value, self.given)


@jax.jit
def flip_probability(row: Any, before: Any) -> Any:
    """1 - T[before, before], exactly 0 where the row is one-hot at `before`; `row (..., classes)`."""
    return jnp.where(jnp.arange(row.shape[-1]) == before[..., None], 0.0, row).sum(-1)


@jax.jit
def changed_label(row: Any, before: Any, changes: Any, uniform: Any) -> Any:
    """Where a changed label goes: by the inverse cdf of its transition row without the class it leaves."""
    others = jnp.where(jnp.arange(row.shape[-1]) == before[..., None], 0.0, row)
    return jnp.where(changes, _inverse_cdf(others, uniform), before)


@jax.jit
def _noisy_label(row: Any, before: Any, uniforms: Any) -> Any:
    changes = uniforms[..., 0] < flip_probability(row, before)
    return changed_label(row, before, changes, uniforms[..., 1])


@jax.jit
def _inverse_cdf(weights: Any, uniform: Any) -> Any:
    """The class whose share of the (not necessarily normalised) weights holds the uniform; never one of weight 0."""
    cumulative = jnp.cumsum(weights, -1)
    position = uniform[..., None] * cumulative[..., -1:]
    code = (position >= cumulative).sum(-1)
    last = weights.shape[-1] - 1 - (weights[..., ::-1] > 0).argmax(-1)
    return jnp.minimum(code, last).astype(jnp.int32)


def _uniforms(key: Any, shape: tuple) -> Any:
    return to_uniform(jax.random.bits(key, shape, "uint32"))
