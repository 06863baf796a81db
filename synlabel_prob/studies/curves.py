"""Repeats averaged into curves, with their errors; and as text."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError


class Measure(NamedTuple):
    """A column of a study, the score of `comparison.labels` that it is the mean of, and what pictures call it."""

    column: str
    score: str
    title: str
    axis: str


MEASURES = (
    Measure("mean_entropy", "entropy", "what soft labels leave open", "mean entropy, nats"),
    Measure("plurality_accuracy", "plurality_accuracy", "how often the most likely class is true", "accuracy"),
    Measure("mtvd", "mtvd", "distance to the ground truth", "mean total variation"),
    Measure("label_log_score", "label_log_score", "log score of the true label", "mean log probability"),
)
_KEYS = ["prior", "hidden"]


def curves(study: pd.DataFrame) -> pd.DataFrame:
    """The means over repeats, a row for each prior and number of hidden features, with two standard errors each.

    `name_rows_se` is over rows: how far the curve may be from that of all rows like these. Priors share the rows, so
    that most of it cancels between them. `name_draws_se` is the Monte Carlo error, from the spread of the repeats, and
    holds that of fits that sample; it is NaN where there is one repeat.

    Raises:
        InputError: the frame is none of a study.
    """
    require_columns(study, [*_KEYS, "repeat", *(measure.column for measure in MEASURES)])
    groups: Any = study.groupby(_KEYS, sort=False)
    made = {"repeats": groups.size()}
    for measure in MEASURES:
        own = groups[measure.column]
        made[measure.column] = own.mean()
        made[f"{measure.column}_rows_se"] = groups[f"{measure.column}_se"].mean()
        made[f"{measure.column}_draws_se"] = own.std(ddof=1) / np.sqrt(own.size())
    return pd.DataFrame(made).reset_index()


def require_columns(frame: pd.DataFrame, columns: list[str], name: str = "study") -> None:
    """Raise an `InputError` that names what a frame lacks."""
    missing = [column for column in columns if column not in frame]
    if missing or not len(frame):
        raise InputError(
            f"`{name}` must be a frame with rows and the columns {', '.join(columns)}; it has {len(frame)} rows and "
            f"lacks {', '.join(missing) or 'none'}: take one from `feature_hiding`."
        )


def repeats_in_words(made: pd.DataFrame) -> str:
    """How many repeats the curves are means of, for each prior: `4 repeats`, or `2 to 4 repeats` where they differ."""
    numbers: Any = made["repeats"]
    least, most = int(numbers.min()), int(numbers.max())
    few = "" if least == most else f"{least} to "
    return f"{few}{most} {'repeat' if most == 1 else 'repeats'}"


def to_text(study: pd.DataFrame, *, title: str = "") -> str:
    """A table for each measure but the distance: a line a prior, a column a number of hidden features."""
    made = curves(study)
    lines = [title] if title else []
    lines += [f"{repeats_in_words(made)}; columns are numbers of hidden features"]
    for measure in MEASURES:
        lines += ["", f"{measure.title}: {measure.axis}"]
        table: Any = made.pivot(index="prior", columns="hidden", values=measure.column)
        table = table.loc[list(dict.fromkeys(made["prior"]))]
        lines += table.to_string(float_format="{:.3f}".format, index_names=False).splitlines()
    return "\n".join(lines)


def to_parquet(study: pd.DataFrame) -> bytes:
    """The frame as a Parquet file; equal frames give equal bytes on one version of pyarrow."""
    content = io.BytesIO()
    study.to_parquet(content, index=False)
    return content.getvalue()
