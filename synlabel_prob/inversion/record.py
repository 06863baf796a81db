"""What running a program backwards came to."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..inference import Diagnostics
from .identified import Identifiability
from .observed import Observed

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

INTERVAL = 0.9
"""The probability of every interval; they have equal tails."""


class Interval(NamedTuple):
    """Mean and 90% interval under the posterior."""

    mean: float
    lower: float
    upper: float


@dataclasses.dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior of the noise and of the true labels.

    Attributes:
        tree: draws with named dimensions, the form that ArviZ reads.
        transition: a row for each pair of `true_class` and `observed_class` (and each `annotator` whose matrix can be
            told): `mean`, `sd`, `lower`, `upper` of the entry; lower and upper bound 90%.
        rows: a row for each row: its id, `observed_label` (of several the plurality), `probability[class]` of being the
            true one, `wrong_probability` and `rank`, 1 being the likeliest to be wrong.
        noise_rate: the probability that a label changes, expected over rows and classes.
        wrong_share: the share of the observed labels that is wrong.
        accuracy: a row for each annotator: `votes`, `mean`, `lower` and `upper` of the probability of naming the true
            class, and `told`, whether the matrix can be told; None without votes.
        parameters: a row for each noise parameter of a process that was run backwards; None for other models.
        diagnostics: of the Markov chains.
        sentences: what was found.
        warnings: why the draws should not be trusted; none where nothing was found.
    """

    tree: xr.DataTree
    transition: pd.DataFrame
    rows: pd.DataFrame
    noise_rate: Interval
    wrong_share: Interval
    diagnostics: Diagnostics
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    accuracy: pd.DataFrame | None = None
    parameters: pd.DataFrame | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Inferred:
    """What was observed, whether it tells the noise, and the posterior; None where it does not."""

    observed: Observed
    identifiability: Identifiability
    posterior: Posterior | None


def interval(draws: np.ndarray) -> Interval:
    """Of draws (draws,)."""
    tail = (1 - INTERVAL) / 2
    return Interval(float(np.mean(draws)), *(float(value) for value in np.quantile(draws, [tail, 1 - tail])))
