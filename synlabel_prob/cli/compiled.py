"""Compiled programs are kept from one command to the next, because compiling takes longer than most runs."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import MutableMapping
from pathlib import Path

_SECONDS = "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def keep_compiled_programs(environment: MutableMapping[str, str]) -> None:
    """Let JAX keep what it compiles in the user's cache folder; before JAX is imported.

    A user's own `JAX_COMPILATION_CACHE_DIR` is left as it is, and an empty one means none. A program belongs to all
    that it was made of and to the type of processor, so that none is taken for another one. Nothing is kept where the
    folder cannot be made.
    """
    if "JAX_COMPILATION_CACHE_DIR" in environment:
        return
    folder = _cache_folder(environment) / "synlabel_prob" / f"compiled-{_processor()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if not os.access(folder, os.W_OK):
        return
    environment["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    environment.setdefault(_SECONDS, "0")


def _cache_folder(environment: MutableMapping[str, str]) -> Path:
    if given := environment.get("XDG_CACHE_HOME"):
        return Path(given)
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Caches"
    if local := environment.get("LOCALAPPDATA"):
        return Path(local)
    return Path.home() / ".cache"


def _processor() -> str:
    """A short name of the type of this processor: programs are compiled for its instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        own = "".join(sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))}))
    except OSError:
        own = platform.processor()
    return hashlib.sha256(f"{platform.machine()}{own}".encode()).hexdigest()[:12]
