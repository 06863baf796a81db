"""A directory of files that appears complete or not at all, whenever the program is killed.

Files are written into a sibling directory, flushed to the disk, and the sibling takes the directory's place in one
atomic exchange. Where the system has no exchange, the old directory is moved aside first; if the program is killed
between the two moves, the next start puts the complete sibling in place.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from ..errors import InputError

RESULT_FILES = ("dataset.parquet", "votes.parquet", "process.nc", "ground_truth.json", "croissant.json", "spec.toml")
RESULT_FILES += ("summary.json",)
"""What a result may hold; `force` replaces a directory only if it holds nothing else."""


@dataclasses.dataclass(frozen=True)
class Written:
    """The content of a file that is too large for the memory: `write` makes it at a path."""

    write: Callable[[Path], None]


Content = bytes | Callable[[Path], bytes] | Written

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CANNOT_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_AT_WORKING_DIRECTORY = -100
_EXCHANGE = 2


def check_output(directory: str | Path, *, force: bool = False, replaceable: Collection[str] = RESULT_FILES) -> Path:
    """Where a result for `directory` would go, after finishing what a killed run left there.

    With `force` a directory is replaced that holds nothing but files of the names in `replaceable`.

    Raises:
        InputError: a result cannot go there, because something is there that must not be replaced, or because it
            cannot be written.
    """
    given = str(directory)
    try:
        target = Path(os.path.realpath(directory))
        recover(target)
        _check_target(target, given, force, replaceable)
        parent = next(folder for folder in target.parents if folder.exists())
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The output directory {given!r} cannot be used: {reason(error)}.") from None
    if not parent.is_dir():
        raise InputError(f"The output directory {given!r} would be inside {parent.name!r}, which is a file.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"The output directory {given!r} cannot be made: its parent is not writable. Name another.")
    return target


def _check_target(target: Path, given: str, force: bool, replaceable: Collection[str]) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"The output must be a directory; {given!r} is a file: name another.")
    if not force:
        raise InputError(f"The output directory {given!r} exists already: name another, or replace it with --force.")
    others = sorted(path.name for path in target.iterdir() if path.name not in replaceable)
    if others:
        raise InputError(
            f"The output directory {given!r} holds {others[0]!r}, which is no part of a result, so it is not replaced: "
            "move it away, or name another directory."
        )


def write_result(
    directory: str | Path,
    files: Mapping[str, Content],
    *,
    force: bool = False,
    replaceable: Collection[str] = RESULT_FILES,
) -> None:
    """Write a directory of files, all or nothing; an old one survives until the new one is complete.

    Args:
        directory: where; missing parents are made.
        files: content by name, written in order; a function is given the unfinished directory, so that it can read
            the files before it.
        force: replace a result that is there.
        replaceable: names of the files that `force` may replace.

    Raises:
        InputError: it cannot be written, in one sentence; nothing is left behind.
    """
    target = check_output(directory, force=force, replaceable=replaceable)
    missing = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _staging(target) as (staging, descriptor):
            for name, content in files.items():
                put(staging, name, content)
            os.fsync(descriptor)
            _publish(staging, target)
    except OSError as error:
        raise InputError(
            f"The output directory {str(directory)!r} cannot be written: {reason(error)}. Nothing was left behind."
        ) from None
    finally:
        if not target.exists():
            remove_empty(missing)


def remove_empty(folders: list[Path]) -> None:
    """Take folders away that hold nothing, innermost first."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def reason(error: Exception) -> str:
    """Why a file could not be written, as the end of a sentence."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return "the disk is full"
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


def put(folder: Path, name: str, content: Content) -> None:
    """Make a file of a folder, and see it on the disk."""
    path = folder / name
    if isinstance(content, Written):
        content.write(path)
    else:
        with path.open("xb") as file:
            file.write(content(folder) if callable(content) else content)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# --- siblings ---------------------------------------------------------------------------------------


def _sibling(target: Path, state: str) -> Path:
    return target.with_name(f"{_prefix(target)}{state}-{secrets.token_hex(4)}")


def _prefix(target: Path) -> str:
    return f".{target.name}.synlabel-"


def _siblings(target: Path, state: str = "") -> list[Path]:
    start = _prefix(target) + state
    return sorted(path for path in target.parent.iterdir() if path.name.startswith(start))


@contextlib.contextmanager
def _staging(target: Path) -> Iterator[tuple[Path, int]]:
    """An unfinished sibling and its descriptor, locked while this program lives; removed in the end."""
    staging = _sibling(target, "partial")
    staging.mkdir()
    descriptor = os.open(staging, os.O_RDONLY)
    try:
        is_free(descriptor)
        yield staging, descriptor
    finally:
        os.close(descriptor)
        # After the exchange this is the old result.
        shutil.rmtree(staging, ignore_errors=True)


def is_free(descriptor: int) -> bool:
    """Take the lock of a directory, unless a living program has it; file systems without locks are taken as free."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _is_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return is_free(descriptor)
    finally:
        os.close(descriptor)


def recover(directory: str | Path) -> None:
    """Finish or clear away what killed runs left beside a directory; runs that are alive are left alone."""
    target = Path(os.path.realpath(directory))
    if not target.parent.is_dir():
        return
    abandoned = [path for path in _siblings(target) if _is_abandoned(path)]
    if len(abandoned) < len(_siblings(target)):
        abandoned = [path for path in abandoned if path.name.startswith(_prefix(target) + "partial")]
    moved_aside = [path for path in abandoned if path.name.startswith(_prefix(target) + "old")]
    if moved_aside and not target.exists():
        complete = [path for path in abandoned if path.name.startswith(_prefix(target) + "complete")]
        (complete or moved_aside)[-1].rename(target)
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)


# --- taking the place -------------------------------------------------------------------------------


def _publish(staging: Path, target: Path) -> None:
    """Put the complete sibling in the directory's place."""
    if not target.exists():
        staging.rename(target)
    elif not _exchange(staging, target):
        _replace_in_two_moves(staging, target)
    sync_directory(target.parent)


def _replace_in_two_moves(staging: Path, target: Path) -> None:
    """Where there is no exchange; `recover` finishes what is interrupted after the first move."""
    complete, old = _sibling(target, "complete"), _sibling(target, "old")
    staging.rename(complete)
    sync_directory(target.parent)
    target.rename(old)
    complete.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two directories in one step; False where the system or the file system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if hasattr(library, "renameat2"):  # Linux
        failed = library.renameat2(_AT_WORKING_DIRECTORY, names[0], _AT_WORKING_DIRECTORY, names[1], _EXCHANGE)
    elif hasattr(library, "renamex_np"):  # macOS
        failed = library.renamex_np(*names, _EXCHANGE)
    else:
        return False
    if failed and ctypes.get_errno() not in _CANNOT_EXCHANGE:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return not failed


def sync_directory(folder: Path) -> None:
    """See the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
