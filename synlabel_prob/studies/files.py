"""The files of a study."""

from __future__ import annotations

import io

import pandas as pd

from .curves import to_parquet
from .picture import draw_curves

FILES = ("curves.parquet", "curves.png")


def hiding_files(study: pd.DataFrame, *, title: str = "") -> dict[str, bytes]:
    """Content by name: the frame, and the picture of its curves."""
    picture = io.BytesIO()
    # Matplotlib writes its version into the file unless it is told not to.
    draw_curves(study, title=title).savefig(picture, format="png", dpi=120, metadata={"Software": None})
    return dict(zip(FILES, (to_parquet(study), picture.getvalue()), strict=True))
