"""Pictures of the law of the hidden features: against the data, before and after the fit, and its calibration."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import jax
from ..errors import InputError
from ..process import FittedProcess
from ..randomness import site_key
from ..table import Column
from . import panels
from .calibration import calibration, simultaneous_band
from .draws import predictive_draws, rows_shown
from .fit import fit_datatree
from .theta import reference_places

_DRAWS_A_ROW = 20


def _columns(fitted: FittedProcess) -> list[Column]:
    return [fitted.table.columns[place] for place in fitted.hidden]


def _data_and_draws(fitted: FittedProcess, key: Any, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Hidden features (rows, hidden) where all are recorded, and draws for such rows (draws, hidden)."""
    places = reference_places(fitted)
    recorded = fitted.table.features[places][:, list(fitted.hidden)]
    whole = ~np.isnan(recorded).any(1)
    shown = places[whole][rows_shown(int(whole.sum()))]
    draws = predictive_draws(fitted, site_key(key, "pictures.hidden"), shown, number)[..., : len(fitted.hidden)]
    return recorded[whole], draws.reshape(-1, draws.shape[-1])


def plot_marginals(fitted: FittedProcess, key: Any = None) -> Any:
    """Each hidden feature, drawn for the reference rows, against what they have; a Matplotlib figure, Monte Carlo."""
    key = jax.random.key(0) if key is None else key
    columns = _columns(fitted)
    data, draws = _data_and_draws(fitted, key, _DRAWS_A_ROW)
    title = "Hidden features: draws of the fitted prior, all rows together, against the data"
    number = min(len(columns), panels.MOST_PANELS)
    figure, axes = panels.figure_of(number, title, left_out=panels.left_out(len(columns), "hidden features"))
    for own, column, recorded, drawn in zip(axes, columns, data.T, draws.T, strict=False):
        panels.draw_compared(own, column, recorded, drawn)
    panels.legend_below(figure, panels.swatches((panels.DATA, panels.DRAWS), ("data", "draws of the prior")))
    return figure


def plot_pairs(fitted: FittedProcess, key: Any = None) -> Any:
    """Pairs of hidden features, one draw a row over the data; a Matplotlib figure, Monte Carlo.

    Raises:
        InputError: fewer than two features are hidden.
    """
    key = jax.random.key(0) if key is None else key
    columns = _columns(fitted)
    if len(columns) < 2:
        raise InputError("A picture of pairs needs two hidden features; this process hides one.")
    data, draws = _data_and_draws(fitted, key, 1)
    pairs = [(first, second) for second in range(len(columns)) for first in range(second)]
    note = panels.left_out(len(pairs), "pairs")
    title = "Pairs of hidden features: one draw of the fitted prior a row, over the data"
    figure, axes = panels.figure_of(min(len(pairs), panels.MOST_PANELS), title, left_out=note)
    moved = [spread_levels(values, columns, seed) for seed, values in enumerate((data, draws))]
    for own, pair in zip(axes, pairs, strict=False):
        for values, color in zip(moved, (panels.DATA, panels.DRAWS), strict=True):
            own.scatter(*values[:, pair].T, s=7, color=color, alpha=0.5, linewidth=0)
        label_pair(own, [columns[place] for place in pair])
    panels.legend_below(figure, panels.swatches((panels.DATA, panels.DRAWS), ("data", "draws of the prior")))
    return figure


def spread_levels(values: np.ndarray, columns: list[Column], seed: int = 0) -> np.ndarray:
    """Features (rows, columns): codes with a shift of up to 0.3, so that points do not hide each other."""
    coded = [column.kind != "continuous" for column in columns]
    return values + np.random.default_rng(seed).uniform(-0.3, 0.3, values.shape) * coded


def label_pair(axes: Any, columns: list[Column]) -> None:
    """Names of two features and of their levels."""
    axes.set_xlabel(panels.fitting(columns[0].name, 32), fontsize=8)
    axes.set_ylabel(panels.fitting(columns[1].name, 26), fontsize=8)
    axes.tick_params(labelsize=7)
    if columns[0].kind == "continuous":
        panels.few_ticks(axes)
    for column, vertical in zip(columns, (False, True), strict=True):
        if column.kind != "continuous":
            panels.label_levels(axes, column, vertical=vertical)


def plot_prior_and_posterior(fitted: FittedProcess, tree: Any = None) -> Any:
    """Prior predictive against posterior predictive and the data, of each hidden feature; a Matplotlib figure.

    Medians with 50% and 90% equal-tailed intervals, in standard deviations of the data; beyond 3 the axis is
    logarithmic, because a wide prior would leave nothing else to see. Levels are shown by their shares.

    Args:
        fitted: the process.
        tree: from `fit_datatree`; made where it is left out.

    Raises:
        InputError: the prior has no parameters, so there is nothing before the fit.
    """
    tree = fit_datatree(fitted) if tree is None else tree
    if "prior_predictive" not in tree.children:
        raise InputError("The prior has no parameters to learn, so there is no prior predictive to draw.")
    laws = [tree[f"{group}/hidden"].values for group in ("prior_predictive", "posterior_predictive")]
    laws = [*(values.reshape(-1, values.shape[-1]) for values in laws), tree["observed_data/hidden"].values]
    columns = _columns(fitted)
    title = "Hidden features before the fit (prior predictive) and after it (posterior predictive)"
    number = min(len(columns), panels.MOST_PANELS)
    note = panels.left_out(len(columns), "hidden features")
    if any(column.kind == "continuous" for column in columns[:number]):
        note = "\n".join(filter(None, ["medians (|), 50% intervals (thick) and 90% intervals (thin)", note]))
    figure, axes = panels.figure_of(number, title, left_out=note, height=2.2)
    colors = (panels.PRIOR, panels.DRAWS, panels.DATA)
    for place, (own, column) in enumerate(zip(axes, columns, strict=False)):
        shown = [values[:, place] for values in laws]
        _draw_laws(own, column, [values[~np.isnan(values)] for values in shown], colors)
    panels.legend_below(figure, panels.swatches(colors, ("prior predictive", "posterior predictive", "data")))
    return figure


def _draw_laws(axes: Any, column: Column, laws: list[np.ndarray], colors: tuple) -> None:
    axes.set_title(panels.fitting(column.name, 32), fontsize=9)
    axes.tick_params(labelsize=7)
    if column.kind != "continuous":
        for shift, values, color in zip((-0.27, 0, 0.27), laws, colors, strict=True):
            shares = np.bincount(values.astype(int), minlength=len(column.levels)) / len(values)
            axes.bar(np.arange(len(shares)) + shift, shares, 0.27, color=color)
        panels.label_levels(axes, column)
        axes.set_ylabel("share", fontsize=8)
        return
    center, spread = laws[-1].mean(), laws[-1].std() or 1.0
    for height, (values, color) in enumerate(zip(laws[::-1], colors[::-1], strict=True)):
        low, first, middle, third, high = np.quantile((values - center) / spread, [0.05, 0.25, 0.5, 0.75, 0.95])
        axes.plot([low, high], [height, height], color=color, linewidth=2)
        axes.plot([first, third], [height, height], color=color, linewidth=7, solid_capstyle="butt")
        axes.plot(middle, height, "|", color="black", markersize=11)
    axes.set_xscale("symlog", linthresh=3, linscale=2)
    reach = max(float(np.abs((values - center) / spread).max()) for values in laws)
    ticks = [-3, -1, 0, 1, 3, *(sign * 10.0**power for power in (1, 2, 3, 4) for sign in (-1, 1) if 10**power < reach)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=7)
    axes.minorticks_off()
    axes.set_yticks([])
    axes.set_ylim(-0.6, 2.6)
    axes.set_xlabel("standard deviations from the mean of the data", fontsize=8)


def plot_calibration(fitted: FittedProcess, key: Any = None) -> Any:
    """The empirical cdf of each hidden feature's uniforms minus the uniform one, with a 95% simultaneous band.

    Raises:
        InputError: the prior has no pit.
    """
    found = calibration(fitted, jax.random.key(0) if key is None else key)
    if found is None:
        raise InputError("The prior has no `pit`, so its calibration cannot be drawn.")
    title = f"Calibration of the fitted prior, in sample: {len(found.uniforms)} reference rows"
    number = min(len(found.features), panels.MOST_PANELS)
    notes = ["a curve that leaves the band: the prior's law is not that of the rows"]
    notes += filter(None, [panels.left_out(len(found.features), "hidden features")])
    figure, axes = panels.figure_of(number, title, left_out="\n".join(notes))
    at, low, high = simultaneous_band(len(found.uniforms))
    for place, (own, name) in enumerate(zip(axes, found.features, strict=False)):
        below = np.searchsorted(np.sort(found.uniforms[:, place]), at, side="right") / len(found.uniforms)
        band = own.fill_between(at, low, high, color=panels.DATA, alpha=0.4, label="95% band for all points at once")
        (line,) = own.plot(at, below - at, color=panels.DRAWS, label="empirical minus uniform cdf")
        own.axhline(0, color="black", linewidth=0.6)
        given = "" if place == 0 else "\ngiven the features before it"
        own.set_title(panels.fitting(name, 32) + given, fontsize=9)
        own.set_xlabel("probability integral transform", fontsize=8)
        own.set_ylabel("difference of cdfs", fontsize=8)
        own.tick_params(labelsize=7)
    panels.legend_below(figure, [line, band])
    return figure
