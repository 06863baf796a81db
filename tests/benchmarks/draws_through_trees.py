"""Draws of hidden features through all trees of an estimator: ours by leaf masks, theirs by tiling; see the tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from measuring import DRAWS, FEATURES, count, medians, numbers, seconds

from synlabel_prob.ground_truth import Learned
from synlabel_prob.soft_labels.integrand import LabelLaw
from synlabel_prob.soft_labels.tiles import on_device
from synlabel_prob.table import Table


def _drawn(hidden: int) -> np.ndarray:
    """Of other rows, with a tenth of the spread of the feature added, (rows, draws, hidden)."""
    features, generator = numbers()[0][:, :hidden].astype(float), np.random.default_rng(0)
    size = (len(features), DRAWS, hidden)
    picked = features[generator.integers(len(features), size=size), np.arange(hidden)]
    return picked + 0.1 * features.std(0) * generator.standard_normal(size)


def _theirs(fitted: Any, drawn: np.ndarray) -> Callable[[], np.ndarray]:
    features = numbers()[0].astype(float)

    def shares() -> np.ndarray:
        tiled = np.repeat(features, DRAWS, 0)
        tiled[:, : drawn.shape[-1]] = drawn.reshape(-1, drawn.shape[-1])
        return count(fitted.predict(tiled).reshape(drawn.shape[:2]), 4)

    return shares


def _ours(function: Any, drawn: np.ndarray) -> tuple[Callable[[], np.ndarray], float]:
    """The same shares, and how long it took to make the masks."""
    hidden = drawn.shape[-1]
    fresh = dataclasses.replace(function)  # a function keeps its masks
    law = LabelLaw(fresh, (), (), tuple(range(hidden)), tuple(range(hidden, FEATURES)))
    made: list[LabelLaw] = []
    making = seconds(lambda: made.append(on_device(law.prepared())))
    observed, values = jnp.asarray(numbers()[0][:, hidden:].astype(float)), jnp.asarray(drawn[:, None])
    counts = jax.jit(lambda law, observed, values: law.sums(observed, values)[0][:, 0])
    return lambda: np.asarray(counts(made[0], observed, values)) / DRAWS, making


def measured_draws(
    estimator: Any, numbers_hidden: tuple[int, ...], rounds: int
) -> tuple[list[tuple[str, str]], list[float]]:
    """Lines of a table, and ratios, of each number of hidden features; the shares of each class are compared first."""
    features, classes = numbers()
    columns = [f"x{place}" for place in range(FEATURES)]
    table = Table.from_frame(pd.DataFrame(features, columns=columns).assign(y=classes), target="y")
    function, fitted = Learned(estimator).fit(table), estimator.fit(features.astype(float), table.target)
    rows, ratios = [("hidden", "     ours   theirs   ratio   masks made in, first run")], []
    for hidden in numbers_hidden:
        drawn = _drawn(hidden)
        with jax.enable_x64(True):
            (ours, making), theirs = _ours(function, drawn), _theirs(fitted, drawn)
            first = seconds(ours)
            np.testing.assert_array_equal(ours(), theirs())
            mine, direct = medians(ours, theirs, rounds=rounds)
        ratios.append(direct / mine)
        times = f"{mine:7.3f} s {direct:6.3f} s {ratios[-1]:7.1f}   {making:.2f} s, {first:.2f} s"
        rows.append((str(hidden), times))
    return rows, ratios
