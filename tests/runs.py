"""Small runs that the tests of reports, files and trees share; each is made once."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import pytest
from contracts import incomplete_table, margin, mixed_table, next_class

from synlabel_prob import annotators as a
from synlabel_prob import feature_noise as f
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob.process import FittedProcess, Generated, Process, fit, generate
from synlabel_prob.soft_labels import Evaluator, MonteCarlo, QuasiMonteCarlo
from synlabel_prob.sources import Data, read_table
from synlabel_prob.table import Table

RULES = g.Rules({"high": "income > 40000 and not (region == 'west')", "middle": "size >= 'M'"}, otherwise="low")
UNKNOWN_RATE = {"dist": "Beta", "concentration1": 2.0, "concentration0": 8.0}
MIXED_PRIOR = p.Product(
    (
        p.Block(("region",), p.Categorical()),
        p.Block(("income", "height"), p.GaussianRegression()),
    )
)


def iris() -> Table:
    """The table of three species."""
    return read_table(Data(table="iris"))


def over_iris(*noise: n.Noise, prior: p.Prior | None = None, **options) -> Process:
    """A logistic regression on iris with the petals hidden."""
    prior = p.GaussianRegression() if prior is None else prior
    return Process(g.Learned("LogisticRegression"), ("petal length (cm)", "petal width (cm)"), prior, noise, **options)


ON_FEATURES = (
    f.Gaussian(0.5, features=("age",)),
    f.LevelFlips(0.3, "neighbour"),
    f.MissingValues(0.2, features=("size",)),
    f.Swapped(0.4, name="exchanged"),
)
MIXTURE = p.JointMixture(components=3, draws=8, warmup=50)


VOTES = a.Annotation(
    a.GLAD(6, entropy_weight=1.0),
    labels_a_row=3,
    labels_an_annotator=90,
    copying=UNKNOWN_RATE,
    answers={"virginica": 0.3},
)


class RunCase(NamedTuple):
    """A process, its table and its evaluator."""

    build: Callable[[], Process]
    table: Callable[[], Table] = iris
    evaluator: Evaluator = QuasiMonteCarlo(draws=64)


RUNS: dict[str, RunCase] = {
    "plain": RunCase(lambda: over_iris(n.Symmetric(0.2), n.ClassConditional({"setosa": 0.1}))),
    "without_noise": RunCase(lambda: over_iris(prior=p.Uniform())),
    "unknown_noise": RunCase(lambda: over_iris(n.Symmetric(UNKNOWN_RATE), n.RandomMatrix(0.2), prior=p.Histogram())),
    "label": RunCase(
        lambda: over_iris(
            margin(0.1),
            prior=p.GaussianRegression("observed_and_label"),
            hard_from="ground_truth",
        )
    ),
    "target": RunCase(over_iris, evaluator=MonteCarlo(target_standard_error=0.01, largest_draws=2048)),
    "mixed": RunCase(
        lambda: Process(RULES, ("region", "income", "height"), MIXED_PRIOR, (next_class(0.3),)), mixed_table
    ),
    "votes": RunCase(lambda: over_iris(n.Symmetric(0.1), annotation=VOTES)),
    "candidates": RunCase(lambda: over_iris(n.Symmetric(0.1), observation=o.Candidates(UNKNOWN_RATE))),
    "noisy_features": RunCase(
        lambda: Process(
            RULES, ("region", "income", "height"), MIXED_PRIOR, (next_class(0.3),), feature_noise=ON_FEATURES
        ),
        mixed_table,
    ),
    "incomplete": RunCase(lambda: Process(RULES, ("region", "income"), MIXTURE, (next_class(0.3),)), incomplete_table),
}


SELDOM = ("without_noise", "label", "target", "candidates", "incomplete", "unknown_noise", "votes")
RUN_NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SELDOM else name for name in RUNS]
"""As test parameters; the slow ones differ from the others in one part."""


@functools.cache
def run(name: str) -> tuple[FittedProcess, Generated]:
    """A fitted process and its datasets, under a fixed key."""
    case, key = RUNS[name], jax.random.key(2309_04318)
    fitted = fit(case.build(), case.table(), key)
    return fitted, generate(fitted, key, case.evaluator)


@functools.cache
def incomplete_with_noise() -> tuple[FittedProcess, Generated]:
    """The run of the incomplete table, from the same fit, with noise on its features."""
    case, fitted = RUNS["incomplete"], run("incomplete")[0]
    noisy = dataclasses.replace(fitted.process, feature_noise=(f.Swapped(0.5),))
    fitted = dataclasses.replace(fitted, process=noisy)
    return fitted, generate(fitted, jax.random.key(2309_04318), case.evaluator)
