"""Tables and priors of any numbers at a few fixed shapes, each beside its law in NumPy and SciPy, for Hypothesis."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from any_functions import NUMBERS, integers
from hypothesis import strategies as st
from scipy import special, stats

from synlabel_prob import priors as p
from synlabel_prob.columns import Column
from synlabel_prob.descriptions import fitted
from synlabel_prob.priors.matrix_normal import Regression

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


# --- normal and Student-t laws --------------------------------------------------------------------------


def elliptical(weights: np.ndarray, locations: np.ndarray, roots: np.ndarray, nu: float | None) -> RowLaw:
    """With the cdf of the only feature, where there is one."""

    def cdf(_: int, values: np.ndarray) -> np.ndarray:
        standard = (values - locations[:, 0, None]) / roots[:, 0, 0, None]
        return special.ndtr(standard) if nu is None else stats.t(nu).cdf(standard)

    return RowLaw(weights, cdf, (locations, roots, nu))


def regressors(given: p.Reference) -> np.ndarray:
    """The constant and the standardised observed features, (rows, regressors)."""
    spread = given.observed.std(0)
    scaled = (given.observed - given.observed.mean(0)) / np.where(spread > 0, spread, 1.0)
    return np.column_stack([np.ones(ROWS), scaled])


def conjugate(given: p.Reference, known: np.ndarray, residual_scale: float, *, exact: bool) -> list[RowLaw]:
    """The law of each row, by least squares with a row more for each coefficient, which stands for its prior."""
    dims, means, units = given.hidden.shape[1], given.hidden.mean(0), given.hidden.std(0)
    rows = np.concatenate([known, np.eye(known.shape[1]) / 10.0])
    aims = np.concatenate([(given.hidden - means) / units, np.zeros((known.shape[1], dims))])
    coefficients = np.linalg.lstsq(rows, aims)[0]
    scatter = residual_scale**2 * np.eye(dims) + (aims - rows @ coefficients).T @ (aims - rows @ coefficients)
    leverages = (np.linalg.qr(rows)[0][:ROWS] ** 2).sum(1)  # x' (X' X + 1 / c^2)^-1 x
    freedom, laws = dims + 2 + ROWS, []
    for row, leverage in zip(known, leverages, strict=True):
        nu = freedom - dims + 1.0 if exact else None
        covariance = scatter / nu * (1 + leverage) if nu else scatter / (freedom - dims - 1)
        root = units[:, None] * np.linalg.cholesky(covariance)
        laws.append(elliptical(np.ones(1), (means + units * (row @ coefficients))[None], root[None], nu))
    return laws


@st.composite
def regression(draw, given: p.Reference, *, exact: bool = True) -> Drawn:
    """Given the observed features, which may leave next to nothing open."""
    scale = draw(st.sampled_from([1e-3, 0.1, 2.0]))
    made = p.GaussianRegression(fit_by="exact" if exact else "point", residual_scale=scale)
    return made.fit(given, KEY), conjugate(given, regressors(given), scale, exact=exact)


@st.composite
def gaussian(draw, given: p.Reference) -> Drawn:
    """Student-t, given nothing."""
    scale = draw(st.sampled_from([1e-3, 0.1, 2.0]))
    return p.Gaussian(residual_scale=scale).fit(given, KEY), conjugate(given, np.ones((ROWS, 1)), scale, exact=True)


def gaussian_each(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """The same, features independent of each other."""
    own = [
        conjugate(dataclasses.replace(given, hidden=given.hidden[:, [place]]), np.ones((ROWS, 1)), 0.1, exact=True)
        for place in range(given.hidden.shape[1])
    ]

    def cdf(place: int, values: np.ndarray) -> np.ndarray:
        found = own[place][0].cdf
        assert found is not None
        return found(0, values)

    return st.just((p.Gaussian(joint=False).fit(given, KEY), alike(RowLaw(np.ones(1), cdf))))


def joint_kernels(given: p.Reference) -> st.SearchStrategy[Drawn]:
    """A normal kernel around each row."""
    hidden, dims = given.hidden, given.hidden.shape[1]
    covariance = np.atleast_2d(np.cov(hidden.T))
    covariance = covariance + 1e-9 * np.diag(np.diag(covariance))
    root = ROWS ** (-1 / (dims + 4)) * np.linalg.cholesky(covariance)
    law = elliptical(np.full(ROWS, 1 / ROWS), hidden, np.tile(root, (ROWS, 1, 1)), None)
    return st.just((p.JointKernelDensity().fit(given, KEY), alike(law)))


@st.composite
def several_thetas(draw, given: p.Reference, number: int = 3) -> Drawn:
    """A regression with kept draws of its parameters."""
    dims, known = given.hidden.shape[1], regressors(given)
    coefficients = draw(integers((number, known.shape[1], dims), -8, 8)) / 8
    below, diagonal = draw(integers((number, dims, dims), -8, 8)) / 8, draw(integers((number, dims), 1, 16)) / 16
    scale = np.tril(below, -1) + diagonal[:, :, None] * np.eye(dims)
    made = p.GaussianRegression(fit_by="point").fit(given, KEY)
    means, units = given.hidden.mean(0), given.hidden.std(0)
    weights = np.full(number, 1 / number)
    laws = [elliptical(weights, means + units * (row @ coefficients), units[:, None] * scale, None) for row in known]
    return dataclasses.replace(made, theta=Regression(coefficients, scale)), laws


@fitted
class StatedPrior(p.FittedPrior):
    """An elliptical law that is given, the same for all rows; nothing else is known of it."""

    theta: Any
    weights: np.ndarray
    locations: np.ndarray
    roots: np.ndarray
    degrees_of_freedom: Any
    has_pit = False
    has_density = False

    @property
    def uniform_dims(self) -> int:
        raise NotImplementedError

    def quantile(self, theta: Any, uniforms: Any, row: p.Row) -> Any:
        raise NotImplementedError

    def pit(self, theta: Any, hidden: Any, row: p.Row, jitter: Any) -> Any:
        raise NotImplementedError

    def log_density(self, theta: Any, hidden: Any, row: p.Row) -> Any:
        raise NotImplementedError

    def sample_theta(self, *, posterior: bool) -> Any:
        return ()

    def elliptical(self, theta: Any, row: p.Row) -> p.Elliptical:
        parts = (jnp.asarray(it) for it in (self.weights, self.locations, self.roots))
        return p.Elliptical(*parts, self.degrees_of_freedom)


@st.composite
def stated(draw, given: p.Reference, *, student: bool = False) -> Drawn:
    """Roots of whole numbers, many of them singular: features that are certain, or certain given each other."""
    dims = given.hidden.shape[1]
    first = draw(st.integers(1, 8)) / 8
    weights = np.array([first, 1 - first])
    locations, roots = draw(integers((2, dims), -8, 8)) / 4, draw(integers((2, dims, dims), -2, 2)) / 2
    nu = float(draw(st.integers(1, 9))) if student else None
    made = StatedPrior((), weights, locations, roots, None if nu is None else np.float64(nu))
    return made, alike(RowLaw(weights, elliptical=(locations, roots, nu)))
