"""A process in words and as a graph: what depends on what, which step is exact and which is sampled."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path

from .errors import InputError
from .process import Process
from .process.description import integrated
from .soft_labels import Evaluator, Exact

_WIDTH = 100


@dataclasses.dataclass(frozen=True)
class Node:
    """A quantity: its site's name, how it comes about (`given`, `exact`, `averaged`, `sampled`), and from which others.

    `column` and `lane` place it in a picture.
    """

    name: str
    how: str
    parents: tuple[str, ...]
    words: str
    column: int
    lane: float


def graph(process: Process, evaluator: Evaluator) -> tuple[Node, ...]:
    """The quantities of a run, each after those that it depends on."""
    return (
        *_features(process),
        *_soft_branch(process, evaluator),
        *_hard_branch(process),
        *_votes(process),
        *_sets(process),
        *_recorded_features(process),
    )


def _features(process: Process) -> list[Node]:
    prior, names = process.prior, ", ".join(process.hidden)
    given = {"nothing": (), "observed": ("observed",), "observed_and_label": ("observed", "recorded_label")}
    nodes = [Node("observed", "given", (), "the features that stay, from the table", 0, 1.0)]
    if prior.conditions_on == "observed_and_label":
        nodes.append(Node("recorded_label", "given", (), "the ground truth's label of the row as it is", 0, 2.0))
    nodes.append(Node("theta", "sampled", (), "the prior's parameters, learned from the table", 0, 0.0))
    parents = ("theta", *given[prior.conditions_on])
    nodes.append(Node("hidden", "sampled", parents, f"{names}: {prior.explain()}", 1, 0.0))
    nodes.append(Node("label", "exact", ("observed", "hidden"), process.ground_truth.explain(), 2, 0.5))
    return nodes


def _soft_branch(process: Process, evaluator: Evaluator) -> list[Node]:
    words = f"the law of the label averaged over hidden features and theta by {evaluator.explain()}"
    average = "exact" if isinstance(evaluator, Exact) else "averaged"
    nodes = [Node("soft_label", average, ("label",), words, 3, 0.0)]
    cut = integrated(process.noise)
    for place, noise in enumerate(process.noise):
        how = average if place < cut else "exact"
        together = ", averaged together with the label, because it depends on hidden features" if place < cut else ""
        own = ("soft_label",) if noise.depends_on == "soft_label" and place else ()
        parents = (nodes[-1].name, *own)
        nodes.append(Node(f"{noise.label}.soft_label", how, parents, noise.explain() + together, 4 + place, 0.0))
    last = (nodes[-1].name,)
    return [*nodes, Node("noisy_soft_label", "exact", last, "the last of these", 4 + len(process.noise), 0.0)]


def _hard_branch(process: Process) -> list[Node]:
    nodes = [_start(process)]
    for place, noise in enumerate(process.noise):
        before = f"{process.noise[place - 1].label}.soft_label" if place else "soft_label"
        soft = {"soft_label": ("soft_label",), "noisy_soft_label": (before,)}
        source = {"nothing": (), "features": ("observed", "hidden"), **soft}
        parents = (nodes[-1].name, *source[noise.depends_on])
        counted = ", exactly as many as the rates add up to" if noise.selection == "exact_count" else ""
        nodes.append(Node(noise.label, "sampled", parents, noise.explain() + counted, 4 + place, 1.0))
    last = (nodes[-1].name,)
    return [*nodes, Node("noisy_hard_label", "exact", last, "the last of these", 4 + len(process.noise), 1.0)]


def _votes(process: Process) -> list[Node]:
    annotation = process.annotation
    if annotation is None:
        return []
    start = "noisy_hard_label" if annotation.labels_from == "shared" else "noisy_soft_label"
    own = "each vote starts from a label of its own, drawn from the noisy soft label"
    whose = own if annotation.labels_from == "own" else "all votes of a row start from its noisy hard label"
    known = {"soft_label": ("soft_label",), "noisy_soft_label": ("noisy_soft_label",)}
    source = {**known, "features": ("observed", "hidden")}
    parents = dict.fromkeys([start, *(name for it in sorted(annotation.depends_on) for name in source[it])])
    words = f"{annotation.explain()}; {whose}"
    return [Node("votes", "sampled", tuple(parents), words, 5 + len(process.noise), 0.5)]


def _sets(process: Process) -> list[Node]:
    observation = process.observation
    if observation is None:
        return []
    parents = ("noisy_hard_label", *sorted(observation.needs))
    words = f"what is recorded of the noisy hard label: {observation.explain()}"
    return [Node("observed_set", "sampled", parents, words, 5 + len(process.noise), 1.5)]


def _recorded_features(process: Process) -> list[Node]:
    noise = process.feature_noise
    nodes = [Node("observed", "given", (), "", 0, 1.0)]
    for place, one in enumerate(noise):
        which = "all observed ones that it takes" if one.features is None else ", ".join(one.features)
        how, words = "sampled" if one.is_random else "exact", f"noise on features ({which}): {one.explain()}"
        nodes.append(Node(f"feature_noise.{one.label}", how, (nodes[-1].name,), words, 1 + place, 2.5))
    words = "the last of these, beside labels that stay those at the true features"
    last = Node("noisy_feature", "exact", (nodes[-1].name,), words, 1 + len(noise), 2.5)
    return [*nodes[1:], last] if noise else []


def _start(process: Process) -> Node:
    if process.hard_from == "ground_truth":
        return Node("ground_truth_label", "given", (), "the ground truth's label of the row as it is", 3, 1.0)
    annotation = process.annotation
    if integrated(process.noise) or (annotation and "features" in annotation.depends_on):
        who = "the noise on them needs" if integrated(process.noise) else "annotators look at"
        words = f"the label at one draw of the hidden features, which {who}"
        return Node("drawn_label", "sampled", ("label",), words, 3, 1.0)
    return Node("drawn_label", "sampled", ("soft_label",), "one label drawn from the soft label", 3, 1.0)


def to_text(title: str, process: Process, evaluator: Evaluator) -> str:
    """The process in words, then its graph, a line for each quantity with what it depends on."""
    nodes = graph(process, evaluator)
    lines = [title, ""] if title else []
    for node in nodes:
        sentence = f"{node.name} ({node.how}): {node.words}."
        lines += textwrap.wrap(sentence, _WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += ["", *_warnings(process)]
    lines += [
        "given: data; exact: no randomness; averaged: exact, or with a standard error; sampled: one random draw",
        "",
    ]
    width = max(len(node.name) for node in nodes)
    lines += [f"  {node.name:<{width}}  {node.how:<8}  {_arrow(node)}".rstrip() for node in nodes]
    return "\n".join(lines)


def _arrow(node: Node) -> str:
    return f"<- {', '.join(node.parents)}" if node.parents else ""


def _warnings(process: Process) -> list[str]:
    if process.prior.conditions_on != "observed_and_label":
        return []
    sentence = (
        "The prior conditions on the ground-truth label, so soft labels are p(y given observed and label): do not rank "
        "them by label scores against priors that do not see it."
    )
    return [*textwrap.wrap(sentence, _WIDTH), ""]


def draw(process: Process, evaluator: Evaluator, path: str | Path) -> None:
    """The graph as a picture (the format by the file's ending), with Matplotlib alone.

    Raises:
        InputError: the ending is not a format that Matplotlib writes, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    nodes = graph(process, evaluator)
    height = 3.6 + max(0.0, max(node.lane for node in nodes) - 2.0)
    figure = Figure(figsize=(2.1 * (max(node.column for node in nodes) + 1), height), layout="constrained")
    axes = figure.add_subplot()
    places = {node.name: (float(node.column), -node.lane) for node in nodes}
    for node in nodes:
        for parent in node.parents:
            _draw_arrow(axes, places[parent], places[node.name])
        _draw_node(axes, node, places[node.name])
    axes.set(
        xlim=(-0.6, max(x for x, _ in places.values()) + 0.6), ylim=(min(y for _, y in places.values()) - 0.7, 0.7)
    )
    axes.set_axis_off()
    axes.legend(handles=_legend(), loc="lower center", ncols=4, frameon=False, fontsize=8)
    formats = figure.canvas.get_supported_filetypes()
    if Path(path).suffix.lstrip(".").lower() not in formats:
        raise InputError(f"`--graph` must end in one of {', '.join(sorted(formats))}; got {str(path)!r}.")
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise InputError(f"`--graph` {str(path)!r} cannot be written: {error.strerror}.") from None


_COLORS = {"given": "#e6e6e6", "exact": "#c9e4ca", "averaged": "#bcd7f5", "sampled": "#fbd9b5"}


def _draw_node(axes, node: Node, place: tuple[float, float]) -> None:
    box = {"boxstyle": "round,pad=0.4", "facecolor": _COLORS[node.how], "edgecolor": "#444444"}
    label = node.name.replace("_", " ").replace(".", "\n")
    wrapped = "\n".join(line for part in label.split("\n") for line in textwrap.wrap(part, 12))
    axes.text(*place, wrapped, ha="center", va="center", fontsize=8, bbox=box, zorder=3)


def _draw_arrow(axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    # Arrows along a lane that pass over other nodes are bent around them, away from the middle of the picture.
    bend = 0.12 if start[1] == end[1] and abs(end[0] - start[0]) > 1.5 else 0.0
    bend = bend if start[1] == 0 else -bend
    style = {"arrowstyle": "-|>", "color": "#444444", "shrinkA": 24, "shrinkB": 24}
    axes.annotate("", end, start, arrowprops={**style, "connectionstyle": f"arc3,rad={-bend}"}, zorder=1)


def _legend() -> list:
    from matplotlib.patches import Patch

    return [Patch(facecolor=color, edgecolor="#444444", label=how) for how, color in _COLORS.items()]
