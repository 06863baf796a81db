"""Votes put together: shares, plurality, the posterior of the label, and the law of a plurality; all exact."""

from __future__ import annotations

import itertools
import math
from typing import Any, Literal

import numpy as np

from ..arrays import Codes, Law, SoftLabelArray
from ..errors import InputError
from ..randomness import row_hashes, row_uniforms
from .votes import Votes

Ties = Literal["lowest", "random", "none"]
_MOST_OUTCOMES = 200_000


def vote_counts(votes: Votes) -> np.ndarray:
    """How many votes each class has, (rows, classes)."""
    counts = np.zeros((len(votes.row_ids), len(votes.classes)), dtype=np.int64)
    np.add.at(counts, (votes.rows, votes.labels), 1)
    return counts


def vote_shares(votes: Votes, *, smoothing: float = 0.0) -> SoftLabelArray:
    """(n_k + smoothing) / (n + K smoothing), (rows, classes): the mean under a Dirichlet(smoothing) prior.

    A row without a vote has no shares, NaN, unless they are smoothed: then it is uniform.

    Raises:
        InputError: `smoothing` is negative.
    """
    if not 0 <= smoothing < math.inf:
        raise InputError(f"smoothing must be a number of at least 0; got {smoothing}.")
    counts = vote_counts(votes) + smoothing
    total = counts.sum(1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1), np.nan)


def plurality(votes: Votes, *, ties: Ties = "lowest", key: Any = None) -> Codes:
    """The class with most votes, (rows,) codes; -1 for a row without a vote.

    Args:
        votes: of the annotators.
        ties: which of several classes with most votes: the `lowest` code, a `random` one of them, or `none` (-1).
        key: fixes what is random; by row id, so that the order of the rows plays no part.

    Raises:
        InputError: ties are random and there is no key.
    """
    if ties == "random" and key is None:
        raise InputError('plurality with ties = "random" needs a JAX key, such as `jax.random.key(0)`.')
    counts = vote_counts(votes)
    best = counts == counts.max(1, keepdims=True)
    winner = best.argmax(1)
    if ties == "random":
        uniforms = row_uniforms(key, "plurality", row_hashes(votes.row_ids), 1)
        winner = (best.cumsum(1) > uniforms * best.sum(1, keepdims=True)).argmax(1)
    if ties == "none":
        winner = np.where(best.sum(1) == 1, winner, -1)
    return np.where(counts.sum(1) > 0, winner, -1)


def vote_posterior(votes: Votes, prior: Any, transitions: Any) -> SoftLabelArray:
    """P(label | votes) by Bayes' rule for votes that are independent given the label, (rows, classes); exact.

    Args:
        votes: which all start from the row's one label (`labels_from = "shared"`).
        prior: of the label, (classes,), or (rows, classes) for each row.
        transitions: of each annotator, (annotators, classes, classes).

    Returns:
        The prior where a row has no vote; NaN where the votes of a row are impossible.

    Raises:
        InputError: shapes do not fit, or an array holds no probabilities.
    """
    prior, transitions = np.asarray(prior, dtype=np.float64), np.asarray(transitions, dtype=np.float64)
    size, rows = len(votes.classes), len(votes.row_ids)
    if prior.shape not in ((size,), (rows, size)):
        raise InputError(f"prior must be ({size},) or ({rows}, {size}); got {prior.shape}.")
    if transitions.shape != (len(votes.names), size, size):
        raise InputError(f"transitions must be ({len(votes.names)}, {size}, {size}); got {transitions.shape}.")
    for name, array in {"prior": prior, "transitions": transitions}.items():
        _check_law(name, array)
    with np.errstate(divide="ignore"):
        logs = np.array(np.broadcast_to(np.log(prior), (rows, size)))
        np.add.at(logs, votes.rows, np.log(transitions[votes.annotators, :, votes.labels]))
    largest = logs.max(1, keepdims=True)
    weights = np.exp(logs - np.where(np.isfinite(largest), largest, 0.0))
    total = weights.sum(1, keepdims=True)
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), np.nan)


def plurality_law(law: Any, number: int) -> Law:
    """The law of the class with most of `number` independent votes, ties shared, (..., classes); exact.

    Sums over all ways to share the votes among the classes, (number + K - 1 choose K - 1) of them.

    Args:
        law: of one vote, (..., classes).
        number: of votes, at least 1.

    Raises:
        InputError: there are too many ways, no votes, or no probabilities.
    """
    law = np.asarray(law, dtype=np.float64)
    _check_law("law", law)
    size = law.shape[-1]
    if number < 1:
        raise InputError(f"number must be at least 1; got {number}.")
    ways = math.comb(number + size - 1, size - 1)
    if ways > _MOST_OUTCOMES:
        raise InputError(
            f"{number} votes on {size} classes come out in {ways:,} ways, more than {_MOST_OUTCOMES:,}: draw votes "
            "and count their pluralities instead."
        )
    found = np.zeros_like(law)
    for counts in _outcomes(number, size):
        probability = _multinomial(number, counts) * np.prod(law ** np.array(counts), -1)
        winners = np.array(counts) == max(counts)
        found += probability[..., None] * (winners / winners.sum())
    return found


def _check_law(name: str, law: np.ndarray) -> None:
    if not ((law >= 0).all() and np.allclose(law.sum(-1), 1.0, rtol=0, atol=1e-6)):
        raise InputError(f"{name} must hold probabilities that sum to 1 along the last axis; rescale it.")


def _outcomes(number: int, size: int) -> Any:
    """All counts of `size` classes that sum to `number`: places of dividers among votes."""
    for dividers in itertools.combinations(range(number + size - 1), size - 1):
        ends = (-1, *dividers, number + size - 1)
        yield tuple(after - before - 1 for before, after in itertools.pairwise(ends))


def _multinomial(number: int, counts: tuple[int, ...]) -> float:
    return math.factorial(number) / math.prod(map(math.factorial, counts))
