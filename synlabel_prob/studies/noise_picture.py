"""Pictures and tables of the studies of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..inspection.panels import class_colors, fitting
from .curves import require_columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BESIDE_COLUMNS = ["prior", "hidden", "repeat", "source", "mtvd", "mean_entropy"]
INJECTION_COLUMNS = ["noise", "rate", "route", "into", "beside", "repeat", "mtvd", "mean_entropy", "mean_kl"]
_LINES: dict[str, dict[str, Any]] = {"exact": {"linestyle": "-"}, "sampled": {"linestyle": "--"}}


def draw_noise_beside(study: pd.DataFrame, *, title: str = "") -> Figure:
    """Entropy against distance to the truth: a line a prior for hidden features, and one a noise of the same distance.

    Raises:
        InputError: the frame is none of `noise_beside`.
    """
    from matplotlib.figure import Figure

    require_columns(study, BESIDE_COLUMNS)
    grouped: Any = study.groupby(["prior", "source", "hidden"], sort=False)
    made = grouped[["mtvd", "mean_entropy"]].mean().reset_index()
    sources = list(dict.fromkeys(made["source"]))
    figure = Figure(figsize=(8.5, 4.8), layout="constrained")
    axes = figure.subplots()
    colors = class_colors(max(2, made["prior"].nunique()))
    for place, (prior, own) in enumerate(made.groupby("prior", sort=False)):
        hidden = own[own["source"] == sources[0]].sort_values("mtvd")
        label = f"{sources[0]}: {fitting(str(prior), 28)}"
        axes.plot(hidden["mtvd"], hidden["mean_entropy"], "o-", color=colors[place % len(colors)], label=label)
    for style, source in zip((":", "--", "-."), sources[1:], strict=False):
        own = made[made["source"] == source].sort_values("mtvd")
        axes.plot(own["mtvd"], own["mean_entropy"], style, color="#555555", label=f"noise: {source}")
    _label(axes, "mean total variation to the ground truth", "mean entropy, nats")
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(fitting(title, 100), fontsize=10)
    return figure


def draw_injection(study: pd.DataFrame, *, title: str = "") -> Figure:
    """Distances and entropy against the rate, for each noise: exact (whole lines) and sampled (dashed).

    Raises:
        InputError: the frame is none of `injection`.
    """
    from matplotlib.figure import Figure

    require_columns(study, INJECTION_COLUMNS)
    own: Any = study[study["into"] == "soft"]
    means = own.groupby(["noise", "route", "beside", "rate"], sort=False)[["mtvd", "mean_entropy"]].mean().reset_index()
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    panels = figure.subplots(1, 3)
    names = list(dict.fromkeys(study["noise"]))
    shown = (("soft", "mtvd"), ("truth", "mtvd"), ("truth", "mean_entropy"))
    for axes, (beside, measure) in zip(panels, shown, strict=True):
        _draw_routes(axes, means[means["beside"] == beside], measure, names)
    _label(panels[0], "rate of the noise", "MTVD to the soft labels before the noise")
    _label(panels[1], "rate of the noise", "MTVD to the ground truth")
    _label(panels[2], "rate of the noise", "mean entropy, nats")
    panels[0].legend(frameon=False, fontsize=8)
    figure.suptitle(fitting(title, 110), fontsize=10)
    return figure


def _draw_routes(axes: Any, means: Any, measure: str, names: list[str]) -> None:
    colors = class_colors(max(2, len(names)))
    for (name, route), own in means.groupby(["noise", "route"], sort=False):
        style = {"color": colors[names.index(name) % len(colors)], **_LINES[route]}
        axes.plot(own["rate"], own[measure], label=f"{fitting(str(name), 24)}, {route}", **style)


def _label(axes: Any, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=9)
    axes.set_ylabel(up, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _table(frame: Any) -> list[str]:
    """Lines of a table, the name of its rows over their column."""
    shown = frame.rename_axis(columns=None).reset_index()
    return [line.rstrip() for line in shown.to_string(float_format="{:.3f}".format, index=False).splitlines()]


def _repeats(study: pd.DataFrame) -> str:
    number = len(set(study["repeat"]))
    return "one run" if number == 1 else f"means of {number} repeats"


def noise_beside_text(study: pd.DataFrame, *, title: str = "") -> str:
    """A table a prior: distance and entropies, a line a number of hidden features; errors as for the picture."""
    require_columns(study, BESIDE_COLUMNS)
    lines = [title] if title else []
    lines += [f"mean entropy in nats, at the same mean total variation; {_repeats(study)}"]
    for prior, own in study.groupby("prior", sort=False):
        table: Any = own.pivot_table(index="hidden", columns="source", values="mean_entropy", sort=False)
        table.insert(0, "mtvd", own.groupby("hidden", sort=False)["mtvd"].mean())
        lines += ["", str(prior), *_table(table)]
    return "\n".join(lines)


def injection_text(study: pd.DataFrame, *, title: str = "") -> str:
    """A table a noise: a line a rate, distances and entropies of both routes; errors as for the picture."""
    require_columns(study, INJECTION_COLUMNS)
    own: Any = study[study["into"] == "soft"]
    own = own.assign(measure=own["route"] + ", to " + own["beside"])
    lines = [title] if title else []
    lines += [f"mean total variation of the noisy soft labels; sampled: {_repeats(own)}"]
    for name, part in own.groupby("noise", sort=False):
        table: Any = part.pivot_table(index="rate", columns="measure", values="mtvd", sort=False)
        entropy: Any = part.pivot_table(index="rate", columns="route", values="mean_entropy", sort=False)
        table = table.join(entropy.add_prefix("entropy, "))
        lines += ["", str(name), *_table(table)]
    return "\n".join(lines)
