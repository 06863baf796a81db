"""Observations whose truth is known, made by NumPy alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synlabel_prob.inversion import Observed

NAMES = ("a", "b", "c", "d", "e")


class Case(NamedTuple):
    """Observations, the true labels (rows,), and the transition that made them ([annotators,] classes, classes)."""

    observed: Observed
    labels: np.ndarray
    transition: np.ndarray


def dominant(random: np.random.Generator, classes: int) -> np.ndarray:
    """A transition from the prior: destinations Dirichlet(1), rate r / (1 + largest destination), r ~ Beta(1, 2)."""
    made = np.zeros((classes, classes))
    for code in range(classes):
        shares = random.dirichlet(np.ones(classes - 1)) if classes > 2 else np.ones(1)
        rate = random.beta(1, 2) / (1 + shares.max())
        made[code, np.arange(classes) != code] = rate * shares
        made[code, code] = 1 - rate
    return made


def chosen(random: np.random.Generator, laws: np.ndarray) -> np.ndarray:
    """A code from each row's law."""
    return (random.uniform(size=(len(laws), 1)) >= laws.cumsum(1)).sum(1).clip(max=laws.shape[1] - 1)


def hard(rows: int, classes: int, *, given: str = "soft_labels", seed: int = 0, columns: int = 2) -> Case:
    """One label a row, from a softmax-linear law of features; `given` says which of the two is known."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, columns))
    scores = np.exp(features @ (2 * random.normal(size=(columns, classes))))
    laws = scores / scores.sum(1, keepdims=True)
    labels, transition = chosen(random, laws), dominant(random, classes)
    said = chosen(random, transition[labels])
    known = {"soft_labels": laws, "features": features}[given]
    return Case(Observed(NAMES[:classes], hard_labels=said, **{given: known}), labels, transition)


def voted(
    rows: int, transitions: np.ndarray, *, each: int | None = None, seed: int = 0, law: np.ndarray | None = None
) -> Case:
    """Votes of annotators with these transitions, `each` of them on a row (all by default)."""
    random = np.random.default_rng(seed)
    number, classes = transitions.shape[:2]
    labels = random.choice(classes, rows, p=law)
    pairs = [(row, who) for row in range(rows) for who in random.choice(number, each or number, replace=False)]
    row, who = np.array(pairs).T
    said = chosen(random, transitions[who, labels[row]])
    return Case(Observed(NAMES[:classes], votes=(row, who, said)), labels, transitions)


def voted_by_difficulty(rows: int, *, number: int = 6, each: int = 4, law: np.ndarray, seed: int = 0) -> Case:
    """GLAD: abilities Normal(2, 1), log difficulties Normal(0, 1/2), right with probability e^ab / (e^ab + K - 1).

    No matrix of an annotator holds for all rows; `transition` has the means.
    """
    random, classes = np.random.default_rng(seed), len(law)
    labels = random.choice(classes, rows, p=law)
    ability, ease = random.normal(2.0, 1.0, number), np.exp(random.normal(0.0, 0.5, rows))
    pairs = [(row, who) for row in range(rows) for who in random.choice(number, each, replace=False)]
    row, who = np.array(pairs).T
    right = 1 / (1 + (classes - 1) * np.exp(-ability[who] * ease[row]))
    others = (1 - right)[:, None] / (classes - 1) * (1 - np.eye(classes)[labels[row]])
    said = chosen(random, others + right[:, None] * np.eye(classes)[labels[row]])
    mean = (1 / (1 + (classes - 1) * np.exp(-ability[:, None] * ease))).mean(1)
    eye = np.eye(classes)
    transitions = np.stack([m * eye + (1 - m) / (classes - 1) * (1 - eye) for m in mean])
    return Case(Observed(NAMES[:classes], votes=(row, who, said)), labels, transitions)
