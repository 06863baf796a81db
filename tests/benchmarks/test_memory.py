"""The memory of a million rows with a thousand draws each, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from measuring import show

pytestmark = pytest.mark.benchmark

LARGEST = 2 * 2**30

PROGRAM = """
import resource, sys, time
import jax, numpy as np, pandas as pd
from synlabel_prob.ground_truth import Linear
from synlabel_prob.noise import Symmetric
from synlabel_prob.priors import GaussianRegression
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.soft_labels import MonteCarlo, QuasiMonteCarlo
from synlabel_prob.table import Table

values = np.random.default_rng(0).standard_normal((1_000_000, 3))
table = Table.from_frame(pd.DataFrame(values, columns=["a", "b", "c"]))
truth = Linear({"0": {}, "1": {"a": 1.0, "b": -0.5, "c": 0.7}})
evaluator = {"monte_carlo": MonteCarlo, "quasi_monte_carlo": QuasiMonteCarlo}[sys.argv[1]](draws=1000)
fitted = fit(Process(truth, ("a",), GaussianRegression(), (Symmetric(0.1),)), table)
start = time.perf_counter()
made = generate(fitted, jax.random.key(0), evaluator)
seconds = time.perf_counter() - start
assert made.soft.evaluations.min() >= 1000 and len(made.partial.soft_labels) == 1_000_000
try:  # the peak of this program alone; getrusage may count its parent's before the program was loaded
    status = open("/proc/self/status").read()
    peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(peak, seconds)
"""


@pytest.mark.parametrize("method", ["monte_carlo", "quasi_monte_carlo"])
def test_a_million_rows_and_a_thousand_draws_stay_under_2_gib(method: str, capsys: pytest.CaptureFixture):
    answer = subprocess.run([sys.executable, "-c", PROGRAM, method], capture_output=True, text=True, check=True)
    peak, seconds = answer.stdout.split()
    rows = [("peak memory", f"{int(peak) / 2**30:.2f} GiB (at most 2)"), ("time", f"{float(seconds):.0f} s")]
    show(capsys, f"1,000,000 rows x 1,000 draws, linear ground truth, {method}", rows)
    assert int(peak) <= LARGEST
