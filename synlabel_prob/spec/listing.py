"""What there is to choose from, a line each."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ..annotators import DESCRIPTIONS as ANNOTATORS
from ..descriptions import Part
from ..feature_laws import LAWS
from ..ground_truth import DESCRIPTIONS as GROUND_TRUTHS
from ..ground_truth import PythonFunction
from ..noise import DESCRIPTIONS as NOISES
from ..observations import DESCRIPTIONS as OBSERVATIONS
from ..priors import DESCRIPTIONS as PRIORS
from ..soft_labels import DESCRIPTIONS as EVALUATORS
from ..sources import shipped_tables
from .places import ready_models


def describe_parts() -> dict[str, dict[str, str]]:
    """By section of a spec file: each kind with its summary; then the shipped tables, the laws and the ready models."""
    return {
        "ground_truth": _summaries(tuple(part for part in GROUND_TRUTHS if part is not PythonFunction)),
        "prior": _summaries(PRIORS),
        "noise": _summaries(NOISES),
        "annotation.annotators": _summaries(ANNOTATORS),
        "observation": _summaries(OBSERVATIONS),
        "soft_labels": _summaries(EVALUATORS),
        "data.table": shipped_tables(),
        "data.law": _summaries(LAWS),
        "ready models": {name: _title(path) for name, path in ready_models().items()},
    }


def _summaries(parts: tuple[type[Part], ...]) -> dict[str, str]:
    return {part.kind: part.summary for part in parts}


def _title(path: Path) -> str:
    return str(tomllib.loads(path.read_text(encoding="utf-8")).get("title", ""))
