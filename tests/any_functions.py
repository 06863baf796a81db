"""Functions of any numbers at a few fixed shapes, each beside the same function in NumPy, for Hypothesis to draw.

Features are eighths between -2 and 2, and so are thresholds, or the doubles beside them: many lie on data points. Other
numbers are short binary fractions, so that sums are exact and what ties in theory ties in floating point.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from synlabel_prob.ground_truth import Argmax, GroundTruthFunction
from synlabel_prob.ground_truth.ball import BallFunction
from synlabel_prob.ground_truth.encoding import Encoding
from synlabel_prob.ground_truth.linear import LinearFunction
from synlabel_prob.ground_truth.network import NetworkFunction
from synlabel_prob.ground_truth.outcome import Outcome
from synlabel_prob.ground_truth.quadratic import QuadraticFunction
from synlabel_prob.ground_truth.trees import TreesFunction

NUMBERS = 4
UNITS = 5


class Function(NamedTuple):
    """A function and its double.

    Attributes:
        made: what is tested.
        labels: features (rows, features) to codes (rows,), in NumPy.
        cuts: features (features,) and a place to the values of that feature between which the label is constant.
        cells_hold: "upper" where a cell between cuts holds its upper end, as of trees; else "middle".
        scores: weights (classes, features) and intercepts (classes,) of linear scores.
    """

    made: GroundTruthFunction
    labels: Callable[[np.ndarray], np.ndarray]
    cuts: Callable[[np.ndarray, int], np.ndarray]
    cells_hold: str = "middle"
    scores: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def classes(self) -> int:
        return len(self.made.classes)


def integers(shape: Any, lowest: int, highest: int) -> st.SearchStrategy[np.ndarray]:
    """Every entry drawn on its own."""
    return hnp.arrays(np.int64, shape, elements=st.integers(lowest, highest), fill=st.nothing())


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"c{code}" for code in range(classes))


def outcome(link: str, rule: str, classes: int, cut: float = 0.0) -> Outcome:
    return Outcome(link, rule, tuple(range(classes)), Argmax(), names(classes), cut)  # type: ignore[arg-type]


# --- trees ----------------------------------------------------------------------------------------------


@st.composite
def trees(draw, classes: int, *, number: int = 1, depth: int = 5, leaves: str = "votes", levels: int = 0) -> Function:
    """Complete trees. Each feature has as many distinct thresholds in every draw, so that shapes stay.

    Leaves hold a vote for one class, tenths for all classes, or tenths for one class in turn (`each`: the two classes
    of one output where classes are two). The last feature has `levels`, if there are any.
    """
    inner, features = 2**depth - 1, NUMBERS + (levels > 0)
    feature = np.arange(number * inner) % features
    feature = feature[draw(st.permutations(range(number * inner)))].reshape(number, inner)
    threshold, level = np.zeros((number, inner)), np.full((number, inner), -1)
    for place in range(NUMBERS):
        mine = feature == place
        threshold[mine] = draw(thresholds(int(mine.sum())))
    if levels:
        level[feature == NUMBERS] = draw(integers(int((feature == NUMBERS).sum()), 0, levels - 1))
    outputs = classes if leaves != "each" or classes > 2 else 1
    values = draw(leaf_values(number * 2**depth, classes, leaves)).reshape(number, 2**depth, -1)
    output = np.arange(number) % outputs if leaves == "each" else np.full(number, -1)
    base = np.zeros(outputs) if leaves == "votes" else draw(integers(outputs, -5, 5)) / 10
    own = outcome("none", "above" if outputs == 1 else "largest", classes, 0.1 if outputs == 1 else 0.0)
    is_mean = leaves == "votes"
    made = TreesFunction.of(flat(feature, threshold, level, values, output, base), features, own, is_mean=is_mean)

    def labels(rows: np.ndarray) -> np.ndarray:
        sums = np.tile(base, (len(rows), 1))
        for tree in range(number):
            own = values[tree, leaf_of(rows, feature[tree], threshold[tree], level[tree], depth)]
            if output[tree] < 0:
                sums = sums + own
            else:
                sums[:, output[tree]] += own[:, 0]
        sums = sums / number if is_mean else sums
        return (sums[:, 0] > 0.1).astype(int) if outputs == 1 else sums.argmax(1)

    def cuts(_: np.ndarray, place: int) -> np.ndarray:
        return np.arange(levels - 1.0) if place == NUMBERS else np.unique(threshold[feature == place])

    return Function(made, labels, cuts, "upper")


@st.composite
def thresholds(draw, number: int) -> np.ndarray:
    """Different ones: eighths, and the doubles beside them."""
    places = st.tuples(st.integers(-17, 17), st.integers(-1, 1))
    found = draw(st.lists(places, min_size=number, max_size=number, unique=True))
    # The doubles beside 0 are too small for XLA.
    return np.array(
        [np.nextafter(at / 8, side * np.inf) if side and at else (at + 1e-9 * side) / 8 for at, side in found]
    )


@st.composite
def leaf_values(draw, leaves: int, classes: int, kind: str) -> np.ndarray:
    """(leaves, values). Every class has a vote, and the first one the most, because shapes depend on that."""
    if kind != "votes":
        return draw(integers((leaves, 1 if kind == "each" else classes), -6, 6)) / 10
    codes = draw(integers(leaves, 0, classes - 1))
    codes[draw(st.permutations(range(leaves)))[:classes]] = np.arange(classes)
    most = np.bincount(codes).argmax()
    swapped = np.arange(classes)
    swapped[[0, most]] = most, 0
    return np.eye(classes)[swapped[codes]]


def flat(feature: np.ndarray, threshold: Any, level: Any, values: Any, output: Any, base: Any) -> dict[str, Any]:
    """The nodes of all trees one after another, each tree level by level."""
    number, inner = feature.shape
    every, nodes = 2 * inner + 1, np.arange(2 * inner + 1)
    starts = every * np.arange(number)[:, None]
    rest, is_leaf = np.zeros((number, inner + 1), dtype=int), nodes >= inner
    return {
        "feature": np.concatenate([feature, rest - 1], 1).ravel(),
        "threshold": np.concatenate([threshold, rest * 0.0], 1).ravel(),
        "level": np.concatenate([level, rest - 1], 1).ravel(),
        "left": (starts + np.where(is_leaf, nodes, 2 * nodes + 1)).ravel(),
        "right": (starts + np.where(is_leaf, nodes, 2 * nodes + 2)).ravel(),
        "missing_left": np.zeros(number * every, dtype=bool),
        "leaf_values": np.concatenate([np.zeros((number, inner, values.shape[2])), values], 1).reshape(
            -1, values.shape[2]
        ),
        "roots": starts[:, 0],
        "output": output,
        "base": base,
    }


def leaf_of(rows: np.ndarray, feature: np.ndarray, threshold: np.ndarray, level: np.ndarray, depth: int) -> np.ndarray:
    """The leaf of one tree that each row ends in, (rows,)."""
    node = np.zeros(len(rows), dtype=int)
    for _ in range(depth):
        value = rows[np.arange(len(rows)), feature[node]]
        to_right = np.where(level[node] < 0, value > threshold[node], value == level[node])
        node = 2 * node + 1 + to_right
    return node - len(feature)


# --- scores ---------------------------------------------------------------------------------------------


@st.composite
def linear(draw, classes: int) -> Function:
    """One class may be a copy of another, differ from it by a constant or, of three or more, be excluded."""
    weights, intercepts = draw(integers((classes, NUMBERS), -8, 8)) / 4, draw(integers(classes, -8, 8)) / 4
    weights *= draw(integers(NUMBERS, 0, 4)) > 0  # a feature without a part in it, one time in five
    first, second = draw(st.permutations(range(classes)))[:2]
    how = draw(st.sampled_from(["as it is", "copy", "parallel", "excluded"]))
    if how in ("copy", "parallel"):
        weights[second] = weights[first]
        intercepts[second] = intercepts[first] if how == "copy" else intercepts[second]
    elif how == "excluded" and classes > 2:
        intercepts[second] = -np.inf
    made = LinearFunction(weights, intercepts, Argmax(), names(classes))

    def cuts(row: np.ndarray, place: int) -> np.ndarray:
        start = np.where(np.arange(NUMBERS) == place, 0.0, row)
        return crossings(weights @ start + intercepts, weights[:, place])

    return Function(made, lambda rows: (rows @ weights.T + intercepts).argmax(1), cuts, scores=(weights, intercepts))


def crossings(values: np.ndarray, slopes: np.ndarray, curvatures: np.ndarray | float = 0.0) -> np.ndarray:
    """Where two of the parabolas values + slopes t + curvatures t^2 meet, by the formula from school."""
    found, every = [], np.broadcast_to(curvatures, slopes.shape)
    for i, j in itertools.combinations(range(len(values)), 2):
        c, b, a = values[i] - values[j], slopes[i] - slopes[j], every[i] - every[j]
        if a != 0 and b * b >= 4 * a * c:
            found += [(-b - np.sqrt(b * b - 4 * a * c)) / (2 * a), (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)]
        elif a == 0 and b != 0 and np.isfinite(c):
            found.append(-c / b)
    return np.array(found)


@st.composite
def quadratic(draw, classes: int, *, factors: bool) -> Function:
    """Scores with a variance for each column, or a factor of rank two; columns are scaled first."""
    shift, scale = draw(integers(NUMBERS, -4, 4)) / 4, 2.0 ** draw(integers(NUMBERS, -1, 1))
    steps = np.stack([shift, scale, np.ones(NUMBERS), np.zeros(NUMBERS)])[None]
    priors, means = draw(integers(classes, -8, 8)) / 4, draw(integers((classes, NUMBERS), -8, 8)) / 4
    if factors:
        spreads = draw(integers((classes, NUMBERS, 2), -2, 2)) / 2
    else:
        spreads = 2.0 ** draw(integers((classes, NUMBERS), -2, 2))
    encoding = Encoding(steps, tuple(range(NUMBERS)), (-1,) * NUMBERS)
    parts = (encoding, outcome("softmax", "largest", classes), names(classes))
    made = QuadraticFunction(priors, np.zeros(classes), means, spreads, *parts)

    def scores(rows: np.ndarray) -> np.ndarray:
        gaps = ((rows - shift) / scale)[:, None] - means
        if factors:
            return priors - 0.5 * (np.einsum("nkf,kfr->nkr", gaps, spreads) ** 2).sum(2)
        return priors - 0.5 * (gaps**2 / spreads).sum(2)

    def cuts(row: np.ndarray, place: int) -> np.ndarray:
        three = np.tile(row, (3, 1))
        three[:, place] = [-1, 0, 1]
        below, here, above = scores(three)
        return crossings(here, 0.5 * (above - below), 0.5 * (above + below) - here)

    return Function(made, lambda rows: scores(rows).argmax(1), cuts)


@st.composite
def balls(draw) -> Function:
    """Balls and rings of three features, their radii so that they may touch a line of data points."""
    center, inner = draw(integers(3, -8, 8)) / 8, draw(st.integers(0, 8)) / 8
    radius = inner + draw(st.integers(1, 16)) / 8
    made = BallFunction(center, inner, radius, (0, 1, 2), names(2))

    def labels(rows: np.ndarray) -> np.ndarray:
        squares = ((rows[:, :3] - center) ** 2).sum(1)
        return 1 - ((squares >= inner**2) & (squares <= radius**2))

    def cuts(row: np.ndarray, place: int) -> np.ndarray:
        if place > 2:
            return np.zeros(0)
        left = np.array([radius, inner]) ** 2 - ((np.delete(row[:3] - center, place)) ** 2).sum()
        halves = np.sqrt(left[left >= 0])
        return center[place] + np.concatenate([-halves, halves])

    return Function(made, labels, cuts)


@st.composite
def networks(draw, classes: int) -> Function:
    """One layer of rectified units; two classes have one output."""
    outputs = classes if classes > 2 else 1
    first, added = draw(integers((NUMBERS, UNITS), -4, 4)) / 4, draw(integers(UNITS, -8, 8)) / 8
    last, offsets = draw(integers((UNITS, outputs), -8, 8)) / 4, draw(integers(outputs, -4, 4)) / 4
    encoding = Encoding(np.zeros((0, 4, NUMBERS)), tuple(range(NUMBERS)), (-1,) * NUMBERS)
    own = outcome("fractions", "above" if outputs == 1 else "largest", classes, 0.5 if outputs == 1 else 0.0)
    made = NetworkFunction((first, last), (added, offsets), encoding, "relu", own, names(classes))
    weights, ends = (np.pad(it, [(0, 0)] * (it.ndim - 1) + [(classes - outputs, 0)]) for it in (last, offsets))

    def cuts(row: np.ndarray, place: int) -> np.ndarray:
        sums, rates = np.where(np.arange(NUMBERS) == place, 0.0, row) @ first + added, first[place]
        kinks = np.unique(-sums[rates != 0] / rates[rates != 0])
        found = [kinks]
        for inside in insides(kinks):
            works = sums + rates * inside > 0
            found.append(crossings((works * sums) @ weights + ends, (works * rates) @ weights))
        return np.concatenate(found)

    return Function(made, lambda rows: (np.maximum(rows @ first + added, 0) @ weights + ends).argmax(1), cuts)


def insides(cuts: np.ndarray) -> np.ndarray:
    """A value inside each interval between sorted cuts, (cuts + 1,)."""
    if not len(cuts):
        return np.zeros(1)
    return np.concatenate(
        [[cuts[0] - 1 - abs(cuts[0])], 0.5 * cuts[:-1] + 0.5 * cuts[1:], [cuts[-1] + 1 + abs(cuts[-1])]]
    )
