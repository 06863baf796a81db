"""Observations: what is recorded of a row's noisy hard label, a set of classes that holds it; missing is all of them.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import FittedObservation, Observation, log_of
from .candidates import Candidates, UniformCandidates
from .distractors import IndependentDistractors
from .fixed_candidates import FixedCandidates
from .likely_candidates import LikelyCandidates
from .missing import FittedMissing, Missing
from .posterior import given_observed, posterior, set_probability
from .report import ObservationReport, ambiguity, observation_report

DESCRIPTIONS: tuple[type[Observation], ...] = (
    Missing,
    Candidates,
    UniformCandidates,
    FixedCandidates,
    LikelyCandidates,
)

__all__ = [
    "DESCRIPTIONS",
    "Candidates",
    "FittedMissing",
    "FittedObservation",
    "FixedCandidates",
    "IndependentDistractors",
    "LikelyCandidates",
    "Missing",
    "Observation",
    "ObservationReport",
    "UniformCandidates",
    "ambiguity",
    "given_observed",
    "log_of",
    "observation_report",
    "posterior",
    "set_probability",
]
