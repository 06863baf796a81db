"""Noise on labels: linear channels, each exact on soft labels, by sampling on hard ones, and as a log-probability.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .base import FittedNoise, Noise, Setting
from .channels import change_probability, push_forward, reverse, systematic_selection
from .class_conditional import ClassConditional
from .expert import Expert
from .margin import Margin
from .matrix import Matrix
from .next_class import NextClass
from .random_matrix import RandomMatrix
from .random_outcome import RandomOutcome
from .symmetric import Symmetric

DESCRIPTIONS: tuple[type[Noise], ...] = (
    Symmetric,
    ClassConditional,
    NextClass,
    Matrix,
    RandomMatrix,
    RandomOutcome,
    Margin,
    Expert,
)

__all__ = [
    "DESCRIPTIONS",
    "ClassConditional",
    "Expert",
    "FittedNoise",
    "Margin",
    "Matrix",
    "NextClass",
    "Noise",
    "RandomMatrix",
    "RandomOutcome",
    "Setting",
    "Symmetric",
    "change_probability",
    "push_forward",
    "reverse",
    "systematic_selection",
]
