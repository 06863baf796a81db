"""Where commands keep what was compiled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from synlabel_prob.cli.compiled import keep_compiled_programs

FOLDER, SECONDS = "JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def test_it_is_the_users_cache_folder(tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    keep_compiled_programs(environment)
    folder = Path(environment[FOLDER])
    assert folder.is_dir() and folder.parent == tmp_path / "synlabel_prob" and environment[SECONDS] == "0"
    again = {"XDG_CACHE_HOME": str(tmp_path)}
    keep_compiled_programs(again)
    assert again == environment


@pytest.mark.parametrize("given", ["", "elsewhere"])
def test_what_the_user_said_stays(tmp_path, given):
    environment = {"XDG_CACHE_HOME": str(tmp_path), FOLDER: given}
    keep_compiled_programs(environment)
    assert environment == {"XDG_CACHE_HOME": str(tmp_path), FOLDER: given} and not os.listdir(tmp_path)


def test_without_a_folder_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("")
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    keep_compiled_programs(environment)
    assert FOLDER not in environment


def test_how_long_a_compilation_must_take_is_the_users_to_say(tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path), SECONDS: "5"}
    keep_compiled_programs(environment)
    assert environment[SECONDS] == "5"
