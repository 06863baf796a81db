"""Tables and priors of any numbers at a few fixed shapes, each beside its law in NumPy and SciPy, for Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from any_functions import NUMBERS, integers
from hypothesis import strategies as st
from scipy import special, stats

from synlabel_prob import priors as p
from synlabel_prob.columns import Column

ROWS = 8
LEVELS = ("u", "v", "w")
KEY = jax.random.key(3)


class RowLaw(NamedTuple):
    """The law of one row's hidden features: a mixture with `weights (components,)`, or `atoms`.

    Attributes:
        cdf: place and values (points,) to P(feature <= value) by component, (components, points); components have
            independent features.
        elliptical: locations (components, hidden), roots (components, hidden, hidden), degrees of freedom or None.
        atoms: values (points, hidden), with `weights (points,)`.
    """

    weights: np.ndarray
    cdf: Callable[[int, np.ndarray], np.ndarray] | None = None
    elliptical: tuple[np.ndarray, np.ndarray, float | None] | None = None
    atoms: np.ndarray | None = None


Drawn = tuple[p.FittedPrior, list[RowLaw]]


@st.composite
def tables(draw, hidden: Sequence[int], *, distinct: bool = False, levels: bool = False) -> np.ndarray:
    """Eighths (rows, features): columns may be copies, sums, constant or of two values; hidden ones vary.

    `distinct`: hidden numbers have six values, two of them twice, because the shapes of kernels depend on that.
    """
    features = draw(integers((ROWS, NUMBERS), -16, 16)) / 8
    for place in hidden:
        if place < NUMBERS and distinct:
            six = draw(st.lists(st.integers(-16, 16), min_size=6, max_size=6, unique=True))
            features[:, place] = np.array([*six, *six[:2]]) / 8
        elif place < NUMBERS and np.ptp(features[:, place]) == 0:
            features[0, place] += 1
    others = [place for place in range(NUMBERS) if place not in hidden]
    for place in others:
        first, second = draw(st.permutations([it for it in range(NUMBERS) if it != place]))[:2]
        how = draw(st.sampled_from(["as it is", "copy", "sum", "constant", "two values"]))
        if how == "copy":
            features[:, place] = features[:, first]
        elif how == "sum":
            features[:, place] = 0.5 * features[:, first] - 0.5 * features[:, second]
        elif how != "as it is":
            features[:, place] = 0.5 * (features[:, place] > 0) if how == "two values" else features[0, place]
    if levels:
        features = np.column_stack([features, draw(integers(ROWS, 0, len(LEVELS) - 1))])
    return features


def reference(features: np.ndarray, hidden: Sequence[int], labels: np.ndarray, classes: tuple) -> p.Reference:
    """The rows, whose features after the numbers have levels."""
    columns = [Column(name, "continuous") for name in "abcd"]
    columns += [Column("e", "categorical", LEVELS)] * (features.shape[1] - NUMBERS)
    observed = [place for place in range(len(columns)) if place not in hidden]
    named = (tuple(columns[place] for place in own) for own in (hidden, observed))
    return p.Reference(features[:, list(hidden)], features[:, observed], labels, *named, classes)


def kernel(places: Any, widths: Any) -> Callable[[np.ndarray], np.ndarray]:
    """The cdfs of normal laws, (laws, points)."""
    return lambda values: special.ndtr((values - np.reshape(places, (-1, 1))) / np.reshape(widths, (-1, 1)))


def alike(law: RowLaw) -> list[RowLaw]:
    return [law] * ROWS


def bandwidth(values: np.ndarray) -> float:
    return ROWS**-0.2 * values.std(ddof=1)


# --- independent features -------------------------------------------------------------------------------


@st.composite
def uniform(draw, given: p.Reference) -> Drawn:
    """Over ranges that may leave data out."""
    names, ranges = [column.name for column in given.hidden_columns], {}
    for name in names:
        low = draw(st.integers(-20, 12)) / 8
        ranges[name] = (low, low + draw(st.integers(1, 24)) / 8)

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        low, high = ranges[names[place]]
        return stats.uniform(low, high - low).cdf(values)[None]

    return p.Uniform(ranges).fit(given, KEY), alike(RowLaw(np.ones(1), cdf))


def kernels(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """A kernel density for each feature."""

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        own = given.hidden[:, place]
        return kernel(own, bandwidth(own))(values).mean(0)[None]

    return st.just((p.KernelDensity().fit(given, KEY), alike(RowLaw(np.ones(1), cdf))))


def histogram(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """Of four bins."""
    counts, edges = np.histogram(given.hidden[:, 0], 4)
    below = np.append(0.0, np.cumsum((counts + 0.5) / (ROWS + 2)))
    law = RowLaw(np.ones(1), lambda _, values: np.interp(values, edges, below)[None])
    return st.just((p.Histogram(4).fit(given, KEY), alike(law)))


@st.composite
def berkson(draw, given: p.Reference) -> Drawn:
    """Around the row's own values."""
    scale = draw(st.sampled_from([1e-6, 0.1, 1.0, 30.0]))
    widths = scale * given.hidden.std(0)
    laws = [
        RowLaw(np.ones(1), lambda place, it, own=own: kernel(own[place], widths[place])(it)) for own in given.hidden
    ]
    return p.Berkson(scale).fit(given, KEY), laws


@st.composite
def mixture_of_priors(draw, given: p.Reference) -> Drawn:
    """A spike at the recorded value, and a slab."""
    scale, name, share = draw(st.sampled_from([1e-3, 0.5])), given.hidden_columns[0].name, 0.25
    low = draw(st.integers(-20, 12)) / 8
    high = low + draw(st.integers(1, 24)) / 8
    slab = stats.uniform(low, high - low)
    parts = (p.Share(share, p.Uniform({name: (low, high)})), p.Share(1 - share, p.Berkson(scale)))
    width = scale * given.hidden.std(0)[0]
    laws = [
        RowLaw(np.ones(1), lambda _, it, own=own: share * slab.cdf(it) + (1 - share) * kernel(own[0], width)(it))
        for own in given.hidden
    ]
    return p.FiniteMixture(parts).fit(given, KEY), laws


def values_drawn_again(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """Each feature from its own observed values."""

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        return (given.hidden[:, [place]] <= values).mean(0)[None]

    return st.just((p.Empirical(joint=False).fit(given, KEY), alike(RowLaw(np.ones(1), cdf))))


def frequencies(codes: np.ndarray) -> np.ndarray:
    return (np.bincount(codes.astype(int), minlength=len(LEVELS)) + 0.5) / (ROWS + 0.5 * len(LEVELS))


def below_level(chances: np.ndarray, values: np.ndarray) -> np.ndarray:
    """P(code <= value) from chances (components, levels), (components, points)."""
    return chances @ (np.arange(len(LEVELS))[:, None] <= values)


def levels(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """The only hidden feature, by its frequencies."""
    law = RowLaw(np.ones(1), lambda _, values: below_level(frequencies(given.hidden[:, 0])[None], values))
    return st.just((p.Categorical().fit(given, KEY), alike(law)))


def number_beside_level(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """Independent of each other."""
    number, codes = given.hidden.T

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        if place:
            return below_level(frequencies(codes)[None], values)
        return kernel(number, bandwidth(number))(values).mean(0)[None]

    names = [(column.name,) for column in given.hidden_columns]
    blocks = (p.Block(names[0], p.KernelDensity()), p.Block(names[1], p.Categorical()))
    return st.just((p.Product(blocks).fit(given, KEY), alike(RowLaw(np.ones(1), cdf))))


def number_with_level(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """A kernel around each row: the level stays but with probability n^(-2/5), and is then any one."""
    number, codes = given.hidden.T
    share = ROWS ** (-2 / 5)
    chances = (1 - share) * np.eye(len(LEVELS))[codes.astype(int)] + share / len(LEVELS)
    widths = bandwidth(number) * np.sqrt(1 + 1e-9)

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        return below_level(chances, values) if place else kernel(number, np.full(ROWS, widths))(values)

    return st.just((p.JointKernelDensity().fit(given, KEY), alike(RowLaw(np.full(ROWS, 1 / ROWS), cdf))))


# --- atoms ----------------------------------------------------------------------------------------------


def rows_drawn_again(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """All rows alike."""
    law = RowLaw(np.full(ROWS, 1 / ROWS), atoms=given.hidden)
    return st.just((p.Empirical().fit(given, KEY), alike(law)))


@st.composite
def similar_rows(draw, given: p.Reference) -> Drawn:
    """Other rows by a normal kernel of the distance; all observed features are numbers."""
    width = draw(st.sampled_from([0.3, 1.0, 5.0]))
    spread = given.observed.std(0)
    scaled = given.observed / np.where(spread > 0, spread, 1.0)
    squares = ((scaled[:, None] - scaled) ** 2).sum(2)
    np.fill_diagonal(squares, np.inf)
    weights = special.softmax(-0.5 * squares / width**2, axis=1)
    return p.SimilarRows(bandwidth=width).fit(given, KEY), [RowLaw(own, atoms=given.hidden) for own in weights]
