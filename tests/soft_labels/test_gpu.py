"""Another device than the processor gives the same soft labels; programs run there on many rows and draws at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import gpu_cases
import numpy as np
import pytest

from synlabel_prob.devices import is_processor


def saved(file: Path, platform: str, *arguments: str) -> dict[str, np.ndarray]:
    """What a process of its own finds, because programs that were compiled for one device stay in memory."""
    own = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "JAX_PLATFORMS": platform}
    subprocess.run([sys.executable, gpu_cases.__file__, str(file), *arguments], check=True, env=own)
    with np.load(file) as found:
        return dict(found)


@pytest.mark.slow
def test_all_at_once_gives_the_same_bytes_as_one_after_another(tmp_path):
    one = saved(tmp_path / "one.npz", "cpu", *gpu_cases.CASES)
    other = saved(tmp_path / "other.npz", "cpu", "--all-at-once", *gpu_cases.CASES)
    assert len(one) > len(gpu_cases.CASES)
    for field, values in one.items():
        np.testing.assert_array_equal(values, other[field], err_msg=field)


@pytest.mark.skipif(is_processor(), reason="JAX sees no GPU")
def test_a_gpu_gives_what_a_processor_gives(tmp_path):
    # Elementary functions round in another way there: draws differ in their last bits, which no label here depends on.
    here, there = (saved(tmp_path / f"{name}.npz", name, *gpu_cases.CASES) for name in ("cpu", "cuda"))
    assert here.pop("device") != there.pop("device")
    off = {field: float(np.abs(values - there[field]).max()) for field, values in here.items()}
    print(off)
    assert max(off.values()) <= 1e-12, off
