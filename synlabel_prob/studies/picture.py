"""Entropy and accuracy as features are hidden: a line a prior, with bands, and a reference beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..inspection.panels import class_colors, fitting
from .curves import MEASURES, curves, repeats_in_words, require_columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
_REFERENCE: dict[str, Any] = {"color": "#555555", "linestyle": "--"}
_SHOWN = MEASURES[:2]


def draw_curves(study: pd.DataFrame, reference: pd.DataFrame | None = None, *, title: str = "") -> Figure:
    """Mean entropy and accuracy of the plurality against the number of hidden features.

    Bands are 2 standard errors to each side, over rows and repeats together. Where curves coincide, the later one is
    the thinner one, on top.

    Args:
        study: from `feature_hiding`.
        reference: numbers of others, drawn dashed: columns `prior`, `hidden`, `mean_entropy`, `plurality_accuracy`;
            a prior of the same name has the same colour.
        title: what was studied.

    Raises:
        InputError: a frame lacks columns.
    """
    from matplotlib.figure import Figure

    made = curves(study)
    if reference is not None:
        require_columns(reference, ["prior", "hidden", *(measure.column for measure in _SHOWN)], "reference")
    names = [str(name) for name in dict.fromkeys([*made["prior"], *([] if reference is None else reference["prior"])])]
    figure = Figure(figsize=(11.5, max(4.2, 1.6 + 0.22 * len(names))), layout="constrained")
    panels = figure.subplots(1, len(_SHOWN))
    for axes, measure in zip(panels, _SHOWN, strict=True):
        _draw_own(axes, made, measure.column, names)
        if reference is not None:
            _draw_reference(axes, reference, measure.column, names)
        axes.set_title(measure.title, fontsize=10)
        axes.set_xlabel("hidden features", fontsize=9)
        axes.set_ylabel(measure.axis, fontsize=9)
        _tidy(axes)
    _explain(figure, made, names, title, reference is not None)
    return figure


def _draw_own(axes: Any, made: Any, column: str, names: list[str]) -> None:
    for place, (name, own) in enumerate(made.groupby("prior", sort=False)):
        own = own.sort_values("hidden")
        # A single repeat has no spread of its own; its draws are part of the error over rows.
        error = np.hypot(own[f"{column}_rows_se"].fillna(0), own[f"{column}_draws_se"].fillna(0))
        low, high = own[column] - 2 * error, own[column] + 2 * error
        if column == "plurality_accuracy":
            low, high = low.clip(0, 1), high.clip(0, 1)
        style = _style(names, str(name))
        axes.fill_between(own["hidden"], low, high, color=style["color"], alpha=0.1, lw=0)
        axes.plot(own["hidden"], own[column], label=name, **style, **_widths(place, made["prior"].nunique()))


def _draw_reference(axes: Any, reference: Any, column: str, names: list[str]) -> None:
    from matplotlib.patheffects import Normal, Stroke

    edge = [Stroke(linewidth=3, foreground="white"), Normal()]  # so that it shows on a line of the same colour
    for name, own in reference.groupby("prior", sort=False):
        own, style = own.sort_values("hidden"), {"color": _style(names, str(name))["color"], "path_effects": edge}
        axes.plot(own["hidden"], own[column], label=f"{name}, reference", linestyle="--", lw=1.4, **style)


def _style(names: list[str], name: str) -> dict[str, Any]:
    place, colors = names.index(name), class_colors(min(len(names), 10))
    return {
        "color": colors[place % len(colors)],
        "marker": _MARKERS[(place + place // len(colors)) % len(_MARKERS)],
    }


def _widths(place: int, number: int) -> dict[str, Any]:
    share = place / max(1, number - 1)
    return {"lw": 2.4 - 1.4 * share, "markersize": 7 - 3.5 * share}


def _tidy(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _explain(figure: Any, made: pd.DataFrame, names: list[str], title: str, beside: bool) -> None:
    """The title, and a legend with a line a prior; all dashed lines share one."""
    from matplotlib.lines import Line2D

    words = repeats_in_words(made)
    words = "one run" if words == "1 repeat" else f"means of {words}"
    start = f"{fitting(title, 110)}\n" if title else ""
    figure.suptitle(f"{start}{words}; bands are 2 standard errors over rows to each side", fontsize=10)
    own = list(dict.fromkeys(made["prior"].astype(str)))
    handles = [
        Line2D([], [], label=fitting(name, 28), **_style(names, name), **_widths(place, len(own)))
        for place, name in enumerate(own)
    ]
    for name in names[len(own) :]:
        color = _style(names, name)["color"]
        handles.append(Line2D([], [], label=f"{fitting(name, 28)}, reference", color=color, linestyle="--"))
    if beside:
        handles.append(Line2D([], [], label="reference for the prior\nof the same colour", **_REFERENCE))
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=8)
