"""Single values of a file, changed from the command line: `noise.symmetric.rate=0.2`."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from ..errors import InputError, Problems, did_you_mean
from ..messages import ended
from .description import LISTS

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def apply(overrides: Sequence[str], flat: dict[str, Any], problems: Problems) -> None:
    """Put each `key=value` into a file's keys, later ones over earlier ones; what cannot be done is noted."""
    for override in overrides:
        try:
            path, value = split(override)
            _put(flat, path, value)
        except InputError as error:
            problems.add(f"--set {override}: {error}")


def split(override: str) -> tuple[tuple[str, ...], Any]:
    """The path and the value of `a.b=value`; the value is TOML, and words that are no TOML are text.

    Raises:
        InputError: there is no `=`, or the key or a list, table or quoted text is not TOML.
    """
    key, equals, text = _at_equals(override)
    if equals != "=" or not key.strip():
        raise InputError("write key=value, such as noise.symmetric.rate=0.2.")
    return _path(key), _value(text.strip())


def _at_equals(override: str) -> tuple[str, str, str]:
    """Split at the first `=` that is not inside quotes."""
    key = re.match(r"""(?:"[^"]*"|'[^']*'|[^="'])*""", override)
    end = key.end() if key else 0
    return override[:end], override[end : end + 1], override[end + 1 :]


def _path(key: str) -> tuple[str, ...]:
    try:
        table = tomllib.loads(f"{key.strip()} = 0")
    except tomllib.TOMLDecodeError:
        hint = "put parts with spaces or other signs between quotes, as in 'data.kinds.\"my column\"=ordinal'"
        raise InputError(f"the key is not a path of names with points between: {hint}.") from None
    path: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        (name, table) = next(iter(table.items()))
        path.append(name)
    return tuple(path)


def _value(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        if text[:1] in ("[", "{", '"', "'"):
            raise InputError(f"the value {text} is not TOML: close what is open, and keep it from the shell.") from None
        return float(text) if _NUMBER.fullmatch(text) else text
    value = table.get("value")
    is_date = isinstance(value, (datetime.date, datetime.time))
    return text if is_date or len(table) > 1 else value  # no key takes a date


def _put(flat: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *tables, key = path
    here, done = flat, 0
    if tables and tables[0] in LISTS:
        here, done = _node(tables[0], flat.get(tables[0]), path[1]), 2
        if len(path) == 2:
            own = "rate" if tables[0] == "noise" else "features"
            raise InputError(f"name a key of the node as well, such as {tables[0]}.{key}.{own}.")
    for number in range(done, len(tables)):
        here = here.setdefault(tables[number], {})
        so_far = ".".join(tables[: number + 1])
        if isinstance(here, list):
            raise InputError(f"`{so_far}` is a list, whose elements have no names: give it whole.")
        if not isinstance(here, dict):
            raise InputError(f"`{so_far}` is a single value and has no keys: leave out what comes after it.")
    here[key] = value


def _node(where: str, nodes: Any, name: str) -> dict[str, Any]:
    """The part of a list with that name, or else the only one of that kind."""
    what = "noise node" if where == "noise" else "noise on features"
    tables = [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    found = [node for node in tables if label(node) == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{len(found)} {what}s are called {name!r}: give each a `name` of its own in the file.")
    raise InputError(f"no {what} is called {name!r}: {ended(did_you_mean(name, [label(n) for n in tables]))}")


def label(node: dict[str, Any]) -> str:
    """What a noise node of a file is called: by its name, else by its kind."""
    return str(node.get("name", node.get("kind", "")))
