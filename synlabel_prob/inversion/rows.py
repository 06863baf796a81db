"""What draws of the noise say of each row: its true label, whether its observed one is wrong, and the rates of all."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from .dominance import TRANSITION
from .models import Arrays, log_class_law, true_label_law, wrong_given_observed


class RowPass(NamedTuple):
    """Means over the draws, and numbers for each draw.

    Attributes:
        label_law: (rows, classes) P(true class | everything observed).
        wrong: (rows,) P(an observed label of the row is wrong); the mean over several of them.
        noise_rate: (draws,) the probability that a label changes, expected over rows and classes.
        wrong_share: (draws,) the share of the observed labels that is wrong, a draw of it for each draw.
        accuracy: (draws, annotators) the probability that an annotator names the true class; None without votes.
    """

    label_law: np.ndarray
    wrong: np.ndarray
    noise_rate: np.ndarray
    wrong_share: np.ndarray
    accuracy: np.ndarray | None


def row_pass(arrays: Arrays, samples: dict[str, Any], key: Any, *, soft: bool) -> RowPass:
    """Go through the draws once; exact given each of them, memory is that of one.

    Args:
        arrays: a row for each row of the user's.
        samples: site -> (draws, ...).
        key: fixes the true labels that `wrong_share` draws.
        soft: the counts are soft labels, whose wrong share is an expectation.
    """
    with jax.enable_x64(True):
        made = _compiled(soft)(arrays, {name: jnp.asarray(value) for name, value in samples.items()}, key)
        *numbers, accuracy = jax.tree_util.tree_map(np.asarray, made)
    return RowPass(*numbers, accuracy=accuracy)


@functools.cache
def _compiled(soft: bool) -> Any:
    return jax.jit(functools.partial(_pass, soft=soft))


def _pass(arrays: Arrays, samples: dict[str, Any], key: Any, *, soft: bool) -> tuple:
    number = len(samples[TRANSITION])
    size = jnp.asarray(arrays.counts).shape

    def one(sums: tuple, drawn: tuple) -> tuple:
        own, values = drawn
        logs = log_class_law(arrays, values)
        law = true_label_law(arrays, logs, values[TRANSITION])
        wrong = wrong_given_observed(arrays, logs, values[TRANSITION])
        accuracy = jnp.exp(logs).mean(0) @ jnp.diagonal(values[TRANSITION], axis1=-2, axis2=-1).T
        share = wrong.mean() if soft else drawn_share(arrays.counts, law, own)
        return (sums[0] + law, sums[1] + wrong), (_rate(arrays, accuracy), share, accuracy)

    start = (jnp.zeros(size), jnp.zeros(size[0]))
    (law, wrong), (rate, share, accuracy) = jax.lax.scan(one, start, (jax.random.split(key, number), samples))
    return law / number, wrong / number, rate, share, None if arrays.votes is None else accuracy


def _rate(arrays: Arrays, accuracy: Any) -> Any:
    if arrays.votes is None:
        return 1.0 - accuracy
    number = jnp.asarray(arrays.votes).sum((0, 2))
    return (number * (1.0 - accuracy)).sum() / number.sum()


def drawn_share(counts: Any, law: Any, key: Any) -> Any:
    """The share of the labels, counted in (rows, classes), that differs from true ones drawn from their law."""
    cumulative = jnp.cumsum(law, -1)
    uniform = jax.random.uniform(key, law.shape[:1]) * cumulative[:, -1]
    code = jnp.minimum((uniform[:, None] >= cumulative).sum(-1), law.shape[-1] - 1)
    counts = jnp.asarray(counts)
    return 1.0 - jnp.take_along_axis(counts, code[:, None], -1).sum() / counts.sum()
