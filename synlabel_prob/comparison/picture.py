"""The picture of a comparison: a panel a score, a line a prior, the best on top."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from .record import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RANKED, _SHOWN = "#1f5a94", "#b0762b"
_HIDDEN, _THETA = "#bcd7f5", "#1f5a94"
_LONGEST_NAME, _MOST_HIDDEN = 60, 4
_LEAST = {"energy_score": 0.0, "pit_deviation": 0.0, "brier_score": 0.0, "mtvd": 0.0, "truth_error": 0.0}


class _Panel(NamedTuple):
    column: str
    title: str
    axis: str


_PANELS = (
    _Panel("log_score", "log score of hidden features", "mean log density; higher is better"),
    _Panel("energy_score", "energy score of hidden features", "standard deviations; lower is better"),
    _Panel("pit_deviation", "PIT deviation", "distance from uniform; lower is better"),
    _Panel("label_log_score", "log score of soft labels", "mean log probability; higher is better"),
    _Panel("brier_score", "Brier score of soft labels", "lower is better"),
    _Panel("mtvd", "distance to the ground truth", "mean total variation; neither side is better"),
    _Panel("truth_error", "distance to exact soft labels", "mean total variation; lower is better"),
)


def draw(comparison: Comparison) -> Figure:
    """Scores with bars of 2 standard errors, the best prior on top; the last panel splits the entropy."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    scores = comparison.scores
    panels = [panel for panel in _PANELS if panel.column in scores]
    columns = 4
    lines = math.ceil((len(panels) + 1) / columns)
    height = lines * (1.15 + 0.34 * len(scores)) + 1.1
    names = [_shortened(str(name)) for name in scores.index]
    size = (3.3 * columns + max(1.2, 0.065 * max(map(len, names))), height)
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(h_pad=0.1))
    axes = figure.subplots(lines, columns, sharey=True, squeeze=False)
    every = list(axes.flat)
    for panel, own in zip(panels, every, strict=False):
        _draw_panel(own, scores, panel)
    _draw_split(every[len(panels)], scores)
    for unused in every[len(panels) + 1 :]:
        unused.set_axis_off()
    every[0].set_yticks(range(len(scores)), names)
    every[0].set_ylim(len(scores) - 0.4, -0.6)
    _explain(figure, comparison)
    return figure


def _shortened(name: str) -> str:
    """Without its middle where it would leave no room for the panels."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[: half - 1]}...{name[-half + 2 :]}"


def _draw_panel(axes: Any, scores: Any, panel: _Panel) -> None:
    """Dots with bars, which end where the score does; what a prior does not have is said in its place."""
    values, errors = scores[panel.column], scores[f"{panel.column}_se"]
    for place, name in enumerate(scores.index):
        if not math.isfinite(values[name]):
            said = "not defined" if math.isnan(values[name]) else "minus infinity"
            where = axes.get_yaxis_transform()
            axes.text(0.5, place, said, transform=where, ha="center", va="center", fontsize=7, color="#777777")
            continue
        sees = bool(scores["sees_label"][name])
        style = {"color": _SHOWN if sees else _RANKED, "markerfacecolor": "white" if sees else _RANKED}
        reach = 2 * errors[name]
        below = max(0.0, min(reach, values[name] - _LEAST.get(panel.column, -math.inf)))
        axes.errorbar(values[name], place, xerr=[[below], [reach]], fmt="o", markersize=5, capsize=2, **style)
    axes.set_title(panel.title, fontsize=9)
    axes.set_xlabel(panel.axis, fontsize=8)
    _tidy(axes)


def _draw_split(axes: Any, scores: Any) -> None:
    places = range(len(scores))
    axes.barh(places, scores["hidden_uncertainty"], height=0.6, color=_HIDDEN)
    axes.barh(places, scores["theta_uncertainty"], height=0.6, left=scores["hidden_uncertainty"], color=_THETA)
    axes.set_title("entropy of soft labels", fontsize=9)
    axes.set_xlabel("mean, in nats; neither side is better", fontsize=8)
    axes.use_sticky_edges = False  # a bar of no width would leave no margin
    _tidy(axes)
    axes.set_xlim(left=0)


def _tidy(axes: Any) -> None:
    axes.tick_params(labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=5)
    axes.margins(x=0.12)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _explain(figure: Any, comparison: Comparison) -> None:
    """The title, and a legend of what there is in the picture."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    start = f"{comparison.title}\n" if comparison.title else ""
    where = f"{comparison.num_rows:,} rows in {comparison.folds} folds, each scored by a fit that did not see it"
    hidden = list(comparison.hidden[:_MOST_HIDDEN])
    more = len(comparison.hidden) - len(hidden)
    hidden += [f"{more} more"] if more else []
    figure.suptitle(f"{start}{where}; hidden: {', '.join(hidden)}", fontsize=10)
    handles: list[Any] = [Line2D([], [], color=_RANKED, marker="o", label="mean and 2 standard errors")]
    if any(comparison.scores["sees_label"]):
        style: Any = {"color": _SHOWN, "marker": "o", "markerfacecolor": "white"}
        handles.append(Line2D([], [], label="sees the label: not ranked", **style))
    handles += [
        Patch(color=_HIDDEN, label="entropy from the hidden features"),
        Patch(color=_THETA, label="entropy from the prior's parameters"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
