"""The files of a comparison."""

from __future__ import annotations

import io
import json
from typing import Any

from .picture import draw
from .record import Comparison
from .tables import to_frame, to_parquet, to_plain

FILES = ("comparison.parquet", "rows.parquet", "comparison.png", "comparison.json")
"""What a comparison may hold; one that is there is replaced only if it holds nothing else."""


def comparison_files(comparison: Comparison, about: dict[str, Any] | None = None) -> dict[str, bytes]:
    """Content by name: scores, scores of rows, the picture, and all but the rows as JSON together with `about`."""
    picture = io.BytesIO()
    # Matplotlib writes its version into the file unless it is told not to.
    draw(comparison).savefig(picture, format="png", dpi=150, metadata={"Software": None})
    plain = {**to_plain(comparison), **(about or {})}
    contents = (
        to_parquet(comparison.scores),
        to_parquet(to_frame(comparison)),
        picture.getvalue(),
        (json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(),
    )
    return dict(zip(FILES, contents, strict=True))
