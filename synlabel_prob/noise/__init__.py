"""Noise on labels: linear channels, each exact on soft labels, by sampling on hard ones, and as a log-probability.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from . import recipes
from .base import (
    ON_SOFT_LABELS,
    FittedNoise,
    Noise,
    Setting,
    SoftLabelKernel,
    SoftLabelMap,
    row_context,
    soft_label_source,
)
from .calibrating import Calibrated, calibrate, transition_at
from .channels import change_probability, coupling, known, push_forward, reverse, systematic_selection
from .class_conditional import ClassConditional
from .destinations import DESCRIPTIONS as DESTINATIONS
from .destinations import (
    Destination,
    FittedDestination,
    FixedDestination,
    ToClasses,
    ToConfused,
    ToDefault,
    ToEnemy,
    ToFar,
    ToFrequent,
    ToGroup,
    ToLikely,
    ToNear,
    ToNext,
    ToOthers,
    ToParts,
    ToScores,
    ToSecond,
    ToSides,
    ToSimilar,
)
from .expert import Expert
from .flips import Flips
from .log_odds import ClassBias, LogOdds, PriorShift
from .matrix import Matrix
from .miscalibration import Overextremity, Overprediction, Underextremity, Underprediction
from .normal_perturbations import GaussianPerturbation, LogisticNormal
from .perturbations import DirichletPerturbation, Panel
from .random_matrix import RandomMatrix
from .random_outcome import RandomOutcome
from .rating_scale import RatingScale
from .symmetric import Symmetric
from .temperature import Temperature
from .varying import Varying
from .weights import DESCRIPTIONS as WEIGHTS
from .weights import (
    ByBoundary,
    ByClass,
    ByDensity,
    ByEntropy,
    ByMargin,
    ByNeighbours,
    ByPolynomialMargin,
    ByRarity,
    ByRegion,
    ByScore,
    FittedWeight,
    Weight,
)

DESCRIPTIONS: tuple[type[Noise], ...] = (
    Symmetric,
    ClassConditional,
    Flips,
    Matrix,
    RandomMatrix,
    RandomOutcome,
    Expert,
    Overprediction,
    Underprediction,
    Overextremity,
    Underextremity,
    Temperature,
    LogOdds,
    ClassBias,
    PriorShift,
    RatingScale,
    DirichletPerturbation,
    Panel,
    LogisticNormal,
    GaussianPerturbation,
    Varying,
)

__all__ = [
    "DESCRIPTIONS",
    "DESTINATIONS",
    "ON_SOFT_LABELS",
    "WEIGHTS",
    "ByBoundary",
    "ByClass",
    "ByDensity",
    "ByEntropy",
    "ByMargin",
    "ByNeighbours",
    "ByPolynomialMargin",
    "ByRarity",
    "ByRegion",
    "ByScore",
    "Calibrated",
    "ClassBias",
    "ClassConditional",
    "Destination",
    "DirichletPerturbation",
    "Expert",
    "FittedDestination",
    "FittedNoise",
    "FittedWeight",
    "FixedDestination",
    "Flips",
    "GaussianPerturbation",
    "LogOdds",
    "LogisticNormal",
    "Matrix",
    "Noise",
    "Overextremity",
    "Overprediction",
    "Panel",
    "PriorShift",
    "RandomMatrix",
    "RandomOutcome",
    "RatingScale",
    "Setting",
    "SoftLabelKernel",
    "SoftLabelMap",
    "Symmetric",
    "Temperature",
    "ToClasses",
    "ToConfused",
    "ToDefault",
    "ToEnemy",
    "ToFar",
    "ToFrequent",
    "ToGroup",
    "ToLikely",
    "ToNear",
    "ToNext",
    "ToOthers",
    "ToParts",
    "ToScores",
    "ToSecond",
    "ToSides",
    "ToSimilar",
    "Underextremity",
    "Underprediction",
    "Varying",
    "Weight",
    "calibrate",
    "change_probability",
    "coupling",
    "known",
    "push_forward",
    "recipes",
    "reverse",
    "row_context",
    "soft_label_source",
    "systematic_selection",
    "transition_at",
]
