"""Soft labels: the posterior predictive of the label given the observed features.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .estimates import SoftLabels, interval
from .evaluate import Rows, evaluate
from .evaluators import Evaluator, MonteCarlo, QuasiMonteCarlo
from .integrand import LabelLaw

DESCRIPTIONS: tuple[type[Evaluator], ...] = (QuasiMonteCarlo, MonteCarlo)

__all__ = [
    "DESCRIPTIONS",
    "Evaluator",
    "LabelLaw",
    "MonteCarlo",
    "QuasiMonteCarlo",
    "Rows",
    "SoftLabels",
    "evaluate",
    "interval",
]
