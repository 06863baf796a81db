"""The files of a study."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from .curves import to_parquet
from .noise_picture import draw_injection, draw_noise_beside
from .picture import draw_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILES = ("curves.parquet", "curves.png")


def hiding_files(study: pd.DataFrame, *, title: str = "") -> dict[str, bytes]:
    """Content by name: the frame, and the picture of its curves."""
    return _files(study, draw_curves(study, title=title))


def noise_beside_files(study: pd.DataFrame, *, title: str = "") -> dict[str, bytes]:
    """The same of soft labels beside noise."""
    return _files(study, draw_noise_beside(study, title=title))


def injection_files(study: pd.DataFrame, *, title: str = "") -> dict[str, bytes]:
    """The same of noise put in exactly and by sampling."""
    return _files(study, draw_injection(study, title=title))


def _files(study: pd.DataFrame, figure: Figure) -> dict[str, bytes]:
    picture = io.BytesIO()
    # Matplotlib writes its version into the file unless it is told not to.
    figure.savefig(picture, format="png", dpi=120, metadata={"Software": None})
    return dict(zip(FILES, (to_parquet(study), picture.getvalue()), strict=True))
