"""The memory that soft labels take is bounded by the budget, whatever the number of rows; measured."""

from __future__ import annotations

import subprocess
import sys

import pytest

BUDGET = 2**29
ROWS = 60_000
CASES = {
    "enumeration": 'linear, ("e",), p.Categorical()',
    "differences": 'linear, ("a", "b"), p.GaussianRegression()',
    "intervals": 'forest, ("a",), p.GaussianRegression()',
    "polygons": 'g.Learned("LogisticRegression"), ("a", "b"), p.GaussianRegression()',
    "boxes": 'g.Learned("DecisionTreeClassifier"), ("a", "b"), p.Uniform()',
    "masks": 'forest, ("a", "b", "c"), p.GaussianRegression()',
    "network": 'g.RandomNetwork(("u", "v", "w"), ("a", "b", "c"), depth=2), ("a", "b"), p.Gaussian()',
    "host": 'g.Learned("KNeighborsClassifier", {"n_neighbors": 3, "algorithm": "kd_tree"}), ("a",), p.Gaussian()',
}
CODE = """
import resource, sys
import jax, numpy as np, pandas as pd
from synlabel_prob import ground_truth as g, priors as p, process, soft_labels as s
from synlabel_prob.process.models import label_law
from synlabel_prob.table import Table
random = np.random.default_rng(0)
values = random.normal(size=({rows}, 4))
frame = pd.DataFrame(values, columns=list("abcd"))
frame["e"] = random.choice(["u", "v", "w"], len(frame))
frame["y"] = pd.qcut(values[:, 0] - values[:, 1] * values[:, 2], {classes}, labels=False).astype(str)
table = Table.from_frame(frame, target="y")
linear = g.Linear({{name: dict(zip("abcd", random.normal(size=4).tolist())) for name in ("0", "1", "2")}})
forest = g.Learned("RandomForestClassifier", {{"n_estimators": 20, "max_leaf_nodes": 64}})
few = table.take(np.arange(400))
fitted = process.fit(process.Process({case}), few)
with jax.enable_x64(True):
    law = label_law(fitted)
rows = fitted.on(table).rows
run = lambda part: s.evaluate(law, fitted.prior, part, s.Automatic(draws=64), jax.random.key(0), memory_budget={budget})
run(rows.take(np.arange(5000)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
method = run(rows).method
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, method, sep="|")
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_sixty_thousand_rows_take_no_more_than_the_budget(name):
    # Twelve times as many rows as before: what is kept of each, 60,000 rows of 3 classes in 8 replicates, is 25 MB.
    options = {"rows": ROWS, "budget": BUDGET, "case": CASES[name], "classes": 5 if name == "polygons" else 3}
    answer = subprocess.run(
        [sys.executable, "-c", CODE.format(**options)], capture_output=True, text=True, check=True
    ).stdout
    grown, method = answer.strip().split("|")
    assert int(grown) * 1024 < BUDGET, method
