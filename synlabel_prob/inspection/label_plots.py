"""Pictures of soft labels: all rows, their entropies, and one row with the labels that its hidden features give."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .. import metrics
from .._lazy import jax
from ..datasets import ObservedSoftDataset, PartialGroundTruthDataset
from ..errors import InputError, did_you_mean
from ..process import FittedProcess
from ..process.models import label_law
from ..randomness import site_key
from ..table import Column
from . import panels
from .draws import predictive_draws, rows_shown
from .hidden_plots import label_pair, spread_levels

_ROW_DRAWS = 2000
_ROWS_STACKED = 1000


class WithSoftLabels(Protocol):
    """What `generate` returns, or a result that was read back."""

    @property
    def partial(self) -> PartialGroundTruthDataset:
        """D^PG."""
        ...

    @property
    def observed_soft(self) -> ObservedSoftDataset:
        """D^OS."""
        ...


def _named_soft_labels(fitted: FittedProcess, generated: WithSoftLabels) -> list[tuple[str, np.ndarray]]:
    found = [("before noise", generated.partial.soft_labels)]
    return [*found, ("after noise", generated.observed_soft.soft_labels)] if fitted.process.noise else found


def plot_soft_labels(fitted: FittedProcess, generated: WithSoftLabels) -> Any:
    """The soft labels of all rows: on the simplex where there are three classes, as ordered stacked bars elsewhere."""
    named, classes = _named_soft_labels(fitted, generated), fitted.classes
    colors = panels.class_colors(len(classes))
    note = panels.left_out(fitted.table.num_rows, "rows", _ROWS_STACKED) if len(classes) != 3 else ""
    title = f"Soft labels of {fitted.table.num_rows:,} rows"
    figure, axes = panels.figure_of(len(named), title, left_out=note, width=4.6, height=3.6)
    for own, (name, soft) in zip(axes, named, strict=True):
        own.set_title(name, fontsize=9)
        if len(classes) == 3:
            _draw_simplex(own, soft, np.asarray(colors)[fitted.labels], classes)
        else:
            _draw_stacked(own, soft[rows_shown(len(soft), _ROWS_STACKED)], colors)
    what = "ground-truth label" if len(classes) == 3 else "class"
    panels.legend_below(figure, panels.swatches(colors, classes), what)
    return figure


_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])


def _draw_simplex(axes: Any, soft: np.ndarray, colors: np.ndarray, classes: tuple) -> None:
    axes.plot(*np.vstack([_CORNERS, _CORNERS[:1]]).T, color="black", linewidth=0.8)
    middle = _CORNERS.mean(0)
    for first, second in ((0, 1), (1, 2), (0, 2)):  # where two classes are as likely
        axes.plot(*np.stack([middle, _CORNERS[[first, second]].mean(0)]).T, color="black", linewidth=0.5, ls=":")
    axes.scatter(*(soft @ _CORNERS).T, s=14, c=colors, alpha=0.6, linewidth=0, zorder=3)
    places = ((0, -12, "top"), (0, -12, "top"), (0, 6, "bottom"))
    for corner, name, (x, y, side) in zip(_CORNERS, classes, places, strict=True):
        style = {"textcoords": "offset points", "ha": "center", "va": side, "fontsize": 9}
        axes.annotate(panels.fitting(name, 18, 2), corner, (x, y), **style)
    axes.set(xlim=(-0.15, 1.15), ylim=(-0.16, 1.06), aspect="equal")
    axes.set_axis_off()


def _draw_stacked(axes: Any, soft: np.ndarray, colors: list) -> None:
    likely = soft.argmax(1)
    ordered = soft[np.lexsort((-soft.max(1), likely))]
    if soft.shape[1] == 2:
        ordered = soft[np.argsort(-soft[:, 0], kind="stable")]
    edges, tops = np.arange(len(soft) + 1), np.hstack([np.zeros((len(soft), 1)), ordered.cumsum(1)])
    tops = np.vstack([tops, tops[-1:]])
    for code, color in enumerate(colors):
        axes.fill_between(edges, tops[:, code], tops[:, code + 1], step="post", color=color, linewidth=0)
    axes.set(xlim=(0, len(soft)), ylim=(0, 1))
    axes.set_xlabel("rows, ordered by their most likely class", fontsize=8)
    axes.set_ylabel("probability", fontsize=8)
    axes.tick_params(labelsize=7)


def plot_entropy(fitted: FittedProcess, generated: WithSoftLabels) -> Any:
    """How uncertain the soft labels are: the distribution of their entropies in nats, exact given the soft labels."""
    named = _named_soft_labels(fitted, generated)
    figure, (axes,) = panels.figure_of(1, "Entropy of the soft labels", width=6.4, height=3.4)
    largest = float(np.log(len(fitted.classes)))
    for (name, soft), color, filled in zip(named, (panels.DRAWS, panels.PRIOR), ("stepfilled", "step"), strict=False):
        certain = metrics.certain_fraction(soft)
        label = f"{name}: mean {metrics.entropy(soft).mean():.3f}, {certain:.0%} of rows certain"
        alpha = 0.5 if filled == "stepfilled" else 1.0
        axes.hist(
            metrics.entropy(soft), np.linspace(0, largest, 41), histtype=filled, color=color, alpha=alpha, label=label
        )
    axes.axvline(largest, color="black", linestyle=":", label=f"largest, log {len(fitted.classes)}")
    axes.set_xlabel("entropy of a row's soft label (nats)")
    axes.set_ylabel("rows")
    panels.legend_below(figure, axes.get_legend_handles_labels()[0])
    return figure


# --- one row ----------------------------------------------------------------------------------------


def row_place(fitted: FittedProcess, row: Any) -> int:
    """Where the row of that id is in the table.

    Raises:
        InputError: there is none.
    """
    names = [str(name) for name in fitted.table.row_ids.tolist()]
    if str(row) not in names:
        raise InputError(f"`row` must be the id of a row; got {str(row)!r}: {did_you_mean(str(row), names)}")
    return names.index(str(row))


def plot_row(fitted: FittedProcess, generated: WithSoftLabels, key: Any = None, *, row: Any = None) -> Any:
    """What one row's hidden features can be, and the label of each draw; a Matplotlib figure, Monte Carlo.

    One hidden feature is shown by the density of its draws; of more, the two that say most of the label.

    Args:
        fitted: the process.
        generated: a run of it.
        key: fixes the draws; seed 0 where there is none.
        row: the row's id; the one with the largest entropy by default.
    """
    key = jax.random.key(0) if key is None else key
    soft = generated.partial.soft_labels
    place = int(metrics.entropy(soft).argmax()) if row is None else row_place(fitted, row)
    hidden = predictive_draws(fitted, site_key(key, "pictures.row"), np.array([place]), _ROW_DRAWS)
    codes, hidden = _labels(fitted, place, hidden), hidden[..., : len(fitted.hidden)]
    columns = [fitted.table.columns[it] for it in fitted.hidden]
    recorded = fitted.table.features[place, list(fitted.hidden)]
    title = f"Row {fitted.table.row_ids[place]}: draws of its hidden features and the label of each"
    notes = [f"ground-truth label: {panels.fitting(fitted.classes[fitted.labels[place]], 60, 1)}"]
    notes += [f"the 2 of {len(columns)} hidden features that say most of the label"] if len(columns) > 2 else []
    with_regions = len(fitted.resampled) == 2 == len(columns) and all(column.kind == "continuous" for column in columns)
    notes += ["background: the label of a row with these two values"] if with_regions else []
    figure, (axes,) = panels.figure_of(1, title, left_out="\n".join(notes), width=6.4, height=4.0)
    colors = panels.class_colors(len(fitted.classes))
    if len(columns) == 1:
        _draw_one(axes, columns[0], hidden[0, :, 0], codes, colors, recorded[0])
    else:
        chosen = _that_matter(hidden[0], codes, columns)
        if with_regions:
            _draw_regions(
                axes,
                fitted,
                place,
                np.vstack([hidden[0], np.where(np.isnan(recorded), hidden[0, 0], recorded)]),
                colors,
            )
        _draw_two(axes, [columns[it] for it in chosen], hidden[0][:, chosen], codes, colors, recorded[chosen])
    names = [f"{name}: {share:.2f}" for name, share in zip(fitted.classes, soft[place], strict=True)]
    shown = [code for code in range(len(names)) if soft[place, code] > 0 or (codes == code).any()]
    handles = panels.swatches([colors[code] for code in shown], [names[code] for code in shown])
    panels.legend_below(figure, [*handles, *axes.get_legend_handles_labels()[0]], "label and its probability")
    return figure


def _labels(fitted: FittedProcess, place: int, hidden: np.ndarray) -> np.ndarray:
    """Labels (draws,) of one row at resampled features (1, draws, resampled)."""
    observed = fitted.rows.observed[[place]]
    with jax.enable_x64(True):
        features = label_law(fitted).features(observed, hidden)
        return np.asarray(fitted.ground_truth.labels(features[0])).astype(np.int64)


def _that_matter(hidden: np.ndarray, codes: np.ndarray, columns: list[Column]) -> list[int]:
    """The two features whose tenths (or levels) leave the least entropy of the label, in their own order."""
    left = [_entropy_left(hidden[:, place], codes, column) for place, column in enumerate(columns)]
    return sorted(np.argsort(left, kind="stable")[:2].tolist())


def _entropy_left(values: np.ndarray, codes: np.ndarray, column: Column) -> float:
    cells = values.astype(int)
    if column.kind == "continuous":
        cells = np.searchsorted(np.quantile(values, np.linspace(0.1, 0.9, 9)), values)
    counts = np.zeros((cells.max() + 1, codes.max() + 1))
    np.add.at(counts, (cells, codes), 1)
    counts = counts[counts.sum(1) > 0]
    totals = counts.sum(1, keepdims=True)
    return float((totals[:, 0] * metrics.entropy(counts / totals)).sum() / totals.sum())


def _draw_one(axes: Any, column: Column, values: np.ndarray, codes: np.ndarray, colors: list, recorded: float) -> None:
    groups = [values[codes == code] for code in range(len(colors))]
    if column.kind == "continuous":
        low, high = np.quantile(values, [0.001, 0.999])
        edges = np.linspace(low, high, 51) if high > low else np.linspace(low - 0.5, low + 0.5, 4)
        weights = [np.full(len(group), 1 / (len(values) * (edges[1] - edges[0]))) for group in groups]
        axes.hist(groups, edges, weights=weights, stacked=True, color=colors)
        axes.set_ylabel("density of the draws")
    else:
        bottom = np.zeros(len(column.levels))
        for group, color in zip(groups, colors, strict=True):
            shares = np.bincount(group.astype(int), minlength=len(bottom)) / len(values)
            axes.bar(np.arange(len(bottom)), shares, bottom=bottom, color=color)
            bottom += shares
        panels.label_levels(axes, column)
        axes.set_ylabel("share of the draws")
    if not np.isnan(recorded):
        axes.axvline(recorded, color="black", linestyle="--", label="recorded value")
    axes.set_xlabel(panels.fitting(column.name, 60))


def _draw_two(
    axes: Any, columns: list[Column], values: np.ndarray, codes: np.ndarray, colors: list, recorded: np.ndarray
) -> None:
    axes.scatter(*spread_levels(values, columns).T, s=9, c=np.asarray(colors)[codes], alpha=0.7, linewidth=0)
    style = {"s": 170, "color": "white", "edgecolor": "black", "zorder": 4, "label": "recorded values"}
    if not np.isnan(recorded).any():
        axes.scatter(*recorded, marker="*", **style)
    label_pair(axes, columns)


def _draw_regions(axes: Any, fitted: FittedProcess, place: int, shown: np.ndarray, colors: list) -> None:
    """The label everywhere around the draws and what was recorded, the last of `shown`; exact: no other is hidden."""
    from matplotlib.colors import ListedColormap

    low, high = np.quantile(shown, [0.001, 0.999], axis=0)
    low, high = np.minimum(low, shown[-1]), np.maximum(high, shown[-1])
    margin = np.where(high > low, 0.05 * (high - low), 0.5)
    low, high = low - margin, high + margin
    sides = [np.linspace(start, stop, 120) for start, stop in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*sides), -1)
    codes = _labels(fitted, place, grid.reshape(1, -1, 2)).reshape(grid.shape[:2])
    limits = {"vmin": -0.5, "vmax": len(colors) - 0.5}
    axes.pcolormesh(*sides, codes, cmap=ListedColormap(colors), alpha=0.18, rasterized=True, **limits)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
