"""How the time of soft labels of a forest grows with rows, draws, trees, hidden features and classes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from measuring import show

pytestmark = pytest.mark.benchmark

# Fixed costs make exponents smaller, noise of a shared machine makes them vary by about 0.1.
AT_MOST = {"rows": 1.1, "draws": 1.1, "trees": 1.3, "hidden": 1.1, "classes": 1.3}


def test_none_grows_faster_than_linearly_in_rows_and_draws(capsys: pytest.CaptureFixture):
    growth = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "growth.py"))
    found = {name: growth["exponent"](name, growth["measured"](name)) for name in AT_MOST}
    show(capsys, "exponents of the time of soft labels", [(name, f"{value:.2f}") for name, value in found.items()])
    assert all(found[name] <= most for name, most in AT_MOST.items()), found
