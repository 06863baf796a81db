"""The JSON schema of a spec file, for editors that complete and check TOML."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from pydantic import TypeAdapter

from ..feature_noise import FeatureNoise
from ..laws import families
from ..noise import Noise
from ..soft_labels import Evaluator
from .description import DEFAULT_EVALUATOR, KEYS, Spec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of the TOML form: every key with its default and, where there is one, a description.

    What it accepts may still be wrong for a table, or together with other keys; `check` has the last word.
    """
    spec = _with_short_names(TypeAdapter(Spec).json_schema())
    parts = spec.pop("$defs")
    tables = {name: _table(part) for name, part in parts.items()}
    process, top = tables.pop("Process"), _table(spec)
    keys = {**top["properties"], **process["properties"]}
    required = {*top["required"], *process["required"]}
    return {
        "$schema": _DIALECT,
        "title": "A spec of synlabel_prob",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: keys[key] for key in KEYS},
        "required": [key for key in KEYS if key in required],
        "$defs": {**tables, **_laws()},
    }


def _with_short_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Classes of one name by their package and name, which pydantic tells apart by whole modules."""
    return json.loads(re.sub(r"synlabel_prob__(\w+?)__\w+?__(\w+)", r"\1.\2", json.dumps(schema)))


def _laws() -> dict[str, Any]:
    """The tables of the laws of unknown parameters, under names of their own."""
    return {f"law.{name}": _table(TypeAdapter(law).json_schema()) for name, law in families().items()}


def _table(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of one table: `kind` first and required, each key with what its class says about it."""
    words, properties = schema.get("description", ""), schema["properties"]
    tags = [name for name in ("kind", "dist") if name in properties]
    made: dict[str, Any] = {}
    for name in dict.fromkeys([*tags, *properties]):
        made[name] = _in_toml(properties[name])
        if (about := _about(name, words)) and name not in tags:
            made[name]["description"] = about
        if name not in schema.get("required", ()) and "default" not in properties[name]:
            made[name]["default"] = {}  # made by a factory, which a schema leaves out
    required = [*(tag for tag in tags if made[tag]["const"] != DEFAULT_EVALUATOR), *schema.get("required", ())]
    for tag in required:
        made[tag].pop("default", None)
    table = {"type": "object", "additionalProperties": False, "properties": made, "required": required}
    return {"description": words.partition("\n\nAttributes:")[0].strip(), **table} if words else table


def _about(name: str, words: str) -> str:
    """What a docstring says about a field: its line among the attributes, or the sentences that name it."""
    listed = {found[1]: found[2] for found in _ATTRIBUTE.finditer(words)}
    if name in listed:
        return _one_line(listed[name])
    for text in (words, Noise.__doc__ or "", FeatureNoise.__doc__ or "", Evaluator.__doc__ or ""):
        sentences = re.split(r"(?<=[.:;]) +(?=`)|(?<=\.) +|\n\n", _one_line(text.replace("\n\n", ". ")))
        found = [sentence.strip(" .;") for sentence in sentences if re.search(rf"`{name}\b", sentence)]
        if found:
            return ". ".join(found) + "."
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _in_toml(schema: Any) -> Any:
    """Without None, which TOML has not, and without what only OpenAPI reads; laws in the place of any table."""
    if isinstance(schema, list):
        return [_in_toml(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("required") == ["dist"]:
        fitting = [name for name in families() if _fits(name, schema["minimum"], schema["maximum"])]
        return {"oneOf": [{"$ref": f"#/$defs/law.{name}"} for name in fitting]}
    made = {key: _in_toml(value) for key, value in schema.items() if key not in ("title", "discriminator")}
    if isinstance(made.get("default"), dict):
        made["default"] = {key: value for key, value in made["default"].items() if value is not None}
    if made.get("default", "") is None:
        del made["default"]
    choices = [choice for choice in made.pop("anyOf", ()) if choice != {"type": "null"}]
    return {**choices[0], **made} if len(choices) == 1 else {**({"anyOf": choices} if choices else {}), **made}


def _fits(name: str, low: float, high: float) -> bool:
    """Whether a law can stay within the interval: it is bounded, or by its arguments."""
    law = families()[name]
    own = {field.name for field in dataclasses.fields(law)}  # type: ignore[arg-type]
    return {"low", "high"} <= own or (law.low >= low and law.high <= high)
