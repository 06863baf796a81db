"""What a read-out function takes over from how its estimator was learned."""

from __future__ import annotations

from typing import NamedTuple

from ..decisions import Decision
from ..outcome import Link, Outcome, Rule


class Seen(NamedTuple):
    """The classes that the estimator has seen (codes into the declared `classes`), and how labels are decided."""

    codes: tuple[int, ...]
    decision: Decision
    classes: tuple
    num_features: int

    def outcome(self, link: Link, rule: Rule, cut: float = 0.0, scale: float = 1.0) -> Outcome:
        """How its scores become labels."""
        return Outcome(link, rule, self.codes, self.decision, self.classes, cut, scale)
