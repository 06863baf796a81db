"""Rows are dealt out to all devices, and what is computed does not depend on how many there are."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import hashlib
import jax, jax.numpy as jnp, numpy as np, pandas as pd
from synlabel_prob import ground_truth as g, priors as p, process, soft_labels as s
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import tiles
from synlabel_prob.table import Table

used = [found for _, found in tiles.in_tiles(lambda piece: jnp.zeros(3).devices(), np.arange(80), 10, 4)]
print(len(set().union(*used)))
tiles.TILE_NUMBERS, s.sampling.TILE_NUMBERS, s.exact.routes.TILE_NUMBERS = (2**16,) * 3
values = np.random.default_rng(0).normal(size=(3000, 3))
table = Table.from_frame(pd.DataFrame(values, columns=list("abc")))
linear = g.Linear({"x": {"a": 1.0}, "y": {"b": 1.0, "c": 0.5}, "z": {"c": 1.0}})
network = g.RandomNetwork(("x", "y"), depth=2)
for truth in (linear, network):
    fitted = process.fit(process.Process(truth, ("a", "b"), p.GaussianRegression()), table)
    with jax.enable_x64(True):
        law = label_law(fitted)
    soft = s.evaluate(law, fitted.prior, fitted.rows, s.Automatic(draws=64), jax.random.key(0))
    print(soft.method, hashlib.sha256(soft.probabilities.tobytes()).hexdigest())
"""


def on(devices: int) -> list[str]:
    own = {**os.environ, "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "JAX_PLATFORMS": "cpu"}
    answer = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=own)
    return answer.stdout.splitlines()


def test_four_devices_share_the_rows_and_give_the_same_bytes():
    (one, *first), (four, *second) = on(1), on(4)
    assert (one, four) == ("1", "4")
    assert len(first) == 2 and first[0].startswith("exact") and first[1].startswith("randomised")
    assert first == second
