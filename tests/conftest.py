"""What all tests share; the folder of this file is on the path, so that `contracts` can be imported."""

from __future__ import annotations

import atexit
import gc

import jax
import numpyro  # noqa: F401 - before ArviZ, which leaves it half loaded; importing its parts then makes second copies
import pytest
from bad_inputs import SPEC, frame
from hypothesis import settings

# The same examples in every run: what fails tomorrow was broken by a change, not by chance.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")

# What JAX traces stays: looking through it again and again takes a twentieth of the time, and so does its end.
gc.set_threshold(100_000)
atexit.register(gc.freeze)


@pytest.fixture
def key():
    """The fixed key of a test that draws."""
    return jax.random.key(2309_04318)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a spec and its table, as the working directory."""
    (tmp_path / "spec.toml").write_text(SPEC)
    frame().to_csv(tmp_path / "table.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
