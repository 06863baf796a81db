"""Fitted processes over one small table, and the two ways of evaluating them that tests compare."""

from __future__ import annotations

import functools
import itertools

import jax
import numpy as np
import pandas as pd

from synlabel_prob import ground_truth as g
from synlabel_prob import process
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import Evaluator, Exact, SoftLabels, evaluate
from synlabel_prob.soft_labels.exact import ROUTES, Route, exact_soft_labels
from synlabel_prob.table import Table

NUMBERS = tuple("abcd")
KEY = jax.random.key(7)


@functools.cache
def table(rows: int = 60, classes: int = 3) -> Table:
    """Four correlated numbers, `d` nearly a sum of two others, a feature with levels, and a target of their own."""
    random = np.random.default_rng(0)
    values = random.normal(size=(rows, 4)) @ random.normal(size=(4, 4))
    values[:, 3] = values[:, 0] - values[:, 1] + 1e-3 * values[:, 3]
    frame = pd.DataFrame(np.round(values, 2), columns=list(NUMBERS))
    frame["e"] = random.choice(["u", "v", "w"], rows)
    score = values[:, 0] + 0.3 * values[:, 1] ** 2 + (frame["e"] == "u") + 0.3 * random.normal(size=rows)
    frame["y"] = pd.qcut(score, classes, labels=[f"c{code}" for code in range(classes)]).astype(str)
    return Table.from_frame(frame, target="y")


def linear(classes: int, seed: int = 0) -> g.Linear:
    """Linear scores of the numbers, drawn once."""
    random = np.random.default_rng(seed)
    names = [f"c{code}" for code in range(classes)]
    weights = {name: dict(zip(NUMBERS, random.normal(size=4).tolist(), strict=True)) for name in names}
    return g.Linear(weights, dict(zip(names, random.normal(size=classes).tolist(), strict=True)))


def fitted(ground_truth, hidden, prior, noise=(), rows: int = 60) -> process.FittedProcess:
    return process.fit(process.Process(ground_truth, hidden, prior, noise), table(rows), KEY)


def by(evaluator: Evaluator, made: process.FittedProcess) -> SoftLabels:
    with jax.enable_x64(True):
        law = label_law(made, tuple(node.sample_parameters() for node in made.nodes[: made.integrated]))
    return evaluate(law, made.prior, made.rows, evaluator, KEY)


def exactly(made: process.FittedProcess) -> SoftLabels:
    return by(Exact(), made)


def along(name: str, made: process.FittedProcess) -> SoftLabels:
    """By the route of that class, whichever would be chosen."""
    route: Route = next(it for it in ROUTES if type(it).__name__ == name)
    with jax.enable_x64(True):
        law = label_law(made).prepared()
        row = jax.tree_util.tree_map(lambda values: values[0], made.rows.given)
        assert route.why_not(law, made.prior, row) is None
        return exact_soft_labels(route, law, made.prior, made.rows, 2**30, None)


def on_a_line(means: np.ndarray, slopes: np.ndarray, law) -> np.ndarray:
    """P(a score means + slopes z is the largest), (classes,): z lies between the places where two of them cross."""
    pairs = list(itertools.combinations(range(len(means)), 2))
    cuts = [(means[j] - means[i]) / (slopes[i] - slopes[j]) for i, j in pairs if slopes[i] != slopes[j]]
    ends = np.array([-np.inf, *sorted(cuts), np.inf])
    inside = np.clip(0.5 * (np.clip(ends[:-1], -1e3, 1e3) + np.clip(ends[1:], -1e3, 1e3)), -1e3, 1e3)
    largest = (means + slopes * inside[:, None]).argmax(1)
    return np.bincount(largest, np.diff(law.cdf(ends)), len(means))
