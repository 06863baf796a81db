"""Functions of trees whose labels are asked on, next to and between all thresholds, and on levels of no tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from contracts import mixed_table
from reading_cases import NAMES, rows
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from synlabel_prob.ground_truth import Argmax, Learned
from synlabel_prob.ground_truth.trees import TreesFunction
from synlabel_prob.table import Table

ARGMAX = Argmax()
REGIONS = ["north", "south", "west", "abroad", "at sea"]


class Case(NamedTuple):
    """A function, the estimator it was read from, its table, and the values of each feature that are asked for."""

    function: TreesFunction
    estimator: Any
    table: Table
    values: list[np.ndarray]

    def drawn(self, shape: tuple[int, ...], seed: int) -> np.ndarray:
        """Rows (..., features), each feature at one of its values."""
        generator = np.random.default_rng(seed)
        return np.stack([generator.choice(own, shape) for own in self.values], -1)

    def predicted(self, features: np.ndarray) -> np.ndarray:
        """The estimator's codes (...) of features (..., features)."""
        flat = self.table.to_frame(features.reshape(-1, features.shape[-1]))
        with threadpool_limits(1):
            return np.asarray(self.estimator.predict(flat)).reshape(features.shape[:-1])


def _numbers(classes: int, *, number: int = 150, seen: Sequence[int] | None = None, scale: float = 1.0) -> Table:
    features, labels = rows(classes, number=number)
    codes = np.arange(classes) if seen is None else np.array(seen)
    declared = [f"class {code}" for code in range(codes.max() + 1)]
    data = dict(zip(NAMES, (scale * features).T, strict=True)) | {"answer": np.array(declared)[codes[labels]]}
    frame = pd.DataFrame(data)
    return Table.from_frame(frame, target="answer", classes=declared, kinds=dict.fromkeys(NAMES, "continuous"))


def _levels() -> Table:
    """With two levels of `region` that no row has."""
    frame = mixed_table().to_frame()
    frame["region"] = pd.Categorical(frame["region"], REGIONS)
    frame["answer"] = np.array(mixed_table().classes)[mixed_table().target]
    levels = {"size": ["S", "M", "L"]}
    return Table.from_frame(frame, target="answer", classes=mixed_table().classes, levels=levels)


def _encoded(estimator: Any, *, scaled: bool = True) -> Any:
    encoder = OneHotEncoder(sparse_output=False, categories=[["S", "M", "L"], REGIONS])
    columns = ColumnTransformer([("levels", encoder, ["size", "region"])], remainder="passthrough")
    return make_pipeline(columns, *([StandardScaler()] if scaled else []), estimator)


CASES: dict[str, tuple[Any, Table | Any]] = {
    "tree": (DecisionTreeClassifier(random_state=0), lambda: _numbers(3)),
    "forest": (RandomForestClassifier(10, random_state=0), lambda: _numbers(3)),
    "forest of many leaves": (RandomForestClassifier(4, random_state=0), lambda: _numbers(4, number=600)),
    "even forest": (RandomForestClassifier(2, random_state=1), lambda: _numbers(2)),
    "shallow forest": (RandomForestClassifier(9, max_depth=3, random_state=0), lambda: _numbers(3)),
    "large leaves": (RandomForestClassifier(8, min_samples_leaf=8, random_state=0), lambda: _numbers(2)),
    "extra": (ExtraTreesClassifier(6, random_state=0), lambda: _numbers(2)),
    "boosting of two": (GradientBoostingClassifier(n_estimators=12, random_state=0), lambda: _numbers(2)),
    "boosting of four": (GradientBoostingClassifier(n_estimators=6, random_state=0), lambda: _numbers(4)),
    "histogram of two": (
        HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=90, min_samples_leaf=2, random_state=0),
        lambda: _numbers(2, number=900),
    ),
    "histogram of three": (HistGradientBoostingClassifier(max_iter=4, random_state=0), lambda: _numbers(3)),
    "never seen": (RandomForestClassifier(7, random_state=0), lambda: _numbers(3, seen=(0, 2, 4))),
    "levels": (_encoded(RandomForestClassifier(8, random_state=0)), _levels),
    "levels, boosted": (_encoded(GradientBoostingClassifier(n_estimators=5, random_state=0), scaled=False), _levels),
}


def case(name: str, decision: Any = ARGMAX) -> Case:
    """One of `CASES`, read out."""
    made, table = CASES[name]
    return of(made, table(), decision)


def of(estimator: Any, table: Table, decision: Any = ARGMAX) -> Case:
    """The estimator, fitted to the table, and read out."""
    with threadpool_limits(1):
        function = Learned(clone(estimator), decision=decision).fit(table)
        fitted = clone(estimator).fit(table.to_frame(), table.target)
    assert isinstance(function, TreesFunction), function.runs_on_host_because
    return Case(function, fitted, table, values_of(function, table))


def missing_alone() -> Case:
    """Boosted trees that ask whether a value is missing, of which the threshold is infinite; `values` are complete."""
    features, labels = rows(2)
    features[labels == 1, 0] = np.nan
    features[labels == 0, 0] = 1.0
    frame = pd.DataFrame(features, columns=list(NAMES)).assign(answer=labels)
    table = Table.from_frame(frame, target="answer", kinds=dict.fromkeys(NAMES, "continuous"))
    made = of(HistGradientBoostingClassifier(max_iter=3, random_state=0), table)
    return made._replace(values=[own[~np.isnan(own)] for own in made.values])


def values_of(function: TreesFunction, table: Table) -> list[np.ndarray]:
    """Of each feature: thresholds, the doubles beside them, values of rows and far ones; of levels all codes."""
    found, features = [], table.features
    for place, column in enumerate(features.T):
        if levels := table.columns[place].levels:
            found.append(np.arange(float(len(levels))))
            continue
        points = function.breakpoints(features[:1], place)
        beside = [np.nextafter(points[0], end) for end in (-np.inf, np.inf)]
        values = np.concatenate([points[0], *beside, column[:30], [-1e30, 1e30]])
        found.append(values[(values == 0) | (np.abs(values) > 1e-300)])  # XLA takes what is smaller for 0
    return found


def at_draws(function: TreesFunction, features: np.ndarray, hidden: tuple[int, ...]) -> np.ndarray:
    """Labels (rows, draws) by leaf masks in a compiled program; the first draw's observed features count."""
    places = range(features.shape[-1])
    observed = tuple(place for place in places if place not in hidden)
    with jax.enable_x64(True):
        masks = jax.tree_util.tree_map(jnp.asarray, function.at_draws(hidden, observed))
        drawn = jnp.asarray(features[..., list(hidden)])
        return np.asarray(_labels(masks, jnp.asarray(features[:, 0, list(observed)]), drawn))


def settled(function: TreesFunction, features: np.ndarray, hidden: tuple[int, ...]) -> np.ndarray:
    """Codes of settled rows, -1 of others, (rows,)."""
    observed = tuple(place for place in range(features.shape[-1]) if place not in hidden)
    with jax.enable_x64(True):
        masks = jax.tree_util.tree_map(jnp.asarray, function.at_draws(hidden, observed))
        return np.asarray(_settled(masks, jnp.asarray(features[:, list(observed)])))


_labels = jax.jit(lambda masks, observed, hidden: masks.labels(observed, hidden))
_settled = jax.jit(lambda masks, observed: masks.settled(observed))


def hide(rows: np.ndarray, drawn: np.ndarray, hidden: tuple[int, ...]) -> np.ndarray:
    """Rows (rows, features) with the hidden features of draws (rows, draws, features), (rows, draws, features)."""
    features = np.repeat(rows[:, None], drawn.shape[1], 1)
    features[..., list(hidden)] = drawn[..., list(hidden)]
    return features


def made(leaf_values: np.ndarray, outcome: Any, *, each: bool, is_mean: bool, trees: int) -> TreesFunction:
    """Stumps on the first two of three features, at 0, 1, ...; leaves (trees, 2, outputs or 1) in their order.

    `each`: every tree adds to one output, in turn. Sums that are no mean start at 0.1, 0.2, ...
    """
    outputs = 1 if each else leaf_values.shape[2]
    outputs = len(outcome.codes) if each and len(outcome.codes) > 2 else outputs
    start = 3 * np.arange(trees)
    nodes = np.stack([start, start + 1, start + 2], 1)
    inner = np.zeros((trees, 3), dtype=bool)
    inner[:, 0] = True
    values = np.concatenate([np.zeros_like(leaf_values[:, :1]), leaf_values], 1)
    arrays = {
        "feature": np.where(inner, (np.arange(trees) % 2)[:, None], -1).ravel(),
        "threshold": np.where(inner, np.arange(trees)[:, None] // 2, 0.0).ravel(),
        "level": np.full(3 * trees, -1),
        "left": np.where(inner, nodes[:, [1]], nodes).ravel(),
        "right": np.where(inner, nodes[:, [2]], nodes).ravel(),
        "missing_left": np.zeros(3 * trees, dtype=bool),
        "leaf_values": values.reshape(3 * trees, -1),
        "roots": start,
        "output": np.arange(trees) % outputs if each else np.full(trees, -1),
        "base": np.zeros(outputs) if is_mean else np.arange(1, outputs + 1) / 10,
    }
    return TreesFunction.of(arrays, 3, outcome, is_mean=is_mean)
