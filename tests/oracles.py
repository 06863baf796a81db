"""Processes whose soft labels have a closed form, each as (fitted process, probabilities of the first class)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.noise import Noise
from synlabel_prob.process import FittedProcess, Process, fit
from synlabel_prob.table import Table

Case = tuple[FittedProcess, np.ndarray]


def ball(rows: int, hidden: int, noise: tuple[Noise, ...] = (), **options) -> Case:
    """A disc (or ball) of radius 0.9 with 1 or 2 features hidden, uniform on [-1, 1]: a length or an area."""
    names = ["x", *(f"h{number}" for number in range(hidden))]
    values = np.random.default_rng(0).uniform(-1, 1, (rows, len(names)))
    table = Table.from_frame(pd.DataFrame(values, columns=names))
    prior = p.Uniform({name: (-1, 1) for name in names[1:]})
    process = Process(g.Ball(tuple(names), radius=0.9), tuple(names[1:]), prior, noise, **options)
    left = np.maximum(0.81 - values[:, 0] ** 2, 0)
    return fit(process, table), {1: np.sqrt(left), 2: np.pi * left / 4}[hidden]


def half_space(rows: int, hidden: int, fit_by: str = "point", noise: tuple[Noise, ...] = (), **options) -> Case:
    """A half-space of normal features: with the parameters plugged in a normal cdf, integrated out a Student-t one.

    The regression is worked out here once more, in NumPy.
    """
    generator = np.random.default_rng(0)
    names = ["x", *(f"h{number}" for number in range(hidden))]
    values = generator.normal(size=(rows, len(names)))
    values[:, 1:] += 0.5 * values[:, :1]
    weights = generator.uniform(0.5, 1.5, len(names))
    table = Table.from_frame(pd.DataFrame(values, columns=names))
    truth = g.Linear({"up": dict(zip(names, weights.tolist(), strict=True)), "down": {}})
    process = Process(truth, tuple(names[1:]), p.GaussianRegression(fit_by=fit_by), noise, **options)
    return fit(process, table), _half_space(values, weights, exact=fit_by == "exact")


def _half_space(values: np.ndarray, weights: np.ndarray, *, exact: bool) -> np.ndarray:
    scores = (values - values.mean(0)) / values.std(0)
    known, unknown = np.stack([np.ones(len(values)), scores[:, 0]], -1), scores[:, 1:]
    precision = known.T @ known + np.eye(2) / 10.0**2
    coefficients = np.linalg.solve(precision, known.T @ unknown)
    residual, dims = unknown - known @ coefficients, unknown.shape[1]
    scatter = 0.1**2 * np.eye(dims) + residual.T @ residual + coefficients.T @ coefficients / 10.0**2
    freedom = dims + 2 + len(values)
    direction = weights[1:] * values[:, 1:].std(0)
    center = known @ coefficients @ direction + values[:, 1:].mean(0) @ weights[1:] + weights[0] * values[:, 0]
    if not exact:
        return stats.norm.cdf(center / np.sqrt(direction @ scatter @ direction / (freedom - dims - 1)))
    own = freedom - dims + 1
    leverage = (known * np.linalg.solve(precision, known.T).T).sum(1)
    return stats.t(own).cdf(center / np.sqrt(direction @ scatter @ direction / own * (1 + leverage)))
