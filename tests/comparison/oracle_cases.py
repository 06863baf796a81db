"""Laws of whole rows with the conditional family that is right for each, marginal ones and a wrong conditional one."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
import pandas as pd

from synlabel_prob import feature_laws as f
from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.comparison.labels import soft_labels
from synlabel_prob.comparison.parts import ground_of
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

JUDGED = 100
"""Rows whose soft labels are judged, the same ones for every table that a prior is fitted to."""
DRAWS, EXACT_DRAWS = 1024, 4096


class Oracle(NamedTuple):
    """`right` holds the law's conditional, `marginal` are families of the same kinds of column, `wrong` conditions."""

    law: f.FeatureLaw
    ground_truth: g.GroundTruth
    hidden: tuple[str, ...]
    right: p.Prior
    marginal: tuple[p.Prior, ...]
    wrong: p.Prior


def rule(condition: str) -> g.Rules:
    return g.Rules({"yes": condition}, "no")


def gaussian(correlation: float) -> Oracle:
    law, marginal = f.CorrelatedGaussian(correlation), (p.Gaussian(), p.KernelDensity())
    return Oracle(
        law, rule("x1 + x2 + x3 > 0"), ("x3",), p.GaussianRegression(), marginal, p.SimilarRows(smoothing=0.3)
    )


GROUPS = rule("x1 > 0 and group != 'a' or x1 > 2")
MIXED = (p.JointMixture("nothing"), p.Product((p.Block(("group",), p.Categorical()), p.Block(("x1",), p.Gaussian()))))
NUMBER = (p.KernelDensity(), p.JointMixture("nothing"))
LINE = p.GaussianRegression()

ORACLES = {
    "gaussian_0": gaussian(0.0),
    "gaussian_50": gaussian(0.5),
    "gaussian_80": gaussian(0.8),
    "gaussian_95": gaussian(0.95),
    "two_clusters": Oracle(f.TwoClusters(), rule("x3 > (x1 + x2) / 2"), ("x3",), p.JointMixture(), NUMBER, LINE),
    "log_normal": Oracle(
        f.CorrelatedLogNormal(), rule("x1 + x2 + x3 > 3.5"), ("x3",), p.GaussianCopula(), NUMBER, LINE
    ),
    # Numbers first is the chain's own order, and there x1 given x2 is a mixture, which no linear regression is.
    "category_chained": Oracle(
        f.CategoryDriven(), GROUPS, ("group", "x1"), p.Chained(order=("group", "x1")), MIXED, p.Chained()
    ),
    "category_mixture": Oracle(f.CategoryDriven(), GROUPS, ("group", "x1"), p.JointMixture(), MIXED, p.SimilarRows()),
    "parabola_network": Oracle(f.Parabola(), rule("h > 1"), ("h",), p.DensityNetwork(), NUMBER, LINE),
    "parabola_mixture": Oracle(f.Parabola(), rule("h > 1"), ("h",), p.JointMixture(), NUMBER, LINE),
}


class Judged(NamedTuple):
    """Soft labels (tables, rows, classes) after fits to independent tables, with Monte Carlo errors; exact ones."""

    soft: np.ndarray
    standard_error: np.ndarray
    exact: np.ndarray

    def truth_error(self) -> float:
        """Total variation to the exact soft labels, mean over tables and rows."""
        return float(np.abs(self.soft - self.exact).sum(-1).mean() / 2)

    def bars(self) -> np.ndarray:
        """Standard errors (tables, rows, classes): what the other tables spread, Monte Carlo, and its resolution."""
        tables = len(self.soft)
        spread = np.stack([np.delete(self.soft, own, 0).var(0, ddof=1) for own in range(tables)])
        return np.sqrt(spread + self.standard_error**2 + 1 / DRAWS**2)

    def covered(self) -> float:
        """The share of soft labels whose exact value is within two bars."""
        return float((np.abs(self.soft - self.exact) < 2 * self.bars()).mean())


def judged(oracle: Oracle, prior: p.Prior, rows: int, tables: int) -> Judged:
    """The prior fitted to each of some independent tables, and asked for soft labels of rows that it never saw."""
    asked = oracle.law.frame(JUDGED, jax.random.key(1000))
    found = [_after_one_fit(oracle, prior, asked, rows, seed) for seed in range(tables)]
    return Judged(np.stack([soft for soft, _ in found]), np.stack([error for _, error in found]), exact(oracle, asked))


def _after_one_fit(
    oracle: Oracle, prior: p.Prior, asked: pd.DataFrame, rows: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    key = jax.random.key(seed)
    frame = pd.concat([asked, oracle.law.frame(rows, key)], ignore_index=True)
    return _soft(oracle, prior, frame, np.arange(JUDGED, JUDGED + rows), QuasiMonteCarlo(draws=DRAWS), key)


def exact(oracle: Oracle, asked: pd.DataFrame) -> np.ndarray:
    """Soft labels under the law itself, up to a quasi-Monte Carlo error that is small beside all others."""
    points = QuasiMonteCarlo(draws=EXACT_DRAWS)
    return _soft(oracle, oracle.law, asked, np.arange(JUDGED), points, jax.random.key(7))[0]


def _soft(
    oracle: Oracle, prior: p.Prior, frame: pd.DataFrame, places: np.ndarray, points: QuasiMonteCarlo, key
) -> tuple[np.ndarray, np.ndarray]:
    process = Process(oracle.ground_truth, oracle.hidden, prior)
    ground = ground_of({"prior": process}, Table.from_frame(frame))
    fitted = ground.fitted(prior, places, key)
    made = soft_labels(fitted, fitted.rows.take(np.arange(JUDGED)), points, key)
    return made.probabilities, made.standard_error
