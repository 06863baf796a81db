"""From a spec to TOML; what a file cannot hold is refused, so that what is written reads back as the same spec."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w

from ..annotators import DESCRIPTIONS as ANNOTATORS
from ..descriptions import Part, to_plain
from ..errors import InputError, Problems
from ..feature_laws import LAWS
from ..feature_noise import DESCRIPTIONS as FEATURE_NOISES
from ..ground_truth import DESCRIPTIONS as GROUND_TRUTHS
from ..noise import DESCRIPTIONS as NOISES
from ..noise import DESTINATIONS, WEIGHTS
from ..observations import DESCRIPTIONS as OBSERVATIONS
from ..priors import DESCRIPTIONS as PRIORS
from ..soft_labels import DESCRIPTIONS as EVALUATORS
from .description import LISTS, Spec, flat
from .reading import from_toml

_PLAIN = (str, int, float)
_PROCESS = (*GROUND_TRUTHS, *PRIORS, *NOISES, *WEIGHTS, *DESTINATIONS, *ANNOTATORS, *OBSERVATIONS, *FEATURE_NOISES)
_REGISTERED = (*_PROCESS, *EVALUATORS)


def to_toml(spec: Spec) -> str:
    """The TOML of a spec: fields at their defaults are left out, the seed always stands; `from_toml` reads it back.

    Raises:
        InputError: it holds what a file cannot: a function, an estimator object, a class of the user's own.
    """
    problems = Problems()
    for path, value in _values(spec, ""):
        reason = "" if path == "data.law" and type(value) in LAWS else _reason(value)
        if reason:
            problems.add(f"`{path.replace('process.', '', 1)}` {reason}")
    problems.raise_if_any()
    text = _dumped(flat({**to_plain(spec), "seed": spec.seed}))
    _check_reads_back(text, spec)
    return text


def _dumped(keys: dict[str, Any]) -> str:
    """Single values first, then a table each; noise as [[noise]], which tomli-w would put on one line."""
    singles = {key: value for key, value in keys.items() if not isinstance(value, dict) and key not in LISTS}
    pieces = [tomli_w.dumps(singles)]
    for key, value in keys.items():
        if key in LISTS:
            pieces += [f"[{tomli_w.dumps({key: node}).replace(']', ']]', 1)}" for node in value]
        elif key not in singles:
            pieces.append(tomli_w.dumps({key: value}))
    return "\n".join(pieces)


def _check_reads_back(text: str, spec: Spec) -> None:
    """Last of all: nothing was lost on the way, whatever it is."""
    try:
        same = from_toml(text) == spec
    except InputError as error:
        raise InputError(f"This spec cannot be written: the file could not be read again ({error})") from None
    if not same:
        raise InputError(
            "This spec cannot be written without loss: some value in it becomes another in TOML, so keep it in Python."
        )


def _values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value in a description with its path, parts before what they hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield path, value
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if inner is not None:
                yield from _values(inner, f"{path}.{field.name}" if path else field.name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield path, _Key(key)
            yield from _values(item, f"{path}.{key}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _values(item, f"{path}[{index}]")
    else:
        yield path, value


@dataclasses.dataclass(frozen=True)
class _Key:
    """A key of a mapping, which TOML has as text only."""

    key: Any


def _reason(value: Any) -> str:
    """Why TOML cannot hold a value, as the rest of a sentence; empty where it can."""
    name = type(value).__name__
    if isinstance(value, _Key):
        wrong = not isinstance(value.key, str)
        return (
            f"has the key {value.key!r}, and keys of a spec file are text: keep this spec in Python." if wrong else ""
        )
    if isinstance(value, Part):
        if type(value) in _REGISTERED:
            return ""
        return (
            f"is a {name}, a class of your own, which a spec file cannot name: keep this spec in Python, or use one of "
            "the parts that `synlabel-prob list` shows."
        )
    if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
        return "is text that no file can hold (half of a character): correct it."
    if type(value) in (*_PLAIN, bool) or dataclasses.is_dataclass(value):
        return ""
    if value is None:
        return "holds None, which TOML has not: leave it out, or give the value that it stands for."
    if callable(getattr(value, "fit", None)):
        return (
            f"is a {name} object, which a spec file cannot hold: give the estimator's name and `parameters`, such as "
            'Learned("RandomForestClassifier", {"n_estimators": 100}).'
        )
    if callable(value):
        called = getattr(value, "__name__", name)
        return (
            f"is the Python function {called}, which a spec file cannot hold, because it never runs code: write the "
            "rule as conditions (Rules), or keep this spec in Python."
        )
    return f"is a {name}, which TOML has not: use text, a number, true or false, or a list or a table of these."
