"""Draws the pictures of docs/noise.md: what each node does to a data set of two features, and to the simplex.

python docs/noise.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpyro import handlers

import synlabel_prob as sp
from synlabel_prob import ground_truth
from synlabel_prob import noise as n
from synlabel_prob.inspection.panels import class_colors

CLASSES = ("a", "b", "c")
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
CHANNELS: dict[str, n.Noise] = {
    "symmetric": n.Symmetric(0.3),
    "class_conditional": n.ClassConditional({"a": 0.6}),
    "flips to_next": n.Flips(0.3, towards=n.ToNext()),
    "flips to_sides, up": n.Flips(0.3, towards=n.ToSides(1.0)),
    "random_matrix": n.RandomMatrix(0.3),
    "random_outcome": n.RandomOutcome(0.3, {"a": 0.8, "b": 0.2}),
}
FLIPS: dict[str, n.Noise] = {
    "by_margin to_second": n.Flips(0.25, n.ByMargin(exponent=2), n.ToSecond()),
    "by_entropy to_likely": n.Flips(0.25, n.ByEntropy(exponent=2), n.ToLikely()),
    "by_boundary to_enemy": n.Flips(0.25, n.ByBoundary(0.2), n.ToEnemy()),
    "by_neighbours": n.Flips(0.25, n.ByNeighbours(exponent=4)),
    "by_density": n.Flips(0.25, n.ByDensity()),
    "by_region to_default": n.Flips(0.1, n.ByRegion({"y < -0.5": 1.0}), n.ToDefault("a")),
    "by_score": n.Flips(0.25, n.ByScore({"x": 2.0})),
    "to_scores": n.Flips(0.25, towards=n.ToScores(temperature=0.3)),
}
MAPS: dict[str, n.Noise] = {
    "overprediction": n.Overprediction(0.3),
    "underprediction": n.Underprediction(0.3),
    "underextremity": n.Underextremity(0.3),
    "overextremity": n.Overextremity(0.3),
    "temperature 0.5": n.Temperature(0.5),
    "temperature 2": n.Temperature(2.0),
    "class_bias": n.ClassBias({"a": 1.0}),
    "prior_shift": n.PriorShift({"a": 0.6, "b": 0.2, "c": 0.2}),
    "rating_scale": n.RatingScale(4),
    "dirichlet": n.DirichletPerturbation(20.0),
    "panel": n.Panel(5),
    "logistic_normal": n.LogisticNormal(0.7),
    "gaussian": n.GaussianPerturbation(0.1),
    "varying symmetric": n.Varying(n.Symmetric(0.3)),
}


def setting() -> n.Setting:
    """Two features, three classes whose borders meet at one point."""
    generator = np.random.default_rng(2)
    frame = pd.DataFrame(generator.normal(size=(700, 2)), columns=["x", "y"])
    table = sp.Table.from_frame(frame)
    angles = np.array([90, 210, 330]) * np.pi / 180
    weights = {name: {"x": 3 * np.cos(a), "y": 3 * np.sin(a)} for name, a in zip(CLASSES, angles, strict=True)}
    function = ground_truth.Linear(weights).fit(table)
    return n.Setting(table, function, np.asarray(function.labels(table.features)))


def draw_rows(axes, node: n.Noise, own: n.Setting) -> None:
    """Labels after the noise; those that changed have an edge."""
    soft = np.eye(3)[own.labels]
    with jax.enable_x64(True):
        matrix = np.asarray(n.transition_at(node, own, soft, jax.random.key(3)))
    rows = np.broadcast_to(matrix, (len(soft), 3, 3))[np.arange(len(soft)), own.labels]
    generator = np.random.default_rng(0)
    noisy = np.array([generator.choice(3, p=row / row.sum()) for row in rows])
    colors, changed = np.array(class_colors(3)), noisy != own.labels
    for chosen, edge, size in ((~changed, "none", 7), (changed, "black", 16)):
        axes.scatter(*own.table.features[chosen].T, s=size, c=colors[noisy[chosen]], edgecolors=edge, linewidths=0.7)
    axes.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xticks=[], yticks=[], aspect="equal")


def grid(steps: int = 9) -> np.ndarray:
    """Soft labels all over the simplex, (points, 3)."""
    points = [(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    return np.array(points) / steps


def draw_simplex(axes, node: n.Noise, own: n.Setting) -> None:
    """Arrows from soft labels to what the node makes of them."""
    before = grid()
    with jax.enable_x64(True):
        fitted = node.fit(own)

        def after():
            parameters = fitted.sample_parameters()
            soft = jnp.asarray(before)
            context = n.row_context(fitted, parameters, soft, soft)[1]
            return n.push_forward(soft, fitted.transition(parameters, context))

        made = np.asarray(handlers.seed(after, jax.random.key(3))())
    start, end = before @ CORNERS, made @ CORNERS
    axes.plot(*CORNERS[[0, 1, 2, 0]].T, color="#999999", lw=0.8)
    axes.quiver(*start.T, *(end - start).T, angles="xy", scale_units="xy", scale=1, width=0.006, headwidth=5)
    for name, corner, shift in zip(CLASSES, CORNERS, [(-0.06, -0.02), (0.06, -0.02), (0, 0.07)], strict=True):
        axes.text(*(corner + shift), name, ha="center", va="center", fontsize=8)
    axes.set(xlim=(-0.12, 1.12), ylim=(-0.1, 1.0), aspect="equal")
    axes.set_axis_off()


def draw(nodes: dict[str, n.Noise], path: Path, *, rows: bool, simplex: bool, columns: int = 6) -> None:
    """A column a node: the data set, the simplex, or both; wrapped after `columns`."""
    own, kinds = setting(), [draw for draw, shown in ((draw_rows, rows), (draw_simplex, simplex)) if shown]
    columns = min(columns, len(nodes))
    bands = -(-len(nodes) // columns)
    figure = Figure(figsize=(2.0 * columns, 2.15 * bands * len(kinds)), layout="constrained")
    panels = figure.subplots(bands * len(kinds), columns, squeeze=False)
    for axes in panels.ravel():
        axes.set_axis_off()
    for place, (name, node) in enumerate(nodes.items()):
        band, column = divmod(place, columns)
        for offset, draw_one in enumerate(kinds):
            axes = panels[band * len(kinds) + offset, column]
            axes.set_axis_on()
            draw_one(axes, node, own)
            if offset == 0:
                axes.set_title(name, fontsize=9)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    draw(CHANNELS, folder / "noise_channels.png", rows=True, simplex=True)
    draw(FLIPS, folder / "noise_flips.png", rows=True, simplex=False, columns=4)
    draw(MAPS, folder / "noise_soft_labels.png", rows=False, simplex=True, columns=5)
