"""Which prior to take: held-out scores of priors that share everything else, with when they do not decide."""

from .compare import compare
from .files import FILES, comparison_files
from .picture import draw
from .record import Comparison
from .tables import to_frame, to_parquet, to_plain, to_text

__all__ = [
    "FILES",
    "Comparison",
    "compare",
    "comparison_files",
    "draw",
    "to_frame",
    "to_parquet",
    "to_plain",
    "to_text",
]
