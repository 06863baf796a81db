"""Soft labels by every kind of evaluation, on the device that JAX finds.

`python gpu_cases.py FILE [--all-at-once] CASE ...` saves them; all at once is how other devices than a processor work.
"""

from __future__ import annotations

import sys
from typing import Any

import jax
import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from synlabel_prob import devices, noise, priors, process
from synlabel_prob import ground_truth as g
from synlabel_prob import soft_labels as s
from synlabel_prob.soft_labels import tiles
from synlabel_prob.table import Table

ROWS, FEATURES, CLASSES = 700, 6, 3
NAMES = [f"x{number}" for number in range(FEATURES)]
QUASI, PLAIN = s.QuasiMonteCarlo(draws=256), s.MonteCarlo(draws=256)
TARGET = s.QuasiMonteCarlo(target_standard_error=0.01)
LINEAR = g.Linear({"0": {"x0": 1.0}, "1": {"x1": 1.0, "x2": 0.5}, "2": {"x2": 1.0, "x3": -1.0}})
FOREST = g.Learned(RandomForestClassifier(50, random_state=0))
FITTED = priors.GaussianRegression()
NETWORK = g.RandomNetwork(("0", "1", "2"), width=32, depth=2)
TREE = g.Learned(DecisionTreeClassifier(max_depth=4, random_state=0))
CASES: dict[str, tuple[Any, int, Any, Any]] = {
    "forest, exact": (FOREST, 1, FITTED, s.Exact()),
    "forest, quasi": (FOREST, 3, FITTED, QUASI),
    "forest, plain": (FOREST, 3, priors.KernelDensity(), PLAIN),
    "forest, target": (FOREST, 3, FITTED, TARGET),
    "gradient boosting": (g.Learned(GradientBoostingClassifier(n_estimators=20, random_state=0)), 3, FITTED, QUASI),
    "histogram boosting": (g.Learned(HistGradientBoostingClassifier(max_iter=20)), 3, FITTED, QUASI),
    "tree, exact": (TREE, 2, priors.Uniform(), s.Exact()),
    "network": (NETWORK, 3, FITTED, QUASI),
    "network, plain": (NETWORK, 3, priors.Gaussian(), PLAIN),
    "perceptron": (g.Learned(MLPClassifier((16,), max_iter=3000, random_state=0)), 2, priors.Uniform(), QUASI),
    "linear, exact": (LINEAR, 2, FITTED, s.Exact()),
    "linear, preintegrated": (LINEAR, 3, FITTED, s.Preintegration(draws=256)),
    "linear, marginal": (LINEAR, 2, priors.Gaussian(), s.Exact()),
    "quadratic, exact": (g.Learned(QuadraticDiscriminantAnalysis()), 1, FITTED, s.Exact()),
    "ball, bisection": (g.Ball(tuple(NAMES), radius=2.0), 1, FITTED, s.Bisection(draws=64)),
}


def table() -> Table:
    """Features of two decimals, which lie on thresholds now and then, and classes that depend on them."""
    generator = np.random.default_rng(0)
    values = np.round(generator.normal(size=(ROWS, FEATURES)) @ generator.normal(size=(FEATURES, FEATURES)) / 2, 2)
    scores = np.stack([values[:, 0], values[:, 1:3].sum(1), values[:, 3] * values[:, 4]], 1)
    labels = np.array(["0", "1", "2"])[scores.argmax(1)]
    return Table.from_frame(pd.DataFrame(values, columns=NAMES).assign(label=labels), target="label")


def evaluated(name: str) -> s.SoftLabels:
    """Of one case."""
    truth, hidden, prior, evaluator = CASES[name]
    nodes = (noise.Symmetric(0.1),)
    fitted = process.fit(process.Process(truth, tuple(NAMES[:hidden]), prior, nodes), table(), jax.random.key(0))
    return process.generate(fitted, jax.random.key(1), evaluator).soft


def main(file: str, *names: str) -> None:
    """Save those of some cases."""
    if "--all-at-once" in names:
        devices.is_processor = tiles.is_processor = lambda: False
    arrays = {}
    for name in (name for name in names if name in CASES):
        soft = evaluated(name)
        own = {"probabilities": soft.probabilities, "standard_error": soft.standard_error, "draws": soft.evaluations}
        arrays |= {f"{name}|{field}": values for field, values in own.items()}
    np.savez(file, device=jax.devices()[0].device_kind, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
