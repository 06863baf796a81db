"""How long the main job takes from the shell: the first time on a machine, and once compiled programs are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from measuring import show

pytestmark = pytest.mark.benchmark

LONGEST_COLD, LONGEST_WARM = 10.0, 5.0


def _seconds(out: Path, cache: Path) -> float:
    """Of the real command, a process of its own, that keeps compiled programs where it does by default."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, every start would compile this project's modules again
    command = [sys.executable, "-m", "synlabel_prob.cli", "generate", "wine", "--force", "--out", str(out)]
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env={**own, "XDG_CACHE_HOME": str(cache)})
    return time.perf_counter() - start


def test_the_main_job_cold_and_warm(tmp_path: Path, capsys: pytest.CaptureFixture):
    caches = [tmp_path / f"cache{number}" for number in range(3)]
    cold = min(_seconds(tmp_path / "wine", cache) for cache in caches)
    warm = min(_seconds(tmp_path / "wine", cache) for cache in caches)
    kept = sum(1 for path in caches[0].rglob("*-cache") if path.is_file())
    rows = [
        ("cold, nothing compiled before", f"{cold:.1f} s (at most {LONGEST_COLD:.0f})"),
        ("warm, compiled programs on the disk", f"{warm:.1f} s (at most {LONGEST_WARM:.0f})"),
        ("programs that are kept", f"{kept}"),
    ]
    show(capsys, "synlabel-prob generate wine", rows)
    assert kept and cold <= LONGEST_COLD and warm <= LONGEST_WARM
