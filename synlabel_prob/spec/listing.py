"""What there is to choose from, a line each."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ..annotators import DESCRIPTIONS as ANNOTATORS
from ..descriptions import Part
from ..errors import InputError, did_you_mean
from ..feature_laws import LAWS
from ..feature_noise import DESCRIPTIONS as FEATURE_NOISES
from ..feature_noise import FeatureNoise
from ..ground_truth import DESCRIPTIONS as GROUND_TRUTHS
from ..ground_truth import PythonFunction
from ..noise import DESCRIPTIONS as NOISES
from ..noise import DESTINATIONS, WEIGHTS, Noise
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
        "noise.more_often": _summaries(WEIGHTS),
        "noise.towards": _summaries(DESTINATIONS),
        "feature_noise": _summaries(FEATURE_NOISES),
        "annotation.annotators": _summaries(ANNOTATORS),
        "observation": _summaries(OBSERVATIONS),
        "soft_labels": _summaries(EVALUATORS),
        "data.table": shipped_tables(),
        "data.law": _summaries(LAWS),
        "ready models": {name: _title(path) for name, path in ready_models().items()},
    }


def describe_section(name: str) -> dict[str, dict[str, tuple[str, str]]]:
    """A section, and those inside it: each kind with its summary, and with its source and how exact it is.

    Raises:
        InputError: there is no such section.
    """
    every = describe_parts()
    chosen = {section: parts for section, parts in every.items() if f"{section}.".startswith(f"{name}.")}
    if not chosen:
        raise InputError(f"There is no section {name!r} to list: {did_you_mean(name, every)}")
    return {
        section: {kind: (summary, _source(section, kind)) for kind, summary in parts.items()}
        for section, parts in chosen.items()
    }


_PARTS: dict[str, tuple[type[Part], ...]] = {
    "noise": NOISES,
    "noise.more_often": WEIGHTS,
    "noise.towards": DESTINATIONS,
    "feature_noise": FEATURE_NOISES,
    "annotation.annotators": ANNOTATORS,
    "observation": OBSERVATIONS,
    "prior": PRIORS,
}


def _source(section: str, kind: str) -> str:
    """A part's paper and exactness in words; empty for what has neither."""
    part = next((it for it in _PARTS.get(section, ()) if it.kind == kind), None)
    if part is None:
        return ""
    exact = "exact"
    if issubclass(part, FeatureNoise):
        return "recorded features drawn; labels kept" if part.is_random else "exact; labels kept"
    if issubclass(part, Noise) and part.is_random_map is True:
        exact = "soft labels drawn; hard labels exact given their mean"
    return "; ".join(
        filter(None, (part.paper, exact if section.startswith(("noise", "annotation", "observation")) else ""))
    )


def _summaries(parts: tuple[type[Part], ...]) -> dict[str, str]:
    return {part.kind: part.summary for part in parts}


def _title(path: Path) -> str:
    return str(tomllib.loads(path.read_text(encoding="utf-8")).get("title", ""))
