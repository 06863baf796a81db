"""Entropy and accuracy as features are hidden: a line a prior, with bands, and a reference beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .curves import MEASURES, curves, require_columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLORS = ("#1f5a94", "#d1495b", "#3a9d5d", "#b0762b", "#7a4fa3", "#1b9e9e", "#c2559d", "#6b7a1f", "#e58a1f", "#5b5b5b")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
_SHOWN = MEASURES[:2]


def draw_curves(study: pd.DataFrame, reference: pd.DataFrame | None = None, *, title: str = "") -> Figure:
    """Mean entropy and accuracy of the plurality against the number of hidden features.

    Bands are 2 standard errors to each side, over rows and repeats together.

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
    figure = Figure(figsize=(11.5, max(4.2, 1.4 + 0.22 * len(names))), layout="constrained")
    panels = figure.subplots(1, len(_SHOWN))
    for axes, measure in zip(panels, _SHOWN, strict=True):
        _draw_own(axes, made, measure.column, names)
        if reference is not None:
            _draw_reference(axes, reference, measure.column, names)
        axes.set_title(measure.title, fontsize=10)
        axes.set_xlabel("hidden features", fontsize=9)
        axes.set_ylabel(measure.axis, fontsize=9)
        _tidy(axes)
    _explain(figure, panels[0], study, title)
    return figure


def _draw_own(axes: Any, made: Any, column: str, names: list[str]) -> None:
    for name, own in made.groupby("prior", sort=False):
        own = own.sort_values("hidden")
        # A single repeat has no spread of its own; its draws are part of the error over rows.
        error = np.hypot(own[f"{column}_rows_se"].fillna(0), own[f"{column}_draws_se"].fillna(0))
        style = _style(names, str(name))
        axes.fill_between(
            own["hidden"], own[column] - 2 * error, own[column] + 2 * error, color=style["color"], alpha=0.12, lw=0
        )
        axes.plot(own["hidden"], own[column], label=name, lw=1.4, markersize=4, **style)


def _draw_reference(axes: Any, reference: Any, column: str, names: list[str]) -> None:
    for name, own in reference.groupby("prior", sort=False):
        own, style = own.sort_values("hidden"), _style(names, str(name))
        axes.plot(own["hidden"], own[column], label=f"{name}, reference", linestyle="--", lw=1.4, color=style["color"])


def _style(names: list[str], name: str) -> dict[str, Any]:
    place = names.index(name)
    return {
        "color": _COLORS[place % len(_COLORS)],
        "marker": _MARKERS[(place + place // len(_COLORS)) % len(_MARKERS)],
    }


def _tidy(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _explain(figure: Any, axes: Any, study: pd.DataFrame, title: str) -> None:
    repeats = len(set(study["repeat"]))
    words = f"means of {repeats} repeats" if repeats > 1 else "one run"
    start = f"{title}\n" if title else ""
    figure.suptitle(f"{start}{words}; bands are 2 standard errors to each side", fontsize=10)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right center", frameon=False, fontsize=8)
