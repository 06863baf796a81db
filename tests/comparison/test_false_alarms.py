"""How often the verdict prefers a conditional prior where conditioning cannot help."""

from __future__ import annotations

import jax
import pytest

from synlabel_prob import comparison as c
from synlabel_prob import feature_laws as f
from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

TABLES = 100
PRIORS = {"marginal": p.Gaussian(), "conditional": p.GaussianRegression()}
TRUTH = g.Rules({"yes": "x1 + x2 + x3 > 0"}, "no")


def verdicts(correlation: float, tables: int) -> list[str]:
    """The first sentence for each of some tables of 90 rows."""
    processes = {name: Process(TRUTH, ("x3",), prior) for name, prior in PRIORS.items()}
    options = {"folds": 3, "evaluator": QuasiMonteCarlo(draws=16)}
    law, found = f.CorrelatedGaussian(correlation), []
    for seed in range(tables):
        table = Table.from_frame(law.frame(90, jax.random.key(seed)))
        found.append(c.compare(processes, table, jax.random.key(seed), **options).verdict[0])
    return found


@pytest.mark.slow
def test_independent_columns_are_undecided_and_the_conditional_prior_does_not_win():
    # A win beyond 2 standard errors has probability .023 a table for equal priors, and less here, because the
    # conditional one pays for parameters that are 0: the gate fails with probability 3e-4 at .023. A rule that called a
    # winner by sign alone would give about 10 wins and nothing undecided.
    said = verdicts(0.0, TABLES)
    assert sum(sentence.startswith("By elpd conditional is best") for sentence in said) <= 7
    assert sum(sentence.startswith("By elpd it is undecided") for sentence in said) >= 75


@pytest.mark.slow
def test_correlated_columns_are_a_win():
    # The power of the same rule: at correlation .8 the expected difference is 50 with a standard error of 9.
    said = verdicts(0.8, 10)
    assert all(sentence.startswith("By elpd conditional is best") for sentence in said)
