"""A table on disk and two specs of it that the tests of runs in chunks share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from contracts import margin

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec

ROWS = 2700
DATA = Data(path="big.parquet", target="answer", row_id="name")
NETWORK = Process(
    g.RandomNetwork(("A", "B", "C"), width=16),
    ("a", "b"),
    p.GaussianRegression(),
    (n.Symmetric(0.1), n.Temperature(1.7), n.LogisticNormal(0.5)),
)
LEARNED = Process(
    g.Learned("LogisticRegression"),
    ("a", "region"),
    p.Product((p.Block(("a",), p.KernelDensity()), p.Block(("region",), p.Categorical()))),
    (margin(0.2), margin(0.1, source="soft_label", name="unclear"), n.Overprediction(0.1)),
)
FEW = QuasiMonteCarlo(draws=64)
SPECS = {
    "network": Spec(DATA, NETWORK, "A network", 5, FEW),
    "learned": Spec(DATA, LEARNED, "Learned from the reference rows", 5, FEW),
}


def write_table(folder, rows=ROWS):
    """Numbers, a categorical with levels that are rare, text and ids of text, in several row groups."""
    draw = np.random.default_rng(0)
    made = pd.DataFrame(draw.normal(size=(rows, 5)), columns=list("abcde"))
    made["region"] = pd.Categorical(draw.choice(["n", "s", "w"], rows, p=[0.495, 0.495, 0.01]))
    made["kind"] = draw.choice(["flat", "house"], rows)
    made["answer"] = np.where(
        made["a"] + made["b"] * (made["kind"] == "flat") + draw.normal(size=rows) > 0, "yes", "no"
    )
    made.insert(0, "name", [f"r{number}" for number in draw.permutation(rows)])
    made.to_parquet(folder / "big.parquet", row_group_size=700)
    return folder
