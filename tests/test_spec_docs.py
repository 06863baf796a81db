"""docs/spec.md has every key of a spec file with what it takes and its default, as the schema has them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import tomli_w

from synlabel_prob.feature_laws import LAWS
from synlabel_prob.ground_truth.estimators import ESTIMATORS
from synlabel_prob.laws import families
from synlabel_prob.noise import DESTINATIONS, WEIGHTS
from synlabel_prob.sources import shipped_tables
from synlabel_prob.spec import check, from_toml, json_schema

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "spec.md").read_text(encoding="utf-8")
SCHEMA = json_schema()
SHARED = {
    "noise": dict.fromkeys(("name", "selection"), "Every node"),
    "feature_noise": dict.fromkeys(("name", "features"), "Every noise on features"),
    "soft_labels": dict.fromkeys(
        ("draws", "target_standard_error", "target_plurality", "largest_draws"), "Every evaluator"
    ),
}
"""By section, the keys that all of its kinds have, and where they stand."""
TITLES = {
    "Data": "`[data]`",
    "Annotation": "`[annotation]`",
    "Block": "`[[prior.blocks]]`",
    "Share": "`[[prior.parts]]`",
}
SECTIONS = ("ground_truth", "prior", "noise", "feature_noise", "annotation.annotators", "observation", "soft_labels")
SEVERAL = ("gaussian",)
"""Kinds of more than one section; their headings are told apart by it."""
NAMES = {"string": "text", "number": "number", "integer": "whole number", "boolean": "`true` or `false`"}


def takes(schema: dict) -> str:
    """The values of a key in words."""
    if "enum" in schema:
        return (
            " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"]) if len(schema["enum"]) < 9 else "a name"
        )
    if "oneOf" in schema or "$ref" in schema:
        return "law" if "law." in str(schema) else "table"
    if "anyOf" in schema:
        parts = [takes(part) for part in schema["anyOf"]]
        return " or ".join(part for part in dict.fromkeys(parts) if (part, "number" in parts) != ("whole number", True))
    if schema.get("type") == "array":
        return f"list of {takes(schema['items'])}" if "items" in schema else "pair of numbers"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"table of {takes(inner)}" if isinstance(inner, dict) else "table"
    if "const" in schema:
        return f'`"{schema["const"]}"`'
    return f"{NAMES[schema['type']]}{bounds(schema)}"


def bounds(schema: dict) -> str:
    """The range of a number in words."""
    if (schema.get("minimum"), schema.get("maximum")) == (0, 1):
        return " from 0 to 1"
    words = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
    said = [f"{word} {power(schema[key])}" for key, word in words.items() if key in schema]
    return f" {' and '.join(said)}" if said else ""


def power(number: float) -> str:
    """A bound; large powers of two as such."""
    exponent = int(number).bit_length() - 1
    return f"2^{exponent}" if number > 2**20 and number == 2**exponent else f"{number:g}"


def default(key: str, table: dict) -> str:
    """The default as it is written in TOML."""
    if key in table["required"]:
        return "required"
    if "default" not in table["properties"][key]:
        return "none"
    value = table["properties"][key]["default"]
    if isinstance(value, dict):
        tags = [name for name in ("kind", "dist") if name in value]
        shown = {name: value[name] for name in (tags if "kind" in tags else dict.fromkeys([*tags, *value]))}
        return (
            f"`{{ {', '.join(tomli_w.dumps({name: it}).strip() for name, it in shown.items())} }}`" if value else "none"
        )
    return f"`{tomli_w.dumps({'x': value}).strip().removeprefix('x = ')}`"


def expected() -> dict[str, dict[str, tuple[str, str]]]:
    """By heading: key -> (what it takes, default)."""
    tables = {"The whole file": SCHEMA}
    sections = {name: section for section in SECTIONS for name in parts(section)}
    shared = {}
    for name, table in SCHEMA["$defs"].items():
        if not name.startswith("law."):
            heading = TITLES.get(name) or titled(table["properties"]["kind"]["const"], sections.get(name, ""))
            tables[heading], shared[heading] = table, SHARED.get(sections.get(name, ""), {})
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for heading, table in tables.items():
        found[heading] = {}
        for key, schema in table["properties"].items():
            place = shared.get(heading, {}).get(key, heading)
            if key != "kind":
                found.setdefault(place, {})[key] = (takes(schema), default(key, table))
    return found


def titled(kind: str, section: str) -> str:
    """The heading of a kind, after its section where another section has one of that name."""
    return f"{section} `{kind}`" if kind in SEVERAL else f"`{kind}`"


def kinds(section: str) -> list[str]:
    return [SCHEMA["$defs"][name]["properties"]["kind"]["const"] for name in parts(section)]


def parts(section: str) -> list[str]:
    """The names of a section's tables in the schema."""
    if section == "annotation.annotators":
        schema = SCHEMA["$defs"]["Annotation"]["properties"]["annotators"]
    else:
        schema = SCHEMA["properties"][section]
    choices = schema.get("items", schema)["oneOf"]
    return [choice["$ref"].removeprefix("#/$defs/") for choice in choices]


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """The same from the tables of the document."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    above = ""
    for section in re.split(r"^(?=#+ )", DOCUMENT, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        level, _, title = heading.partition(":")[0].partition(" ")
        above = title.strip("`[]") if level == "##" else above
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| .+ \|$", text, re.MULTILINE)
        found[titled(title.strip("`"), above) if title.startswith("`") and level == "###" else title] = {
            key: (taken, value) for key, taken, value in rows
        }
    return found


@pytest.mark.parametrize("heading", expected())
def test_the_document_has_every_key_with_its_default(heading):
    assert documented().get(heading) == expected()[heading]


def test_the_document_has_no_key_that_is_gone():
    assert {heading for heading, rows in documented().items() if rows} == {k for k, rows in expected().items() if rows}


def test_laws_estimators_and_tables_are_all_named():
    for name, law in families().items():
        arguments = [key for key in SCHEMA["$defs"][f"law.{law.__name__}"]["properties"] if key != "dist"]
        assert re.search(rf"^\| `{name}` \| {', '.join(f'`{key}`' for key in arguments)} \|", DOCUMENT, re.MULTILINE)
    for name, parameters in ESTIMATORS.items():
        row = re.search(rf"^\| `{name}` \| (.*) \|$", DOCUMENT, re.MULTILINE)
        assert row and sorted(row[1].split(", ")) == sorted(f"`{key}`" for key in parameters), name
    for name, line in shipped_tables().items():
        assert f"| `{name}` | {line} |" in DOCUMENT


WHOLE = """
hidden = ["alcohol"]

[data]
table = "wine"

[ground_truth]
kind = "learned"
estimator = "GaussianNB"

[prior]
kind = "uniform"
"""


def examples() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("example", examples(), ids=lambda text: text.splitlines()[0])
def test_every_example_can_be_read(example):
    # An example shows some keys; the others come from a whole spec.
    from_toml(tomli_w.dumps({**tomllib.loads(WHOLE), **tomllib.loads(example)}))


def test_the_first_example_is_whole_and_sound():
    assert check(from_toml(examples()[0])).sentences == []


def test_every_kind_has_an_example():
    shown = {kind for text in examples() for kind in re.findall(r'kind = "(\w+)"', text)}
    every = {kind for section in SECTIONS for kind in kinds(section)}
    every |= {part.kind for part in (*WEIGHTS, *DESTINATIONS)}
    assert every | {law.kind for law in LAWS} <= shown
