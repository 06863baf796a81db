"""Where spec files are: the ready models, and the file that a user names."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError

_LARGEST = 2**20


def ready_models() -> dict[str, Path]:
    """The files of the ready models by name: in an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "models", package.parent / "models"):
        if found := sorted(folder.glob("*.toml")):
            return {path.stem: path for path in found}
    return {}


def spec_path(path: str | Path) -> Path:
    """The spec file that a user names: a path, or the name of a ready model where no file is called so.

    Raises:
        InputError: there is no such file; the nearest one and the nearest ready model are named.
    """
    given = Path(os.path.expanduser(path))  # `Path.expanduser` raises where there is no such user
    if os.path.isfile(given) or str(path) not in ready_models():
        _check(given)
        return given
    return ready_models()[str(path)]


def read_text(path: Path) -> str:
    """The text of a spec file that `spec_path` found.

    Raises:
        InputError: the file is empty, too large, binary, or no UTF-8.
    """
    given = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(f"The spec file {given!r} cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise InputError(f"The spec file {given!r} is empty: start from a ready model ({', '.join(ready_models())}).")
    if b"\0" in content:
        raise InputError(f"The spec file {given!r} must be text in UTF-8; it is binary or UTF-16: save it so.")
    if len(content) > _LARGEST:
        raise InputError(f"The spec file {given!r} is larger than 1 MiB, which no spec is: name the right file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"The spec file {given!r} must be text in UTF-8; line {line} is in another encoding: save it so."
        ) from None


def _check(path: Path) -> None:
    given = str(path)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"There is no spec file {given!r}{_suggestions(path)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"The spec file {given!r} cannot be read: {reason}.") from None
    if stat.S_ISDIR(mode):
        inside = _specs_in(path)
        hint = f"name one in it, such as {inside[0]!r}" if inside else "name a file"
        raise InputError(f"A spec must be a TOML file; {given!r} is a directory: {hint}.")
    if not stat.S_ISREG(mode):
        raise InputError(f"A spec must be a TOML file; {given!r} is a device, a pipe or a socket: name a file.")


def _suggestions(path: Path) -> str:
    """The end of a sentence: the nearest file and the nearest ready model, or which ready models there are."""
    stem = path.name.removesuffix(".toml")
    beside = {Path(name).stem: name for name in _specs_in(path.parent)}
    hints = [f"the file {beside[name]!r}" for name in _nearest(stem, beside)]
    hints += [f"the ready model {name!r}" for name in _nearest(stem, ready_models())]
    if hints:
        return f": did you mean {' or '.join(hints)}?"
    return f", and no ready model is called {stem!r}: there is {', '.join(ready_models()) or 'none'}."


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)


def _specs_in(folder: Path) -> list[str]:
    try:
        return [str(folder / file.name) for file in sorted(folder.iterdir()) if file.name.endswith(".toml")]
    except OSError:
        return []
