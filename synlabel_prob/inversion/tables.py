"""An inversion as text and as what JSON can hold."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd

from .record import Inferred, Posterior

_WIDTH = 100
_ROWS = 10
_MOST_CLASSES = 8
_MOST_ANNOTATORS = 20


def to_plain(found: Inferred) -> dict[str, Any]:
    """Everything but draws and rows as what JSON can hold; NaN is null."""
    told, observed, posterior = found.identifiability, found.observed, found.posterior
    plain: dict[str, Any] = {
        "rows": observed.num_rows,
        "classes": list(observed.classes),
        "identifiability": {"level": told.level, "sentences": list(told.sentences)},
    }
    if told.anchors is not None:
        plain["identifiability"]["anchors"] = [float(value) for value in told.anchors]
    if posterior is None:
        return plain
    plain |= {
        "noise_rate": posterior.noise_rate._asdict(),
        "wrong_share": posterior.wrong_share._asdict(),
        "transition": _records(posterior.transition),
        "sentences": list(posterior.sentences),
        "warnings": list(posterior.warnings),
        "diagnostics": {name: _plain(value) for name, value in posterior.diagnostics._asdict().items()},
    }
    if posterior.accuracy is not None:
        plain["annotators"] = _records(posterior.accuracy)
    if posterior.parameters is not None:
        plain["parameters"] = _records(posterior.parameters)
    return plain


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


# --- text -------------------------------------------------------------------------------------------


def to_text(found: Inferred) -> str:
    """Identifiability first; then, where there is a posterior, the matrix, the rates and the rows to look at."""
    level, *sentences = str(found.identifiability).splitlines()
    lines = [level]
    for sentence in sentences:
        lines += textwrap.wrap(sentence, _WIDTH, subsequent_indent="  ")
    if found.posterior is None:
        return "\n".join(lines)
    lines += [
        "",
        *_matrix(found),
        "",
        *_rates(found.posterior, "labels" if found.observed.votes is None else "votes"),
        "",
        *_rows(found.posterior),
        "",
    ]
    for sentence in found.posterior.sentences:
        lines += textwrap.wrap(sentence, _WIDTH)
    for sentence in found.posterior.warnings:
        lines += textwrap.wrap(f"warning: {sentence}", _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def _matrix(found: Inferred) -> list[str]:
    posterior = found.posterior
    assert posterior is not None
    if posterior.accuracy is not None:
        return _annotators(posterior)
    if len(found.observed.classes) > _MOST_CLASSES:
        return [f"transition: {len(found.observed.classes)} classes, see transition.png and summary.json"]
    names = [str(name) for name in found.observed.classes]
    cells = [_cell(row) for _, row in posterior.transition.iterrows()]
    width = max(*map(len, cells), *map(len, names)) + 2
    first = max(map(len, names)) + 2
    lines = ["transition: true class in rows, observed class in columns; mean and 90% interval"]
    lines.append(" " * (first + 2) + "".join(f"{name:>{width}}" for name in names))
    for place, name in enumerate(names):
        row = cells[place * len(names) : (place + 1) * len(names)]
        lines.append(f"  {name:<{first}}" + "".join(f"{cell:>{width}}" for cell in row))
    return lines


def _cell(row: Any) -> str:
    return f"{row['mean']:.3f} ({row['lower']:.3f}, {row['upper']:.3f})"


def _annotators(posterior: Posterior) -> list[str]:
    table = posterior.accuracy
    assert table is not None
    lines = ["how often each annotator names the true class; mean and 90% interval"]
    names = [str(name) for name in table["annotator"]]
    width = max(9, *map(len, names))
    shown = list(zip(names, table.to_dict("records"), strict=True))[:_MOST_ANNOTATORS]
    for name, row in shown:
        cell = _cell(row) if row["told"] else "cannot be told"
        lines.append(f"  {name:<{width}}  {row['votes']:>7,} votes  {cell}")
    rest = len(names) - len(shown)
    return [*lines, f"  and {rest} more, see summary.json"] if rest else lines


def _rates(posterior: Posterior, what: str) -> list[str]:
    lines = [
        f"expected noise rate            {_cell(posterior.noise_rate._asdict())}",
        f"share of {what} that is wrong{' ' * (7 - len(what))} {_cell(posterior.wrong_share._asdict())}",
    ]
    if posterior.parameters is not None:
        width = max(map(len, posterior.parameters["parameter"])) + 2
        rows = posterior.parameters.iterrows()
        lines += ["", "noise parameters", *(f"  {row['parameter']:<{width}}{_cell(row)}" for _, row in rows)]
    return lines


def _probability(value: Any) -> str:
    """Never as certain as rounding would have it."""
    return ">0.999" if 0.9995 <= value < 1 else f"{value:.3f}"


def _rows(posterior: Posterior) -> list[str]:
    worst = posterior.rows.sort_values("rank").head(_ROWS)
    names = [name for name in worst if str(name).startswith("probability[")]
    lines = ["the rows likeliest to be wrong"]
    ids = [str(value) for value in worst["row_id"]]
    width = max(3, *map(len, ids))
    for own, (_, row) in zip(ids, worst.iterrows(), strict=True):
        best = max(names, key=lambda name: row[name])
        likely = best.removeprefix("probability[").removesuffix("]")
        lines.append(
            f"  {own:<{width}}  observed {row['observed_label']!s}, wrong with probability "
            f"{_probability(row['wrong_probability'])}; likeliest {likely} ({_probability(row[best])})"
        )
    return lines
