"""The picture of an inferred transition: each entry with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..inspection.panels import MOST_PANELS, figure_of, fitting, left_out
from .record import Inferred, Posterior

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MAP = "Blues"
_MOST_WRITTEN = 8


def draw_transition(found: Inferred) -> Figure:
    """One panel, or one for each of the 9 annotators with the most votes: means as colours, 90% intervals as text.

    Raises:
        InputError: the noise is not identified, so that there is no matrix.
    """
    posterior = found.posterior
    if posterior is None:
        raise InputError("The noise is not identified, so that there is no matrix to draw:\n" + _indented(found))
    names = [str(name) for name in found.observed.classes]
    panels = _panels(posterior)
    size = max(3.4, 0.95 * len(names) + 1.4) if len(names) <= _MOST_WRITTEN else 6.0
    number = 0 if posterior.accuracy is None else int(np.sum(posterior.accuracy["told"]))
    title = "Inferred transition: mean and 90% interval"
    shown = list(panels.items())[:MOST_PANELS]
    note = left_out(number, "annotators")
    figure, axes = figure_of(len(shown), title, left_out=note, width=size, height=0.85 * size)
    for own, (name, table) in zip(axes, shown, strict=True):
        image = _draw_matrix(own, table, names)
        if len(names) > _MOST_WRITTEN:  # no room for numbers in the cells
            figure.colorbar(image, ax=own, shrink=0.8)
        own.set_title(fitting(name, 40), fontsize=9)
    return figure


def plot_transition(found: Inferred, path: str | Path) -> None:
    """Draw the transition into a file; PNG, SVG or PDF by its ending; errors as for `draw_transition`."""
    figure = draw_transition(found)
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise InputError(f"The picture cannot be written to {str(path)!r}: {error}.") from None


def _indented(found: Inferred) -> str:
    return "\n".join(f"  {sentence}" for sentence in found.identifiability.sentences)


def _panels(posterior: Posterior) -> dict[str, pd.DataFrame]:
    """The table of each panel by its title; annotators with the most votes first."""
    if posterior.accuracy is None:
        return {"": posterior.transition}
    told: Any = posterior.accuracy[posterior.accuracy["told"]]
    busiest = told.sort_values("votes", ascending=False, kind="stable")
    tables = dict(list(posterior.transition.groupby("annotator", sort=False)))
    return {
        f"{name} ({votes:,} votes)": tables[name]
        for name, votes in zip(busiest["annotator"], busiest["votes"], strict=True)
    }


def _draw_matrix(axes: Any, table: pd.DataFrame, names: list[str]) -> Any:
    size = len(names)
    mean, lower, upper = (table[name].to_numpy().reshape(size, size) for name in ("mean", "lower", "upper"))
    image = axes.imshow(mean, cmap=_MAP, vmin=0, vmax=1, aspect="auto")
    if size <= _MOST_WRITTEN:
        for true, said in np.ndindex(size, size):
            color = "white" if mean[true, said] > 0.55 else "#222222"
            text = f"{mean[true, said]:.2f}\n{lower[true, said]:.2f}\u2013{upper[true, said]:.2f}"
            axes.text(said, true, text, ha="center", va="center", fontsize=7, color=color)
    shown = [fitting(name, 14, 2) for name in names]
    turn = {"rotation": 45, "ha": "right"} if size * max(map(len, shown)) > 30 else {}
    axes.set_xticks(range(size), shown, fontsize=8, **turn)
    axes.set_yticks(range(size), shown, fontsize=8)
    axes.set_xlabel("observed class", fontsize=8)
    axes.set_ylabel("true class", fontsize=8)
    axes.tick_params(length=0)
    return image
