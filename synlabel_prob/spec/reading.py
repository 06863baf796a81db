"""From TOML to a spec; everything that is wrong with a file is said at once, with its path in the file."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import PythonFunction
from ..messages import ended, sentences, separate
from ..priors import Uniform
from ..process import Process
from ..process.description import AnyFeatureNoise, AnyNoise
from . import overrides as overriding
from .description import KEYS, LISTS, Spec, nested
from .places import read_text, spec_path

_WHERE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


_HINTS = {
    "Invalid value": "text goes between quotes, numbers begin with a digit, true and false are written small",
    "Illegal character '\\n'": "close the quotes on the line on which they open",
    "Cannot declare": "tables that repeat, as [[noise]], have two brackets each",
    "Cannot overwrite": "give each key once; tables that repeat, as [[noise]], have two brackets each",
}
"""What to do about the errors of TOML that are most often made."""


def read_spec(path: str | Path, overrides: Sequence[str] = ()) -> Spec:
    """The spec in a file, or a ready model by its name.

    Args:
        path: a TOML file, or a name such as `wine` where no file is called so.
        overrides: `key=value` each, as for `from_toml`.

    Raises:
        InputError: there is no such file, or something in it is wrong; all problems are listed.
    """
    found = spec_path(path)
    text = read_text(found)
    try:
        return from_toml(text, overrides)
    except InputError as error:
        raise InputError(_of_file(str(found), separate(str(error)))) from None


def _of_file(name: str, problems: list[str]) -> str:
    if len(problems) == 1:
        return f"{name}: {problems[0]}"
    lines = [line for problem in problems for line in problem.splitlines()]
    return "\n".join([f"{name} has {len(problems)} problems:", *(f"  {line}" for line in lines)])


def from_toml(text: str, overrides: Sequence[str] = ()) -> Spec:
    """The spec that a TOML text holds.

    Args:
        text: TOML; the fields of the process stand at the top level.
        overrides: `key=value` each, put over the text in their order. The key is a path with points, in which a noise
            node goes by its name (or kind): `noise.symmetric.rate=0.2`; the value is TOML, or a bare word for text.

    Raises:
        InputError: a line for each thing that is wrong.
    """
    problems = Problems()
    flat = _parsed(text)
    overriding.apply(overrides, flat, problems)
    spec = _validated(flat, problems)
    problems.raise_if_any()
    assert spec is not None
    return spec


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError("It must be TOML; it is nested too deeply to be read: write fewer brackets.") from None
    except ValueError as error:  # also numbers that are too long to be read
        found = _WHERE.fullmatch(str(error))
        reason = found[1] if found else "a number has too many digits"
        place = "" if not found else f" at line {found[2]}, column {found[3]}" if found[2] else " at its end"
        raise InputError(f"It must be TOML; reading it fails{place}: {_lower(reason)}{_hint(reason)}.") from None


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]


def _hint(reason: str) -> str:
    return next((f" ({hint})" for beginning, hint in _HINTS.items() if reason.startswith(beginning)), "")


def _validated(flat: dict[str, Any], problems: Problems) -> Spec | None:
    place = functools.partial(_place, {key: _node_names(flat.get(key)) for key in LISTS})
    readable = nested(_without_functions(_with_known_keys(flat, problems), "", place, problems))
    try:
        return TypeAdapter(Spec).validate_python(readable)
    except ValidationError as error:
        _add(error, Spec, place, problems)
    _check_process(readable["process"], place, problems)
    return None


def _check_process(fields: dict[str, Any], place: Callable[[str], str], problems: Problems) -> None:
    """What the process says about its parts together, as far as they can be read, besides what is wrong in each."""
    whole = {"ground_truth": PythonFunction(str, ("", " ")), "prior": Uniform(), "hidden": fields.get("hidden", ("",))}
    lists = {key: _sound(fields.get(key), part) for key, part in zip(LISTS, (AnyNoise, AnyFeatureNoise), strict=True)}
    try:
        TypeAdapter(Process).validate_python({**whole, **lists})
    except ValidationError as error:
        _add(error, Process, place, problems)


def _sound(nodes: Any, part: Any) -> list[Any]:
    """Those of a list that can be read."""
    return [node for node in nodes if _is_sound(node, part)] if isinstance(nodes, list) else []


def _is_sound(node: Any, part: Any) -> bool:
    try:
        TypeAdapter(part).validate_python(node)
    except ValidationError:
        return False
    return True


def _add(error: ValidationError, root: type, place: Callable[[str], str], problems: Problems) -> None:
    for sentence in sentences(error, root, place=place):
        problems.add(sentence)


def _with_known_keys(flat: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """Without unknown keys; a misspelt one stands for the key that it resembles, so that its value is checked too."""
    known = {key: value for key, value in flat.items() if key in KEYS}
    for key in flat.keys() - known.keys():
        problems.add(f"`{key}` is not known: {ended(did_you_mean(key, KEYS))}")
        for meant in difflib.get_close_matches(key, KEYS, n=1):
            known.setdefault(meant, flat[key])
    return known


def _without_functions(value: Any, path: str, place: Callable[[str], str], problems: Problems) -> Any:
    """With a harmless stand-in for each table that names a Python function, which is noted."""
    if isinstance(value, list):
        return [_without_functions(item, f"{path}[{index}]", place, problems) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.get("kind") == PythonFunction.kind and path.endswith(("function", "ground_truth")):
        problems.add(
            f"`{place(path)}` names a Python function, and a spec never runs code: write the rule as conditions "
            '(kind = "rules"), or build the process in Python.'
        )
        return PythonFunction(str, ("", " "))
    return {
        key: _without_functions(item, f"{path}.{key}" if path else key, place, problems) for key, item in value.items()
    }


def _node_names(nodes: Any) -> list[str]:
    """What messages call the parts of a list: by name or kind where that says which one, else by place."""
    given = nodes if isinstance(nodes, list) else []
    names = [overriding.label(node) if isinstance(node, dict) else "" for node in given]
    return [name if name and names.count(name) == 1 else "" for name in names]


def _place(nodes: dict[str, list[str]], path: str) -> str:
    """A path among the fields of a spec as it is in the file."""
    path = path.removeprefix("process").removeprefix(".")
    found = re.match(rf"({'|'.join(LISTS)})\[(\d+)\]", path)
    names = nodes[found[1]] if found else []
    name = names[int(found[2])] if found and int(found[2]) < len(names) else ""
    return f"{found[1]}.{name}{path[found.end() :]}" if found and name else path
