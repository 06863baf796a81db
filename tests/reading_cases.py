"""Data on which estimators are read out: ties, whole numbers, missing values, and rows on and next to thresholds."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from synlabel_prob.ground_truth import Argmax, GroundTruthFunction
from synlabel_prob.ground_truth.reading import read_out
from synlabel_prob.table import Table

ARGMAX = Argmax()
NAMES = ("exact", "whole", "rounded", "large")


def rows(num_classes: int, *, missing: bool = False, number: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Features of which two repeat values, and labels that follow them in part."""
    generator = np.random.default_rng(num_classes)
    whole = generator.integers(0, 5, number)
    columns = (generator.normal(size=number), whole, np.round(generator.normal(size=number), 1))
    features = np.stack([*columns, 1e6 * generator.normal(size=number)], 1)
    score = features[:, 0] + 0.5 * whole + generator.normal(0.0, 0.7, number)
    labels = np.digitize(score, np.quantile(score, np.arange(1, num_classes) / num_classes))
    if missing:
        features[generator.random(features.shape) < 0.1] = np.nan
    return features, labels


def frame(features: np.ndarray) -> pd.DataFrame:
    """With names."""
    return pd.DataFrame(features, columns=list(NAMES))


def table(features: np.ndarray, labels: np.ndarray, num_classes: int) -> Table:
    """Of numbers, missing ones filled."""
    filled, classes = frame(np.nan_to_num(features)).assign(answer=labels), list(range(num_classes))
    return Table.from_frame(filled, target="answer", classes=classes, kinds=dict.fromkeys(NAMES, "continuous"))


def learned(estimator: Any, features: np.ndarray, labels: np.ndarray, decision: Any = ARGMAX) -> GroundTruthFunction:
    """The estimator, fitted, and read out."""
    with threadpool_limits(1):  # threads of other tests beside these would wait for each other
        estimator.fit(frame(features), labels)
    classes = int(labels.max()) + 1
    codes = tuple(np.unique(labels).tolist())
    found = read_out(estimator, table(features, labels, classes), decision, codes)
    assert found is not None and found.runs_in_jax
    return found


def beside(features: np.ndarray, points: Any) -> np.ndarray:
    """The rows, and four rows each with a feature on one of its points, or a double or a single-precision number away.

    `points(place)` are those of a feature.
    """
    generator, found = np.random.default_rng(0), [features]
    for place in range(features.shape[1]):
        at = np.repeat(np.asarray(points(place), dtype=np.float64), 4)
        single = at.astype(np.float32)
        near = [at, single, *(np.nextafter(it, it.dtype.type(to)) for it in (at, single) for to in (-np.inf, np.inf))]
        for values in near:
            copies = features[generator.integers(len(features), size=len(at))]
            copies[:, place] = values
            found.append(copies)
    return np.concatenate(found)


def expect_same(function: GroundTruthFunction, estimator: Any, features: np.ndarray, *, compiled: bool = True) -> None:
    """Labels of `predict` on every row, in NumPy whatever the precision of JAX, and in a program; probabilities too."""
    with threadpool_limits(1):
        expected = estimator.predict(frame(features))
    np.testing.assert_array_equal(function.labels(features), expected)
    if function.has_probabilities:
        probabilities = estimator.predict_proba(frame(features))
        np.testing.assert_allclose(function.probabilities(features), probabilities, rtol=0, atol=1e-12)
    if compiled:
        with jax.enable_x64(True):
            np.testing.assert_array_equal(jax.jit(type(function).labels)(function, jnp.asarray(features)), expected)


def expect_breakpoints(function: GroundTruthFunction, features: np.ndarray, place: int, grid: np.ndarray) -> int:
    """Between two points of a grid with different labels there is a breakpoint; returns how many changes there were."""
    points = np.asarray(function.breakpoints(features, place))
    assert points.shape[:-1] == features.shape[:-1] and not np.isnan(points).any()
    lines = np.repeat(features[:, None], len(grid), 1)
    lines[..., place] = grid
    labels = np.asarray(function.labels(lines))
    row, step = np.nonzero(labels[:, 1:] != labels[:, :-1])
    slack = 1e-9 * (1 + np.abs(grid).max())
    low, high = grid[step] - slack, grid[step + 1] + slack
    within = (points[row] >= low[:, None]) & (points[row] <= high[:, None])
    assert within.any(1).all()
    return len(row)
