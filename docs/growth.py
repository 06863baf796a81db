"""Draws docs/growth.png: how the time of soft labels of a forest grows, one factor at a time.

    .venv/bin/python docs/growth.py

Made-up tables; times are of the processor, compiled programs and fitted parts being there. The slope in logarithms is
the exponent of the growth. `tests/benchmarks/test_growth.py` asks of it what docs/soft_labels.md says.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from synlabel_prob import priors, process, soft_labels
from synlabel_prob.ground_truth import Learned
from synlabel_prob.process.models import label_law
from synlabel_prob.table import Table

BASE = {"rows": 1000, "draws": 128, "trees": 64, "hidden": 5, "classes": 4}
VALUES = {
    "rows": (500, 1000, 2000, 4000),
    "draws": (64, 128, 256, 512),
    "trees": (16, 32, 64, 128),
    "hidden": (2, 4, 8, 16),
    "classes": (2, 4, 8, 16),
}
FEATURES, ROUNDS = 18, 5


def evaluation(rows: int, draws: int, trees: int, hidden: int, classes: int) -> Callable[[], Any]:
    """One evaluation of soft labels, ready to be timed."""
    from sklearn.datasets import make_classification

    values, codes = make_classification(4000, FEATURES, n_informative=12, n_classes=classes, random_state=0)
    names = [f"x{place}" for place in range(FEATURES)]
    frame = pd.DataFrame(values, columns=names).assign(y=codes)
    # The forest is learned from all rows however many are evaluated, so that its trees are as large.
    learned = Learned("RandomForestClassifier", {"n_estimators": trees, "max_leaf_nodes": 128})
    made = process.Process(learned, tuple(names[:hidden]), priors.Gaussian())
    fitted = process.fit(made, Table.from_frame(frame, target="y"))
    with jax.enable_x64(True):
        law = label_law(fitted)
    some = fitted.rows.take(np.arange(rows))
    options = (law, fitted.prior, some, soft_labels.QuasiMonteCarlo(draws=draws), jax.random.key(0))
    return lambda: soft_labels.evaluate(*options)


def measured(factor: str) -> np.ndarray:
    """Processor seconds at each value of a factor, the shortest of several, which take turns."""
    calls = [evaluation(**{**BASE, factor: value}) for value in VALUES[factor]]
    found = np.full((ROUNDS + 1, len(calls)), np.inf)
    for number in range(ROUNDS + 1):
        for place, call in enumerate(calls):
            start = time.process_time()
            call()
            found[number, place] = time.process_time() - start
    return found[1:].min(0)  # the first round compiles


def exponent(factor: str, seconds: np.ndarray) -> float:
    """The slope of the logarithms."""
    return float(np.polyfit(np.log(VALUES[factor]), np.log(seconds), 1)[0])


def draw(found: dict[str, np.ndarray], path: Path) -> None:
    """A panel for each factor, times and the line of their exponent."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(found), figsize=(2.3 * len(found), 2.6), sharey=True, layout="constrained")
    for axis, (factor, seconds) in zip(axes, found.items(), strict=True):
        values = np.array(VALUES[factor])
        slope, offset = np.polyfit(np.log(values), np.log(seconds), 1)
        axis.loglog(values, np.exp(offset) * values**slope, color="0.7")
        axis.loglog(values, seconds, "o")
        axis.set_xticks(values, [str(value) for value in values], minor=False)
        axis.minorticks_off()
        axis.set_title(f"{factor}: exponent {slope:.2f}", fontsize=9)
    times = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    within = [
        time for time in times if min(map(min, found.values())) / 1.5 < time < 1.5 * max(map(max, found.values()))
    ]
    axes[0].set_yticks(within, [f"{time:g}" for time in within])
    axes[0].set_ylabel("seconds of the processor")
    figure.savefig(path, dpi=130)
    plt.close(figure)


if __name__ == "__main__":
    every = {factor: measured(factor) for factor in VALUES}
    for name, times in every.items():
        print(f"{name:8s} {exponent(name, times):5.2f}", np.round(times, 3).tolist())
    draw(every, Path(__file__).with_suffix(".png"))
