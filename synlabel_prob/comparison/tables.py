"""A comparison as frames, as what JSON can hold, and as text."""

from __future__ import annotations

import io
import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd

from .record import Comparison

_WIDTH = 100


def to_frame(comparison: Comparison) -> pd.DataFrame:
    """The scores of every row under every prior, a copy."""
    return comparison.rows.copy()


def to_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as a Parquet file; equal frames give equal bytes on one version of pyarrow."""
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


def to_plain(comparison: Comparison) -> dict[str, Any]:
    """Everything but the rows as what JSON can hold: an infinite number is the text "inf" or "-inf", NaN is null."""
    means, errors = _disagreement(comparison)
    pairs = [
        {"first": first, "second": second, "mean": _plain(means[place]), "mean_se": _plain(errors[place])}
        for place, (first, second) in enumerate(comparison.disagreement.columns)
    ]
    return {
        "title": comparison.title,
        "rows": comparison.num_rows,
        "learned_only": comparison.learned_only,
        "folds": comparison.folds,
        "hidden": list(comparison.hidden),
        "soft_labels": comparison.evaluator,
        "scores": _records(comparison.scores.reset_index()),
        "differences": _records(comparison.differences),
        "disagreement": pairs,
        "verdict": list(comparison.verdict),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


def _disagreement(comparison: Comparison) -> tuple[np.ndarray, np.ndarray]:
    values = comparison.disagreement.to_numpy()
    return values.mean(0), values.std(0, ddof=1) / np.sqrt(len(values))


# --- text -------------------------------------------------------------------------------------------

_FEATURES = {
    "elpd": "elpd",
    "elpd_loo": "elpd by LOO",
    "energy_score": "energy score",
    "pit_deviation": "PIT deviation",
}
_LABELS = {
    "label_log_score": "log score",
    "brier_score": "Brier score",
    "plurality_accuracy": "plurality",
    "mtvd": "MTVD",
    "entropy": "entropy",
    "theta_uncertainty": "from theta",
    "class_gap": "class gap",
    "truth_error": "to exact",
}


def to_text(comparison: Comparison) -> str:
    """Tables for the screen and the verdict; each number has its standard error in parentheses."""
    start = f"{comparison.num_rows:,} rows in {comparison.folds} folds; hidden: {', '.join(comparison.hidden)}"
    shown = [comparison.title] if comparison.title else []
    if comparison.learned_only:
        start += f"; {comparison.learned_only:,} more miss a value: learned from, not judged"
    shown += textwrap.wrap(start, _WIDTH)
    shown += ["", "as models of the hidden features (standard errors in parentheses)"]
    shown += _table(comparison.scores, _FEATURES)
    shown += ["", "as makers of soft labels, of rows that the prior did not see (entropies in nats)"]
    shown += _table(comparison.scores, _LABELS)
    shown += ["", *_disagreements(comparison), ""]
    for sentence in comparison.verdict:
        shown += textwrap.wrap(sentence, _WIDTH, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(shown)


def _table(scores: Any, headings: dict[str, str]) -> list[str]:
    """A line a prior; those that see the label are marked by a star."""
    columns = {name: heading for name, heading in headings.items() if name in scores}
    names = [f"{name} *" if scores["sees_label"][name] else str(name) for name in scores.index]
    cells = {name: [_cell(row, name) for _, row in scores.iterrows()] for name in columns}
    first = max(map(len, names)) + 2
    widths = {name: max(len(columns[name]), *map(len, cells[name])) + 2 for name in columns}
    lines = [" " * (first + 2) + "".join(f"{columns[name]:>{widths[name]}}" for name in columns)]
    for place, name in enumerate(names):
        row = "".join(f"{cells[column][place]:>{widths[column]}}" for column in columns)
        lines.append(f"  {name:<{first}}{row}")
    star = ["  * sees the label: not ranked"] if scores["sees_label"].any() else []
    return lines + star


def _cell(row: Any, name: str) -> str:
    value, error = row[name], row[f"{name}_se"]
    if pd.isna(value):
        return "-"
    if not math.isfinite(value):
        return str(value)
    digits = 1 if name.startswith("elpd") else 3
    return f"{value:.{digits}f} ({error:.{digits}f})"


def _disagreements(comparison: Comparison) -> list[str]:
    means, errors = _disagreement(comparison)
    lines = ["mean total variation between soft labels of the same row"]
    for place, (first, second) in enumerate(comparison.disagreement.columns):
        lines.append(f"  {first} and {second}: {means[place]:.3f} ({errors[place]:.3f})")
    return lines
