"""Functions that label: rules, a ball or ring, linear scores, learned classifiers, Python functions.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .ball import Ball
from .base import Boxes, GroundTruth, GroundTruthFunction, host_labels, host_probabilities, restored
from .decisions import Argmax, Threshold
from .learned import Learned
from .linear import Linear
from .python_function import PythonFunction
from .rules import Rules

DESCRIPTIONS: tuple[type[GroundTruth], ...] = (Rules, Ball, Linear, Learned, PythonFunction)

__all__ = [
    "DESCRIPTIONS",
    "Argmax",
    "Ball",
    "Boxes",
    "GroundTruth",
    "GroundTruthFunction",
    "Learned",
    "Linear",
    "PythonFunction",
    "Rules",
    "Threshold",
    "host_labels",
    "host_probabilities",
    "restored",
]
