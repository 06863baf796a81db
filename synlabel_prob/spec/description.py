"""What a spec holds, and how its fields stand in a file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..descriptions import description, one_of
from ..process import Process
from ..soft_labels import DESCRIPTIONS as EVALUATORS
from ..soft_labels import Automatic, Evaluator
from ..sources import Data

if TYPE_CHECKING:
    AnyEvaluator = Evaluator
else:
    AnyEvaluator = one_of(Evaluator, EVALUATORS)

DEFAULT_EVALUATOR = Automatic().kind
"""The kind of `[soft_labels]` where the file gives none."""


@description
class Spec:
    """A process and its run: the table, the parts, the seed, and how soft labels are evaluated.

    In a file the fields of the process stand at the top level, beside the others.

    Attributes:
        data: where the table comes from.
        process: the ground truth, the hidden features, the prior, the noise on labels and on features, the annotation
            and the observation.
        title: what the process is called in summaries.
        seed: fixes every random number of a run.
        soft_labels: how soft labels are evaluated, and with how many draws.
    """

    data: Data
    process: Process
    title: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)] = 0
    soft_labels: AnyEvaluator = Automatic()


PROCESS_KEYS: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(Process))
"""The keys of a file that belong to the process."""

LISTS = ("noise", "feature_noise")
"""The keys whose values are parts with names, written as `[[key]]` each."""

KEYS = (
    *("title", "seed", "hidden", "hard_from", "data", "ground_truth", "prior", "noise", "feature_noise"),
    *("annotation", "observation", "soft_labels"),
)
"""The keys of a file, in the order in which they are written."""


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """A file's keys as the fields of a spec."""
    made = {key: value for key, value in flat.items() if key not in PROCESS_KEYS}
    made["process"] = {key: flat[key] for key in PROCESS_KEYS if key in flat}
    if isinstance(evaluator := made.get("soft_labels"), dict):
        made["soft_labels"] = {"kind": DEFAULT_EVALUATOR, **evaluator}
    return made


def flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a spec as a file's keys, in their order."""
    every = {**fields, **fields["process"]}
    return {key: every[key] for key in KEYS if key in every}
