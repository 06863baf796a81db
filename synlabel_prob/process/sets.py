"""The observed sets of a run, and what was likely to be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..annotators import Sources
from .fitted import FittedProcess


def recorded_sets(
    fitted: FittedProcess, sources: Sources, own: tuple[Any, Any], trace: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields of a run that are about sets; `own` are the observation's parameters and its context.

    Raises:
        InputError: the observation cannot reach its target rate on these soft labels.
    """
    observation = fitted.observation
    assert observation is not None
    observation.check_reach(sources)
    sets = np.asarray(trace["observed_set"]["value"]).astype(bool)
    return {
        "observed_sets": sets,
        "set_chances": np.asarray(observation.chances(*own, sets)),
        "set_inclusion": np.asarray(observation.inclusion(*own)),
    }
