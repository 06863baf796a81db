"""The chains of a prior's parameters, where a fit sampled them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..inference import effective_sizes, r_hats
from ..process import FittedProcess
from . import panels
from .dimensions import coordinates
from .summary import SMALLEST_SIZE, SMALLEST_SIZE_A_CHAIN

_TRACES = 8


def plot_theta(fitted: FittedProcess) -> Any:
    """Traces of the eight parameters with the fewest effective draws, and the effective sizes of all.

    Raises:
        InputError: no Markov chain made the draws.
    """
    found = fitted.prior.diagnostics()
    if found is None:
        raise InputError("The prior's parameters were not sampled by a Markov chain, so there is no trace to draw.")
    entries = _entries(fitted, found.chains)
    sizes = {name: float(effective_sizes(values)) for name, values in entries.items()}
    worst = sorted(entries, key=lambda name: sizes[name])[:_TRACES]
    title = f"Parameters of the prior: {found.draws} draws in {found.chains} chains, {found.divergences} divergences"
    note = panels.left_out(len(entries), "traces", _TRACES)
    figure, axes = panels.figure_of(
        len(worst) + 1, title, left_out=f"{note}, with more effective draws" if note else ""
    )
    for own, name in zip(axes, worst, strict=False):
        for chain, values in enumerate(entries[name]):
            own.plot(values, color=f"C{chain}", linewidth=0.6, alpha=0.8)
        numbers = f"ESS {sizes[name]:.0f}, R-hat {float(r_hats(entries[name])):.3f}"
        own.set_title(f"{panels.fitting(name, 40)}\n{numbers}", fontsize=8)
        own.set_xlabel("draw", fontsize=8)
        own.tick_params(labelsize=7)
    enough = max(SMALLEST_SIZE, SMALLEST_SIZE_A_CHAIN * found.chains)
    axes[-1].hist(list(sizes.values()), 20, color=panels.DRAWS)
    axes[-1].axvline(enough, color="black", linestyle=":", label=f"enough: {enough}")
    axes[-1].set_title("effective sample sizes of all parameters", fontsize=8)
    axes[-1].set_xlabel("effective sample size", fontsize=8)
    axes[-1].set_ylabel("parameters", fontsize=8)
    chains = panels.swatches(
        [f"C{chain}" for chain in range(found.chains)], [f"chain {it}" for it in range(found.chains)]
    )
    panels.legend_below(figure, [*chains, *axes[-1].get_legend_handles_labels()[0]])
    return figure


def _entries(fitted: FittedProcess, chains: int) -> dict[str, np.ndarray]:
    """Draws (chains, draws) of every entry of theta that varies, named by its labels."""
    known, found = coordinates(fitted), {}
    for site, (dims, values) in fitted.prior.kept_draws().items():
        values = np.asarray(values)
        for place in np.ndindex(values.shape[1:]):
            labels = ", ".join(str(known[dim][it]) for dim, it in zip(dims, place, strict=True))
            own = values[(slice(None), *place)]
            if own.std() > 0:
                found[f"{site.removeprefix('prior.')}[{labels}]"] = own.reshape(chains, -1)
    return found
