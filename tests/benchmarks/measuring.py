"""What the benchmarks share: a table of the size of the authors' one, timing, and how a result is printed."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synlabel_prob import arrows
from synlabel_prob.datasets import GroundTruthDataset, ObservedHardDataset
from synlabel_prob.ground_truth import Learned
from synlabel_prob.table import Table

VEHICLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "keel_vehicle.csv"
ROWS, FEATURES, DRAWS = 846, 18, 100


@functools.cache
def numbers() -> tuple[np.ndarray, np.ndarray]:
    """846 rows of 18 features and their classes: the authors' table where it is, else one made to its measure."""
    if VEHICLE.is_file():
        values = pd.read_csv(VEHICLE, sep=";", header=None).to_numpy()
        return values[:, :FEATURES], values[:, FEATURES].astype(np.int64)
    from sklearn.datasets import make_classification

    return make_classification(ROWS, FEATURES, n_informative=10, n_redundant=6, n_classes=4, random_state=0)


@functools.cache
def labelled() -> tuple[GroundTruthDataset, arrows.LabelFunction]:
    """The table with the labels of a forest of 100 trees, and that forest."""
    features, classes = numbers()
    frame = pd.DataFrame(features, columns=[f"x{place}" for place in range(FEATURES)]).assign(y=classes)
    table = Table.from_frame(frame, target="y")
    from sklearn.ensemble import RandomForestClassifier

    data = ObservedHardDataset(table, table.target, table.classes)
    function = arrows.learn_function(data, Learned(RandomForestClassifier(100, random_state=0)))
    return arrows.relabel(data, function, GroundTruthDataset), function


@functools.cache
def forest() -> Any:
    """The same forest as scikit-learn has it."""
    from sklearn.ensemble import RandomForestClassifier

    truth, _ = labelled()
    return RandomForestClassifier(100, random_state=0).fit(truth.view.to_frame(), numbers()[1])


def fastest(*calls: Callable[[], Any], rounds: int = 5) -> list[float]:
    """The shortest time of each call in seconds; they take turns, so that a busy machine slows all of them."""
    return _in_turns(calls, rounds).min(0).tolist()


def medians(*calls: Callable[[], Any], rounds: int = 7) -> list[float]:
    """The median time of each call in seconds, taking turns likewise."""
    return np.median(_in_turns(calls, rounds), 0).tolist()


def _in_turns(calls: Sequence[Callable[[], Any]], rounds: int) -> np.ndarray:
    """Seconds of each call, (rounds, calls)."""
    found = np.full((rounds, len(calls)), np.inf)
    for number in range(rounds):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            call()
            found[number, place] = time.perf_counter() - start
    return found


def seconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    return fastest(call, rounds=1)[0]


def show(capsys: pytest.CaptureFixture, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a table, whatever pytest does with the output."""
    width = max(len(name) for name, _ in rows)
    with capsys.disabled():
        print(f"\n{title}")
        for name, value in rows:
            print(f"  {name:<{width}}  {value}")


def count(codes: np.ndarray, classes: int) -> np.ndarray:
    """Shares of each class in rows of codes (rows, draws), (rows, classes)."""
    return np.stack([(codes == code).mean(1) for code in range(classes)], 1)


def impute(draw: int, hidden: int) -> np.ndarray:
    """One draw of the table whose first features are `hidden`, by an imputer that is fitted for it, as the authors do.

    Linear algebra stays in one thread, where matrices this small are quickest.
    """
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes the next import possible
    from sklearn.impute import IterativeImputer
    from threadpoolctl import threadpool_limits

    known, _ = numbers()
    asked = known.copy()
    asked[:, :hidden] = np.nan
    imputer = IterativeImputer(sample_posterior=True, random_state=draw)
    with threadpool_limits(1):
        return np.asarray(imputer.fit_transform(np.concatenate([known, asked])))[len(known) :]
