"""Noise on labels: linear channels, each exact on soft labels, by sampling on hard ones, and as a log-probability.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import ON_SOFT_LABELS, FittedNoise, Noise, Setting, SoftLabelMap, soft_label_source
from .channels import change_probability, coupling, push_forward, reverse, systematic_selection
from .class_conditional import ClassConditional
from .expert import Expert
from .margin import Margin
from .matrix import Matrix
from .miscalibration import Overextremity, Overprediction, Underextremity, Underprediction
from .next_class import NextClass
from .random_matrix import RandomMatrix
from .random_outcome import RandomOutcome
from .symmetric import Symmetric
from .temperature import Temperature

DESCRIPTIONS: tuple[type[Noise], ...] = (
    Symmetric,
    ClassConditional,
    NextClass,
    Matrix,
    RandomMatrix,
    RandomOutcome,
    Margin,
    Expert,
    Overprediction,
    Underprediction,
    Overextremity,
    Underextremity,
    Temperature,
)

__all__ = [
    "DESCRIPTIONS",
    "ON_SOFT_LABELS",
    "ClassConditional",
    "Expert",
    "FittedNoise",
    "Margin",
    "Matrix",
    "NextClass",
    "Noise",
    "Overextremity",
    "Overprediction",
    "RandomMatrix",
    "RandomOutcome",
    "Setting",
    "SoftLabelMap",
    "Symmetric",
    "Temperature",
    "Underextremity",
    "Underprediction",
    "change_probability",
    "coupling",
    "push_forward",
    "reverse",
    "soft_label_source",
    "systematic_selection",
]
