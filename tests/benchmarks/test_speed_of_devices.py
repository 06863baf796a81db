"""Soft labels on a GPU against the same on all cores of the processor beside it, from fitted parts to the record.

A process of its own for each device runs the jobs of `jobs_on_device.py`, each once before it is timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from measuring import show

from synlabel_prob.devices import is_processor

pytestmark = [pytest.mark.benchmark, pytest.mark.skipif(is_processor(), reason="JAX sees no GPU")]

JOBS = Path(__file__).with_name("jobs_on_device.py")


def _found(platform: str) -> dict:
    own = {**os.environ, "JAX_PLATFORMS": platform}
    answer = subprocess.run([sys.executable, str(JOBS)], capture_output=True, text=True, check=True, env=own)
    return json.loads(answer.stdout.splitlines()[-1])


def test_a_gpu_is_faster_than_all_cores(capsys: pytest.CaptureFixture):
    here, there = _found("cpu"), _found("cuda")
    rows = [("job", "processor       GPU   ratio   compiled in")]
    for (name, _, slow), (_, first, fast) in zip(here["jobs"], there["jobs"], strict=True):
        rows.append((name, f"{slow:7.3f} s {fast:7.3f} s {slow / fast:7.1f}   {first - fast:.1f} s"))
    show(capsys, f"soft labels, {there['device']} against {os.cpu_count()} cores", rows)
    assert all(slow > fast for (_, _, slow), (_, _, fast) in zip(here["jobs"], there["jobs"], strict=True))
