"""A million rows streamed from Parquet to soft labels, against the bare matrix products that their network takes.

1,000,000 rows of 20 features, 5 of them hidden under a Gaussian prior, a random network of two layers of 64, 64 draws a
row, in chunks of 100,000 rows: the whole command but for Python's imports, from the file to the result on disk. The
bound is the three products of that network alone, jitted, in double precision, as often as there are points, measured
before and after the run in the same process: in tiles of the 32,768 points that the evaluator works on, and in tiles of
16,384, whose sums stay in the cache, which is the quickest here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from measuring import show

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a program is read from /proc"),
]

ROWS, LARGEST, LONGEST = 1_000_000, 2 * 2**30, 3.0

PROGRAM = """
import json, sys, time
import jax, jax.numpy as jnp
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
import scipy.stats
from synlabel_prob import ground_truth, priors, run
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec

ROWS, FEATURES, WIDTH, DRAWS = int(sys.argv[1]), 20, 64, 64
folder = sys.argv[2]
names = [f"x{place}" for place in range(FEATURES)]
schema, draw = pa.schema([(name, pa.float64()) for name in names]), np.random.default_rng(0)
with pq.ParquetWriter(f"{folder}/table.parquet", schema) as writer:
    for _ in range(0, ROWS, 50_000):
        writer.write_table(pa.table(list(draw.normal(size=(FEATURES, 50_000))), schema=schema))

def products(tile):
    with jax.enable_x64(True):
        sizes = (FEATURES, WIDTH, WIDTH, 3)
        weights = [jnp.asarray(draw.normal(size=pair)) for pair in zip(sizes, sizes[1:])]
        points = jnp.asarray(draw.normal(size=(tile, FEATURES)))
        chain = jax.jit(lambda weights, points: points @ weights[0] @ weights[1] @ weights[2])
        chain(weights, points).block_until_ready()
        wall, used = time.perf_counter(), time.process_time()
        for _ in range(2**22 // tile):
            chain(weights, points).block_until_ready()
        times = ROWS * DRAWS / 2**22
        return (time.perf_counter() - wall) * times, (time.process_time() - used) * times

class Stages(run.Progress):
    def __init__(self):
        super().__init__(stream=None)
        self.found = []
    def stage(self, description):
        self.found.append((description, time.perf_counter()))

network = ground_truth.RandomNetwork(("A", "B", "C"), width=WIDTH, depth=2)
process = Process(network, tuple(names[:5]), priors.Gaussian())
spec = Spec(Data(path="table.parquet"), process, soft_labels=QuasiMonteCarlo(draws=DRAWS))
before, stages = [products(tile) for tile in (2**15, 2**14)], Stages()
wall, used = time.perf_counter(), time.process_time()
run.generate(spec, f"{folder}/out", base_directory=folder, chunk_rows=100_000, progress=stages)
took = time.perf_counter() - wall, time.process_time() - used
peak = 1024 * int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
after = [products(tile) for tile in (2**15, 2**14)]
ends = [start for _, start in stages.found[1:]] + [wall + took[0]]
parts = [(name, end - start) for (name, start), end in zip(stages.found, ends)]
bounds = [[(first + second) / 2 for first, second in zip(*pair)] for pair in zip(before, after)]
print(json.dumps({"took": took, "bounds": bounds, "peak": peak, "parts": parts}))
"""


def test_a_million_rows_take_at_most_three_times_their_matrix_products(tmp_path: Path, capsys: pytest.CaptureFixture):
    command = [sys.executable, "-c", PROGRAM, str(ROWS), str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout.splitlines()[-1])
    (wall, used), bounds = found["took"], found["bounds"]
    rows = [
        ("whole run", f"{wall:.1f} s ({used:.1f} s of processor time)"),
        *((f"  {name}", f"{seconds:.1f} s") for name, seconds in found["parts"]),
        *(
            (f"matrix products, {name}", f"{time:.1f} s ({own:.1f} s), ratio {wall / time:.2f} ({used / own:.2f})")
            for name, (time, own) in zip(("the same tiles", "the quickest tiles"), bounds, strict=True)
        ),
        ("peak memory", f"{found['peak'] / 2**30:.2f} GiB (at most 2)"),
    ]
    show(capsys, f"{ROWS:,} rows x 20 features, 5 hidden, 64 draws, network of 2 x 64, from Parquet to disk", rows)
    assert found["peak"] <= LARGEST
    assert wall <= LONGEST * bounds[0][0] and used <= LONGEST * bounds[1][1]  # other work makes the clock go on alone
