"""The models that are run backwards: a law of the true class times a transition, true labels summed out."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._lazy import dist, jax, jnp, numpyro
from .dominance import sample_transition

CLASS_LAW, WEIGHTS, INTERCEPTS = "class_law", "weights", "intercepts"
_TINY = 1e-300


class Arrays(NamedTuple):
    """What a model sees of the rows.

    Attributes:
        counts: (rows, classes) how often each label was observed; fractions where soft labels were.
        multiplicity: (rows,) for how many rows of the user each one stands.
        votes: (rows, annotators, classes) counts, or None where all labels have one transition.
        law: (rows, classes) known law of the true class, or None.
        features: (rows, features) standardised, or None.
    """

    counts: Any
    multiplicity: Any
    votes: Any = None
    law: Any = None
    features: Any = None


class Scales(NamedTuple):
    """Standard deviations of the classifier's normal priors, before centring over the classes."""

    weights: float = 2.5
    intercepts: float = 2.5


def model(arrays: Arrays, scales: Scales) -> None:
    """The NumPyro model of observed labels, for NUTS: transition and class law, true labels summed out exactly."""
    num_classes = arrays.counts.shape[-1]
    annotators = None if arrays.votes is None else arrays.votes.shape[1]
    transition = sample_transition(num_classes, annotators)
    logs = log_class_law(arrays, sample_class_law(arrays, scales))
    numpyro.factor("labels", log_likelihood(arrays, logs, transition))


def sample_class_law(arrays: Arrays, scales: Scales) -> dict[str, Any]:
    """The sites that the law of the true class depends on, by name; none where it is known."""
    num_classes = arrays.counts.shape[-1]
    if arrays.law is not None:
        return {}
    if arrays.features is None:
        return {CLASS_LAW: numpyro.sample(CLASS_LAW, dist.Dirichlet(jnp.ones(num_classes)))}
    centred = dist.ZeroSumNormal(scales.weights, event_shape=(num_classes,))
    shape = (arrays.features.shape[1],)
    weights = numpyro.sample(WEIGHTS, centred.expand(shape).to_event(1))
    intercepts = dist.ZeroSumNormal(scales.intercepts, event_shape=(num_classes,))
    return {WEIGHTS: weights, INTERCEPTS: numpyro.sample(INTERCEPTS, intercepts)}


def log_class_law(arrays: Arrays, values: dict[str, Any]) -> Any:
    """The log probability of each true class, for each row, (rows, classes), given the values of the sites."""
    if arrays.law is not None:
        law = jnp.asarray(arrays.law)
        return jnp.where(law > 0, jnp.log(jnp.where(law > 0, law, 1.0)), -jnp.inf)
    if arrays.features is None:
        return jnp.broadcast_to(jnp.log(values[CLASS_LAW]), arrays.counts.shape)
    return jax.nn.log_softmax(jnp.asarray(arrays.features) @ values[WEIGHTS] + values[INTERCEPTS], axis=-1)


def log_likelihood(arrays: Arrays, log_law: Any, transition: Any) -> Any:
    """Of all observed labels together.

    With one transition each label starts at a true class of its own, sum_ij Y_ij log (q_i T)_j; votes on a row share
    its true class, sum_i log sum_k q_ik prod_a T_a[k, y_ia].
    """
    if arrays.votes is None:
        return (arrays.counts * jnp.log(jnp.maximum(jnp.exp(log_law) @ transition, _TINY))).sum()
    together = jax.nn.logsumexp(log_law + log_votes(arrays.votes, transition), axis=-1)
    return (arrays.multiplicity * together).sum()


def log_votes(votes: Any, transition: Any) -> Any:
    """The log probability of the votes of a row given its true class, (rows, classes)."""
    logs = jnp.swapaxes(jnp.log(jnp.maximum(transition, _TINY)), -1, -2)  # (annotators, said, true)
    rows, annotators, classes = votes.shape
    return jnp.asarray(votes).reshape(rows, annotators * classes) @ logs.reshape(annotators * classes, classes)


def true_label_law(arrays: Arrays, log_law: Any, transition: Any) -> Any:
    """P(true class | what was observed of the row), (rows, classes), given the transition and the class law; exact.

    Of a row with a soft label, the mean over the labels that it stands for.
    """
    if arrays.votes is not None:
        return jax.nn.softmax(log_law + log_votes(arrays.votes, transition), axis=-1)
    law = jnp.exp(log_law)
    shares = arrays.counts / arrays.counts.sum(-1, keepdims=True)
    return law * ((shares / jnp.maximum(law @ transition, _TINY)) @ transition.T)


def wrong_given_observed(arrays: Arrays, log_law: Any, transition: Any) -> Any:
    """P(an observed label of the row is not the true one), (rows,); the mean over several labels; exact."""
    shares = arrays.counts / arrays.counts.sum(-1, keepdims=True)
    if arrays.votes is not None:
        return 1.0 - (shares * true_label_law(arrays, log_law, transition)).sum(-1)
    law = jnp.exp(log_law)
    right = law * jnp.diagonal(transition) / jnp.maximum(law @ transition, _TINY)
    return 1.0 - (shares * right).sum(-1)
