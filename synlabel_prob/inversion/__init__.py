"""The program run backwards: from labels that may be wrong to the noise, and to the labels that are."""

from .files import FILES, inference_files
from .identified import Identifiability, identifiability
from .infer import infer
from .observed import Observed, Votes
from .picture import draw_transition, plot_transition
from .process import infer_process
from .reading import Source, encoded, from_frame, from_votes, with_rows
from .record import Inferred, Interval, Posterior
from .tables import to_plain, to_text
from .truth import Against, against_truth

__all__ = [
    "FILES",
    "Against",
    "Identifiability",
    "Inferred",
    "Interval",
    "Observed",
    "Posterior",
    "Source",
    "Votes",
    "against_truth",
    "draw_transition",
    "encoded",
    "from_frame",
    "from_votes",
    "identifiability",
    "infer",
    "infer_process",
    "inference_files",
    "plot_transition",
    "to_plain",
    "to_text",
    "with_rows",
]
