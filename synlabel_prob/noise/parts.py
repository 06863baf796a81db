"""What weights and destinations share: what they read of a row, and parameters that may be laws."""

from __future__ import annotations

from typing import Any, ClassVar


class FittedPart:
    """A part of a node, which has no name of its own: its parameter sites start with a prefix that the node gives."""

    reads_probabilities: ClassVar[bool] = False
    """Whether `context` is given class probabilities in the place of features."""

    @property
    def runs_in_jax(self) -> bool:
        """False where `context` calls a function that runs on the host."""
        return True

    def sample_parameters(self, prefix: str) -> Any:
        """A NumPyro fragment: numbers stay numbers, laws become sample sites whose names start with `prefix`."""
        return None

    def context(self, source: Any) -> Any:
        """What the part needs of a row, whatever its parameters; functions on the host are called here.

        `source` is all features (..., features), class probabilities (..., classes), or None for what needs neither.
        Arrays have the leading axes of `source`.
        """
        return None

    def once_drawn(self) -> Any:
        """The part without what only `sample_parameters` reads: programs compiled for it serve every such value."""
        return self
