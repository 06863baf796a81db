"""What a user did that cannot work, said in one sentence: what was expected, what came, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something the user gave cannot be used; the message is one or more full sentences for them."""


class Problems:
    """Collects the problems of one input, so that all of them are reported at once."""

    def __init__(self) -> None:
        """Start with none."""
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Note one problem; the same sentence is kept once."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def raise_if_any(self) -> None:
        """Raise one `InputError` that lists every problem, a line each."""
        if self.sentences:
            raise InputError("\n".join(self.sentences))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The clause that ends a message about an unknown name: the nearest known one, or what there is."""
    names = [str(item) for item in known]
    nearest = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6) or _in_part(str(name), names)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"there is {shown}" if names else "there is none"


def _in_part(name: str, names: list[str]) -> list[str]:
    """The first name of which one word is near: `gaussian` is meant for `gaussian_regression`."""
    words = {word: full for full in reversed(names) for word in full.lower().split("_") if len(word) > 3}
    return [words[word] for word in difflib.get_close_matches(name.lower(), words, n=1, cutoff=0.75)]
