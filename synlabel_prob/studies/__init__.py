"""Ready experiments: what the paper measured, for any table, ground truth and priors."""

from .curves import MEASURES, curves, to_text
from .feature_hiding import default_steps, feature_hiding
from .files import hiding_files, injection_files, noise_beside_files
from .injection import DEFAULT_INJECTED, DEFAULT_RATES, injection
from .noise_beside import DEFAULT_NOISE, noise_beside
from .noise_picture import draw_injection, draw_noise_beside, injection_text, noise_beside_text
from .picture import draw_curves

__all__ = [
    "DEFAULT_INJECTED",
    "DEFAULT_NOISE",
    "DEFAULT_RATES",
    "MEASURES",
    "curves",
    "default_steps",
    "draw_curves",
    "draw_injection",
    "draw_noise_beside",
    "feature_hiding",
    "hiding_files",
    "injection",
    "injection_files",
    "injection_text",
    "noise_beside",
    "noise_beside_files",
    "noise_beside_text",
    "to_text",
]
