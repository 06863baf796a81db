"""What pydantic found wrong with a description, as sentences: where, what was expected, what came, what to do."""

from __future__ import annotations

import dataclasses
import math
import re
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import numpy as np
from pydantic import ValidationError

from .errors import did_you_mean

_EXPECTED: Mapping[str, str] = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number that is not that large",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text (between quotes)",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table of key = value",
    "dataclass_type": "a table of key = value",
    "dataclass_exact_type": "a table of key = value",
    "model_attributes_type": "a table of key = value",
    "string_pattern_mismatch": "letters, digits and _, starting with a letter",
}
_BOUNDS = {"greater_than": "above", "greater_than_equal": "at least", "less_than": "below"}
_BOUNDS |= {"less_than_equal": "at most", "too_short": "a list of at least", "too_long": "a list of at most"}
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_MISSING = ("missing", "missing_argument")
_LISTS, _TABLES = ("tuple_type", "list_type"), ("dataclass_type", "model_attributes_type", "dict_type")


@dataclasses.dataclass(frozen=True)
class _Problem:
    """One thing that pydantic found: its `path` as a user wrote it, and the type that owns the last step."""

    path: str
    owner: Any
    item: Mapping[str, Any]
    is_branch: bool = False

    @property
    def kind(self) -> str:
        """Pydantic's name of the error."""
        return self.item["type"]

    @property
    def context(self) -> Mapping[str, Any]:
        """What the error says besides."""
        return self.item.get("ctx", {})

    @property
    def name(self) -> str:
        """The last step."""
        return str(self.item["loc"][-1])


def sentences(error: ValidationError, root: Any, prefix: str = "", place: Callable[[str], str] = str) -> list[str]:
    """What a validation found, one sentence each.

    Args:
        error: what pydantic raised.
        root: the class that was validated.
        prefix: put before every path.
        place: turns a path into the one that a message names.
    """
    problems = [_located(item, root, prefix) for item in error.errors(include_url=False)]
    suggested = {_sibling(problem) for problem in problems if problem.kind in _UNKNOWN}
    found: list[str] = []
    for path, group in _grouped(problems).items():
        for problem in group:
            if problem.kind in _MISSING and problem.path in suggested:
                continue  # the misspelt key that stands in its place is named already
            found += _sentence(problem, place(path), [other for other in group if other.is_branch])
    return list(dict.fromkeys(found))


def _grouped(problems: Iterable[_Problem]) -> dict[str, list[_Problem]]:
    """By path, with the branches of one union as one."""
    groups: dict[str, list[_Problem]] = {}
    for problem in problems:
        group = groups.setdefault(problem.path, [])
        if not (problem.is_branch and any(other.is_branch for other in group)):
            group.append(problem)
        else:
            first = next(place for place, other in enumerate(group) if other.is_branch)
            merged = [*group[first].item.get("branches", [group[first].item]), problem.item]
            group[first] = dataclasses.replace(group[first], item={**group[first].item, "branches": merged})
    return groups


def _sibling(problem: _Problem) -> str:
    """The path of the key that an unknown one probably stands for."""
    hint = re.search("did you mean '(.*)'", did_you_mean(problem.name, _field_names(problem.owner)))
    return problem.path.removesuffix(problem.name) + (hint[1] if hint else "")


def _sentence(problem: _Problem, where: str, branches: list[_Problem]) -> list[str]:
    kind, context, came = problem.kind, problem.context, problem.item.get("input")
    if kind in _UNKNOWN:
        return [f"`{where}` is not known: {ended(did_you_mean(problem.name, _field_names(problem.owner)))}"]
    if kind in _MISSING:
        return [f"`{where}` is missing: it has no default, so give it."]
    if kind == "union_tag_not_found":
        return [f"`{where}` needs a `kind`: {ended(did_you_mean('', _kinds(problem.owner)))}"]
    if kind == "union_tag_invalid":
        tags = [tag.strip().strip("'") for tag in context["expected_tags"].split(",")]
        tag = str(context["tag"])
        return [f"`{where}.kind` is {shown(tag)}, which is not known: {ended(did_you_mean(tag, tags))}"]
    if kind == "value_error":
        return [placed(text, where, _field_names(problem.owner)) for text in separate(str(context["error"]))]
    items = branches[0].item.get("branches", [problem.item]) if branches else [problem.item]
    return [f"`{where}` must be {_one_of_these(items)}; got {shown(came)}{_advice(problem, items, where)}"]


def _one_of_these(items: list) -> str:
    expected = list(dict.fromkeys(_expected(item) for item in items))
    if "a number" in expected and "a whole number" in expected:
        expected.remove("a whole number")
    return " or ".join([", ".join(expected[:-1]), expected[-1]] if len(expected) > 1 else expected)


def _expected(item: Mapping[str, Any]) -> str:
    kind, context, message = item["type"], item.get("ctx", {}), item["msg"]
    if kind in _BOUNDS:
        bounds = [value for value in context.values() if isinstance(value, (int, float))]
        return f"{_BOUNDS[kind]} {bounds[0] if isinstance(bounds[0], int) else format(bounds[0], 'g')}"
    if kind == "literal_error":
        return f"one of {context['expected']}"
    return _EXPECTED.get(kind, message[0].lower() + message[1:])


def _advice(problem: _Problem, items: list, where: str) -> str:
    """What to do about it, where that is not plain from what was expected."""
    kinds, came = {item["type"] for item in items}, problem.item.get("input")
    for item in items:
        if item["type"] == "literal_error" and isinstance(came, str):
            hint = did_you_mean(came, re.findall("'([^']*)'", item["ctx"]["expected"]))
            if hint.startswith("did"):
                return f": {hint}"
    if kinds.intersection(_LISTS) and isinstance(came, Mapping):
        return f": write [[{where}]] with two brackets, once for each."
    if kinds.intersection(_LISTS) and isinstance(came, str) and _inside(problem.owner, 0) is str:
        return f": put it into brackets, {[came]}."
    if kinds.intersection(_TABLES) and isinstance(came, (list, tuple)) and all(isinstance(x, dict) for x in came):
        return f": write [{where}] with one pair of brackets."
    if kinds.intersection(_TABLES) and isinstance(came, str):
        return f": write [{where}] and its keys below."
    return "."


def placed(text: str, where: str, names: Iterable[str]) -> str:
    """A sentence about a description's own fields, with their paths in the file (or the arguments) around it.

    Fields between backticks, and one that begins the sentence, get the path; a sentence that names none begins with
    `where`.
    """
    names, before = set(names), f"{where}." if where else ""
    first = re.match(r"(`?)(\w+)((?:\.[^`:]+?)?)\1(?= must | names? | and |: | is | has | gives )", text)
    if first and (first[1] or first[2] in names):
        text = f"`{first[2]}{first[3]}`{text[first.end() :]}"
        names.add(first[2])
    quoted = re.sub(r"`(\w+)((?:\.[^`]*)?)`", lambda m: f"`{before}{m[1]}{m[2]}`" if m[1] in names else m[0], text)
    if (first and first[2] in names) or quoted != text or not where:
        return ended(quoted)
    return ended(f"`{where}` {_lower_first(text)}")


def separate(text: str) -> list[str]:
    """The sentences of a message, a line each; indented lines belong to the one before them."""
    return re.split(r"\n(?!\s)", text)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[:2] != text[:2].upper() else text


def ended(text: str) -> str:
    """With a full stop, unless the sentence has an end already."""
    return text if text.endswith((".", "?", "!")) or "\n" in text else f"{text}."


def shown(value: Any) -> str:
    """A value as it is quoted in a message: short, on one line."""
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value.tolist() if isinstance(value, np.ndarray) else value)
    return text if len(text) <= 60 else text[:57] + "..."


# --- from pydantic's location to a path ---------------------------------------------------------------


def _located(item: Any, root: Any, prefix: str) -> _Problem:
    """Follow the location through the types; steps that name a branch of a union are no part of the path."""
    location = [step for step in item["loc"] if not str(step).startswith("function-")]
    path, owner, is_branch = prefix, root, False
    for index, step in enumerate(location):
        is_last, owner = index + 1 == len(location), _plain_type(owner)
        if isinstance(step, int) and not path and (names := _positional(owner)):
            path, owner = names[step], _inside(owner, names[step])  # a positional argument
        elif isinstance(step, int):
            path, owner = f"{path}[{step}]", _inside(owner, step)
        elif (member := _member(owner, step)) is not None:
            owner = member
        elif _is_union(owner) and _inside(owner, step) is None:
            is_branch = True
        else:
            path = f"{path}.{step}" if path else str(step)
            owner = owner if is_last and item["type"] in (*_UNKNOWN, *_MISSING) else _inside(owner, step)
    return _Problem(path, owner, item, is_branch)


def _plain_type(annotation: Any) -> Any:
    """Without metadata and without None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if _is_union(annotation):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return _plain_type(members[0])
    return annotation


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _inside(owner: Any, step: Any) -> Any:
    """The type of a field, of an element or of a table's value; None where there is none."""
    owner = _plain_type(owner)
    for candidate in _classes_in(owner) if not isinstance(step, int) else []:
        if step in candidate.__pydantic_fields__:
            return candidate.__pydantic_fields__[step].annotation
    arguments = get_args(owner)
    if get_origin(owner) is tuple and arguments:
        return arguments[step] if isinstance(step, int) and Ellipsis not in arguments else arguments[0]
    if get_origin(owner) is dict:
        return arguments[1]
    return None


def _member(owner: Any, tag: str) -> Any:
    """The class that a discriminator's tag names, where `owner` is a union of tagged classes."""
    for candidate in _classes_in(owner) if _is_union(owner) else []:
        if getattr(candidate, "kind", None) == tag or candidate.__name__ == tag:
            return candidate
    return None


def _classes_in(annotation: Any) -> list[type]:
    annotation = _plain_type(annotation)
    if isinstance(annotation, type) and hasattr(annotation, "__pydantic_fields__"):
        return [annotation]
    if not _is_union(annotation):
        return []
    return [found for argument in get_args(annotation) for found in _classes_in(argument)]


def _field_names(owner: Any) -> list[str]:
    return list(dict.fromkeys(name for candidate in _classes_in(owner) for name in candidate.__pydantic_fields__))


def _positional(owner: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(owner) if not field.kw_only] if _classes_in(owner) else []


def _kinds(owner: Any) -> list[str]:
    return [str(getattr(candidate, "kind", candidate.__name__)) for candidate in _classes_in(owner)]
