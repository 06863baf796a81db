"""Functions that label: rules, balls, linear scores, random networks and trees, learned ones, saved models, your own.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .ball import Ball
from .base import (
    Boxes,
    GroundTruth,
    GroundTruthFunction,
    LabelsAtDraws,
    host_labels,
    host_probabilities,
    located,
    restored,
)
from .boosted_trees import BoostedTrees
from .complexity import Complexity, complexity
from .decisions import Argmax, Threshold
from .learned import Learned
from .linear import Linear
from .python_function import PythonFunction
from .random_network import RandomNetwork
from .random_tree import RandomTree
from .rules import Rules

DESCRIPTIONS: tuple[type[GroundTruth], ...] = (
    Rules,
    Ball,
    Linear,
    RandomNetwork,
    RandomTree,
    Learned,
    BoostedTrees,
    PythonFunction,
)

__all__ = [
    "DESCRIPTIONS",
    "Argmax",
    "Ball",
    "BoostedTrees",
    "Boxes",
    "Complexity",
    "GroundTruth",
    "GroundTruthFunction",
    "LabelsAtDraws",
    "Learned",
    "Linear",
    "PythonFunction",
    "RandomNetwork",
    "RandomTree",
    "Rules",
    "Threshold",
    "complexity",
    "host_labels",
    "host_probabilities",
    "located",
    "restored",
]
