"""Draws docs/four_datasets.png: the four datasets of the SYNLABEL framework on a table with two features.

python docs/four_datasets.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import synlabel_prob as sp
from synlabel_prob import ground_truth, noise, priors

COLORS = ("#d1495b", "#2f6690")
RATE = 0.15


def made(rows: int = 400) -> sp.Generated:
    """Two correlated features, a ring as the truth, one feature hidden, symmetric noise."""
    random = np.random.default_rng(8)
    first = random.normal(size=rows)
    frame = pd.DataFrame({"x1": first, "x2": 0.7 * first + 0.7 * random.normal(size=rows)})
    process = sp.Process(
        ground_truth=ground_truth.Ball(features=("x1", "x2"), radius=1.6, inner_radius=0.6, inside="ring"),
        hidden=("x2",),
        prior=priors.GaussianRegression(),
        noise=(noise.Symmetric(RATE),),
    )
    return sp.generate(sp.fit(process, sp.Table.from_frame(frame)), jax.random.key(1))


def draw(path: Path) -> None:
    """One panel a dataset; the hidden feature stays on the vertical axis, where it is known to us alone."""
    result = made()
    figure = Figure(figsize=(12, 3.5), layout="constrained")
    panels = figure.subplots(1, 4, sharex=True, sharey=True)
    x1, x2 = result.ground_truth.view.features.T
    labels, noisy = result.ground_truth.hard_labels, result.observed_hard.hard_labels
    _regions(panels[0])
    _points(panels[0], x1, x2, np.eye(2)[labels], "$D^G$: hard labels of a ring")
    for code, name in enumerate(result.ground_truth.classes):
        panels[0].scatter([], [], s=20, color=COLORS[code], label=name)
    panels[0].legend(loc="upper left", frameon=False, fontsize=8, handletextpad=0.1)
    _points(panels[1], x1, x2, result.partial.soft_labels, "$D^{PG}$: $x_2$ hidden, soft labels")
    _points(panels[2], x1, x2, result.observed_soft.soft_labels, f"$D^{{OS}}$: {RATE:.0%} symmetric noise")
    _points(panels[3], x1, x2, np.eye(2)[noisy], "$D^{OH}$: noisy hard labels")
    changed = result.ledger[0].before != result.ledger[0].after
    panels[3].scatter(x1[changed], x2[changed], s=46, facecolors="none", edgecolors="black", label="changed by noise")
    panels[3].legend(loc="upper left", frameon=False, fontsize=8)
    figure.supxlabel("$x_1$, observed", fontsize=9)
    panels[0].set_ylabel("$x_2$, hidden from the second panel on", fontsize=9)
    figure.savefig(path, dpi=110)


def _regions(axes: Axes) -> None:
    for radius in (1.6, 0.6):
        angle = np.linspace(0, 2 * np.pi, 200)
        axes.plot(radius * np.cos(angle), radius * np.sin(angle), color="black", linewidth=0.8)


def _points(axes: Axes, x1: np.ndarray, x2: np.ndarray, soft_labels: np.ndarray, title: str) -> None:
    inside, outside = (np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for color in COLORS)
    axes.scatter(x1, x2, s=13, c=soft_labels[:, :1] * inside + soft_labels[:, 1:] * outside)
    axes.set_title(title, fontsize=10)
    axes.set_aspect("equal")


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"))
