"""Ready experiments: what the paper measured, for any table, ground truth and priors."""

from .curves import MEASURES, curves, to_text
from .feature_hiding import default_steps, feature_hiding
from .files import hiding_files
from .picture import draw_curves

__all__ = ["MEASURES", "curves", "default_steps", "draw_curves", "feature_hiding", "hiding_files", "to_text"]
