"""What every description has to do, whatever it describes."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from pydantic import TypeAdapter

from ..descriptions import to_plain
from ..errors import Problems


def expect(holds: Any, message: str) -> None:
    """Raise an `AssertionError` with the message unless it holds."""
    if not holds:
        raise AssertionError(message)


def check_description(description: Any, *, written: bool = True) -> None:
    """A description is plain data: equal by value, its `repr` can be pasted back, it can be written and read.

    Args:
        description: the part.
        written: False for a part that a spec file cannot hold, such as a Python function: only words are checked.
    """
    words = description.explain()
    expect(isinstance(words, str) and words.strip(), f"`explain` must return words; got {words!r}")
    expect(type(description).summary, f"{type(description).__name__} needs a one-line `summary`")
    expect(dataclasses.replace(description) == description, "a copy must be equal to the original")
    if not written:
        return
    pasted = eval(repr(description), {cls.__name__: cls for cls in _classes_in(description)})
    expect(pasted == description, f"the repr must evaluate to an equal description; got {description!r}")
    plain = to_plain(description)
    expect(next(iter(plain)) == "kind", f"the plain form must begin with `kind`; got {plain}")
    read = TypeAdapter(type(description)).validate_python(json.loads(json.dumps(plain)))
    expect(read == description, f"the plain form must read back as an equal description; got {read!r}")


def _classes_in(value: Any) -> set[type]:
    """The classes of a description and of all descriptions inside it."""
    if dataclasses.is_dataclass(value):
        inner = [getattr(value, field.name) for field in dataclasses.fields(value)]
        return {type(value)}.union(*map(_classes_in, inner))
    if isinstance(value, dict):
        return set().union(*map(_classes_in, value.values()))
    return set().union(*map(_classes_in, value)) if isinstance(value, (tuple, list)) else set()


def reported(report: Any, *arguments: Any) -> list[str]:
    """The sentences that a `report_problems` method adds."""
    problems = Problems()
    report(*arguments, problems)
    return problems.sentences


def expect_sentences(sentences: list[str], mentions: str) -> None:
    """There is at least one problem, one of them names what is wrong, and all end like a sentence."""
    expect(sentences, f"a problem with {mentions!r} must be reported; nothing was")
    expect(any(mentions in sentence for sentence in sentences), f"{mentions!r} must be named; got {sentences}")
    for sentence in sentences:
        expect(sentence.rstrip()[-1] in ".?" or "there is" in sentence, f"not a full sentence: {sentence!r}")
