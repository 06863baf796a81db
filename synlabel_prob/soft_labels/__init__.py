"""Soft labels: the posterior predictive of the label given the observed features.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .automatic import Automatic
from .estimates import SoftLabels
from .evaluate import evaluate
from .evaluators import DEFAULT_DRAWS, Evaluator, Exact, MonteCarlo, Sampler
from .integrand import LabelLaw
from .intervals import interval
from .replicated import Bisection, Preintegration, QuasiMonteCarlo
from .settled import without_settled
from .tiles import Rows

DESCRIPTIONS: tuple[type[Evaluator], ...] = (Automatic, Exact, Preintegration, Bisection, QuasiMonteCarlo, MonteCarlo)

__all__ = [
    "DEFAULT_DRAWS",
    "DESCRIPTIONS",
    "Automatic",
    "Bisection",
    "Evaluator",
    "Exact",
    "LabelLaw",
    "MonteCarlo",
    "Preintegration",
    "QuasiMonteCarlo",
    "Rows",
    "Sampler",
    "SoftLabels",
    "evaluate",
    "interval",
    "without_settled",
]
