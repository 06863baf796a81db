"""The files of an inversion."""

from __future__ import annotations

import io
import json
from typing import Any

from ..inspection import to_netcdf
from .picture import draw_transition
from .record import Inferred
from .tables import to_plain

FILES = ("posterior.nc", "rows.parquet", "transition.png", "summary.json")
"""What an inversion may hold; one that is there is replaced only if it holds nothing else."""


def inference_files(found: Inferred, about: dict[str, Any] | None = None) -> dict[str, bytes]:
    """Content by name: draws, rows, the picture of the transition, and the rest as JSON together with `about`.

    Raises:
        InputError: the noise is not identified, so that there is nothing to write.
    """
    picture = io.BytesIO()
    # Matplotlib writes its version into the file unless it is told not to.
    draw_transition(found).savefig(picture, format="png", dpi=150, metadata={"Software": None})
    assert found.posterior is not None
    rows = io.BytesIO()
    found.posterior.rows.to_parquet(rows)
    plain = {**to_plain(found), **(about or {})}
    contents = (
        to_netcdf(found.posterior.tree),
        rows.getvalue(),
        picture.getvalue(),
        (json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(),
    )
    return dict(zip(FILES, contents, strict=True))
