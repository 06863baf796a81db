"""Data with known soft labels and known label noise, from real tables, as probabilistic programs.

Names load what they need when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        annotators,
        arrows,
        comparison,
        feature_laws,
        feature_noise,
        ground_truth,
        inspection,
        inversion,
        laws,
        metrics,
        noise,
        observations,
        priors,
        soft_labels,
        testing,
    )
    from .datasets import (
        GroundTruthDataset,
        ObservedHardDataset,
        ObservedSoftDataset,
        PartialGroundTruthDataset,
        to_frame,
    )
    from .errors import InputError
    from .process import FittedProcess, Generated, Process, fit, fixed_draws, generate
    from .sources import Data, read_table
    from .spec import Spec, from_toml, read_spec, to_toml
    from .table import Table

_HOMES = {
    "GroundTruthDataset": "datasets",
    "ObservedHardDataset": "datasets",
    "ObservedSoftDataset": "datasets",
    "PartialGroundTruthDataset": "datasets",
    "to_frame": "datasets",
    "InputError": "errors",
    "FittedProcess": "process",
    "Generated": "process",
    "Process": "process",
    "fit": "process",
    "fixed_draws": "process",
    "generate": "process",
    "Data": "sources",
    "read_table": "sources",
    "Spec": "spec",
    "from_toml": "spec",
    "read_spec": "spec",
    "to_toml": "spec",
    "Table": "table",
}

__all__ = [
    "Data",
    "FittedProcess",
    "Generated",
    "GroundTruthDataset",
    "InputError",
    "ObservedHardDataset",
    "ObservedSoftDataset",
    "PartialGroundTruthDataset",
    "Process",
    "Spec",
    "Table",
    "annotators",
    "arrows",
    "comparison",
    "feature_laws",
    "feature_noise",
    "fit",
    "fixed_draws",
    "from_toml",
    "generate",
    "ground_truth",
    "inspection",
    "inversion",
    "laws",
    "metrics",
    "noise",
    "observations",
    "priors",
    "read_spec",
    "read_table",
    "soft_labels",
    "testing",
    "to_frame",
    "to_toml",
]


def __getattr__(name: str) -> Any:
    """The module or name, loaded at first use."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Everything that can be asked for."""
    return sorted(__all__)
