"""Noise on the features of a table: cells replaced, exchanged, flipped or lost; numbers with errors or rounded.

Labels stay with their rows, at the true features (`Process.feature_noise`, `arrows.inject_feature_noise`). For the
soft label at noisy features where the true value is the recorded one plus noise, hide the features under the prior
`priors.Berkson`.
"""

from .base import FeatureNoise, acted_on, noisy_table, report_names
from .cells import LevelFlips, MissingValues, Replaced, Swapped
from .numbers import Gaussian, Rounded
from .report import FeatureReport, feature_report

DESCRIPTIONS: tuple[type[FeatureNoise], ...] = (Replaced, Swapped, LevelFlips, MissingValues, Gaussian, Rounded)

__all__ = [
    "DESCRIPTIONS",
    "FeatureNoise",
    "FeatureReport",
    "Gaussian",
    "LevelFlips",
    "MissingValues",
    "Replaced",
    "Rounded",
    "Swapped",
    "acted_on",
    "feature_report",
    "noisy_table",
    "report_names",
]
