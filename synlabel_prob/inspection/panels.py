"""What the pictures share: figures of panels that say what was left out, names that fit, and one colour a class."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..table import Column

MOST_PANELS = 9
DATA, DRAWS, PRIOR = "#9a9a9a", "#1f6fb4", "#d1792c"
_BINS = 30


def figure_of(panels: int, title: str, *, left_out: str = "", width: float = 3.6, height: float = 2.9) -> tuple:
    """A figure and its axes, in rows of at most three; `left_out` is written under the title."""
    from matplotlib.figure import Figure

    columns = min(3, panels)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(max(6.4, width * columns), height * rows + 0.9), layout="constrained")
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for empty in axes[panels:]:
        empty.set_axis_off()
    heading = "\n".join(textwrap.wrap(title, int(11 * figure.get_figwidth())))
    figure.suptitle(f"{heading}\n{left_out}" if left_out else heading, fontsize=11)
    return figure, list(axes[:panels])


def left_out(number: int, what: str, most: int = MOST_PANELS) -> str:
    """What is said where there are more than fit."""
    return f"{number - most:,} of {number:,} {what} are left out" if number > most else ""


class _Wrapper(textwrap.TextWrapper):
    """Breaks at spaces, and inside of names that programs use."""

    wordsep_re = re.compile(r"(\s+|(?<=[_\-/.])(?=\w))")


def fitting(name: Any, width: int = 24, lines: int = 3) -> str:
    """A name in a few lines, the rest cut; dollar signs are no formulas here."""
    wrapped = _Wrapper(width).wrap(str(name)) or [""]
    cut = wrapped[:lines]
    if len(wrapped) > lines:
        cut[-1] = cut[-1][: width - 1] + "\u2026"
    return "\n".join(cut).replace("$", r"\$")


def class_colors(number: int) -> list:
    """A colour for each class; up to ten can be told apart by the colour-blind too (Petroff, arXiv 2107.02270)."""
    from matplotlib import color_sequences, colormaps

    for size in (6, 8, 10):
        if number <= size:
            return list(color_sequences[f"petroff{size}"][:number])
    return [colormaps["turbo"](place) for place in np.linspace(0.05, 0.95, number)]


def legend_below(figure: Any, handles: Sequence[Any], title: str = "") -> None:
    """One legend for all panels, for which the figure grows."""
    widest = max(len(line) for handle in handles for line in str(handle.get_label()).splitlines())
    columns = max(1, min(5, len(handles), int(15 * figure.get_figwidth() / (widest + 8))))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=8, title=title)
    lines = max(str(handle.get_label()).count("\n") + 1 for handle in handles) * math.ceil(len(handles) / columns)
    figure.set_figheight(figure.get_figheight() + 0.16 * (lines - 1 + bool(title)))


def swatches(colors: Sequence[Any], names: Sequence[Any]) -> list:
    """Legend entries."""
    from matplotlib.patches import Patch

    return [Patch(color=color, label=fitting(name, 36)) for color, name in zip(colors, names, strict=True)]


def bins_of(values: np.ndarray) -> np.ndarray:
    """Edges that hold the middle 99.8% of the values; whole numbers get one bin each where they are few."""
    low, high = np.quantile(values, [0.001, 0.999])
    whole = np.unique(values[:2000])
    if len(whole) <= _BINS and np.all(whole == np.round(whole)):
        low, high = math.floor(low), math.ceil(high)
        return np.arange(low - 0.5, high + 1) if high - low <= 2 * _BINS else np.linspace(low, high, _BINS + 1)
    return np.linspace(low, high if high > low else low + 1, _BINS + 1)


def draw_compared(axes: Any, column: Column, data: np.ndarray, draws: np.ndarray) -> None:
    """The law of one feature against the data: outlines over filled bars, or bars beside bars for levels."""
    if column.kind == "continuous":
        edges = bins_of(data)
        span = np.quantile(np.concatenate([data, draws]), [0.005, 0.995])
        step = edges[1] - edges[0]
        start = edges[0] - step * max(0, math.ceil((edges[0] - span[0]) / step))  # so that the data's bins stay
        edges = np.arange(start, max(edges[-1], span[1]) + step, step)[: 10 * _BINS]
        axes.hist(data, edges, density=True, color=DATA, alpha=0.6)
        axes.hist(draws, edges, density=True, histtype="step", color=DRAWS, linewidth=1.5)
        axes.set_ylabel("density", fontsize=8)
        few_ticks(axes)
    else:
        for shift, values, color in ((-0.2, data, DATA), (0.2, draws, DRAWS)):
            shares = np.bincount(values.astype(int), minlength=len(column.levels)) / len(values)
            axes.bar(np.arange(len(shares)) + shift, shares, 0.4, color=color)
        label_levels(axes, column)
        axes.set_ylabel("share", fontsize=8)
    axes.set_xlabel(fitting(column.name, 32), fontsize=9)
    axes.tick_params(labelsize=8)


def few_ticks(axes: Any) -> None:
    """So many numbers along a narrow panel that they do not touch."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4))


def label_levels(axes: Any, column: Column, *, vertical: bool = False) -> None:
    """The names of levels at their codes, on the horizontal axis or the vertical one."""
    axis = axes.yaxis if vertical else axes.xaxis
    names = [fitting(level, 16, 2) for level in column.levels]
    turn = {} if vertical or len(names) * max(map(len, names)) < 30 else {"rotation": 45, "ha": "right"}
    axis.set_ticks(range(len(names)), names, fontsize=7, **turn)
