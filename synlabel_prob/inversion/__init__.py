"""The program run backwards: from labels that may be wrong to the noise, and to the labels that are."""

from .files import FILES, inference_files
from .identified import Identifiability, identifiability
from .infer import infer
from .observed import Observed, Votes
from .picture import draw_transition, plot_transition
from .record import Inferred, Interval, Posterior
from .tables import to_plain, to_text

__all__ = [
    "FILES",
    "Identifiability",
    "Inferred",
    "Interval",
    "Observed",
    "Posterior",
    "Votes",
    "draw_transition",
    "identifiability",
    "infer",
    "inference_files",
    "plot_transition",
    "to_plain",
    "to_text",
]
