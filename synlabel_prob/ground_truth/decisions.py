"""From class probabilities to one label."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from ..errors import Problems, did_you_mean


@description
class Argmax:
    """The most probable class; ties go to the class that is declared first."""

    kind: Literal["argmax"] = "argmax"

    def decide(self, probabilities: Any, classes: tuple) -> Any:
        """Class codes from probabilities (..., classes)."""
        return probabilities.argmax(-1)

    def report_problems(self, classes: tuple, problems: Problems) -> None:
        """None are possible."""

    def explain(self) -> str:
        """In words."""
        return "ties to the class declared first"


@description
class Threshold:
    """One class when its probability is above a threshold, else the most probable of the others."""

    label: str | int
    above: Annotated[float, Field(ge=0, lt=1)]
    kind: Literal["threshold"] = "threshold"

    def decide(self, probabilities: Any, classes: tuple) -> Any:
        """Class codes from probabilities (..., classes)."""
        code = classes.index(self.label)
        chosen = probabilities[..., code] > self.above
        others = (probabilities * (np.arange(len(classes)) != code)).argmax(-1)
        others = others + (others == code)  # all other probabilities are zero and `code` came first
        return chosen * code + (~chosen) * others

    def report_problems(self, classes: tuple, problems: Problems) -> None:
        """An unknown class."""
        if self.label not in classes:
            problems.add(f"`ground_truth.decision.label` is {self.label!r}: {did_you_mean(str(self.label), classes)}")

    def explain(self) -> str:
        """In words."""
        return f"{self.label} when its probability is above {self.above:g}"


Decision = Annotated[Argmax | Threshold, Field(discriminator="kind")]
