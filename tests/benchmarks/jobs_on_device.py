"""Seconds of soft labels on the device that JAX finds, printed as JSON: `python jobs_on_device.py`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator

import jax
import numpy as np
import pandas as pd
from measuring import DRAWS, FEATURES, labelled, medians, numbers, seconds

from synlabel_prob.ground_truth import GroundTruthFunction, RandomNetwork, Rules
from synlabel_prob.priors import GaussianRegression
from synlabel_prob.process import Process, fit
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import MonteCarlo, QuasiMonteCarlo, Sampler, evaluate
from synlabel_prob.table import Table

COLUMNS = [f"x{place}" for place in range(FEATURES)]
TIMES = 12


def _job(features: np.ndarray, truth: GroundTruthFunction, hidden: int, evaluator: Sampler) -> Callable:
    table = Table.from_frame(pd.DataFrame(features, columns=COLUMNS))
    process = Process(Rules({"0": "x0 > 0"}, otherwise="1"), tuple(COLUMNS[:hidden]), GaussianRegression())
    fitted = dataclasses.replace(fit(process, table), ground_truth=truth)
    with jax.enable_x64(True):
        law = label_law(fitted)
    return lambda: evaluate(law, fitted.prior, fitted.rows, evaluator, jax.random.key(0))


def jobs() -> Iterator[tuple[str, Callable]]:
    """Each with its name: the authors' table, and one of 12 times its rows with noise added."""
    few = numbers()[0].astype(float)
    many = np.tile(few, (TIMES, 1)) + np.random.default_rng(0).normal(size=(TIMES * len(few), FEATURES))
    forest = labelled()[1].function
    network = RandomNetwork(("A", "B", "C"), width=64, depth=2)
    network = network.fit(Table.from_frame(pd.DataFrame(few, columns=COLUMNS)))
    for hidden in (1, 5, 10, 17):
        name = f"forest of 100, {len(few)} rows, {DRAWS} draws, {hidden} hidden"
        yield name, _job(few, forest, hidden, MonteCarlo(draws=DRAWS))
    for truth, kind in ((forest, "forest of 100"), (network, "network of 2 x 64")):
        for hidden in (5, 17):
            name = f"{kind}, {len(many):,} rows, 1,024 draws, {hidden} hidden"
            yield name, _job(many, truth, hidden, QuasiMonteCarlo(draws=1024))


if __name__ == "__main__":
    found = [(name, seconds(job), medians(job, rounds=5)[0]) for name, job in jobs()]
    print(json.dumps({"device": jax.devices()[0].device_kind, "jobs": found}))
