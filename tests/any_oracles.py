"""Soft labels of one row by sums over cells, over atoms, and by adaptive quadrature, in NumPy and SciPy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from any_functions import Function, insides
from any_priors import RowLaw
from scipy import special
from scipy.integrate import quad_vec


def expected(function: Function, law: RowLaw, row: np.ndarray, hidden: Sequence[int]) -> np.ndarray:
    """The probability of each class, (classes,), by the one that fits."""
    if law.atoms is not None:
        return by_atoms(function, law, row, hidden)
    if law.elliptical is not None and len(hidden) > 1:
        return by_quadrature(function, law, row, hidden)
    return by_cells(function, law, row, hidden)


def by_atoms(function: Function, law: RowLaw, row: np.ndarray, hidden: Sequence[int]) -> np.ndarray:
    """The label of every value."""
    assert law.atoms is not None
    every = np.tile(row, (len(law.atoms), 1))
    every[:, list(hidden)] = law.atoms
    return np.bincount(function.labels(every), law.weights, function.classes)


def by_cells(function: Function, law: RowLaw, row: np.ndarray, hidden: Sequence[int]) -> np.ndarray:
    """The label of every cell between cuts of all hidden features, by the products of its sides' probabilities."""
    assert law.cdf is not None
    points, masses = [], np.ones((len(law.weights), 1))
    for place, column in enumerate(hidden):
        cuts = np.unique(function.cuts(row, column))
        points.append(np.append(cuts, cuts[-1:] + 1) if function.cells_hold == "upper" else insides(cuts))
        below = np.pad(law.cdf(place, cuts), [(0, 0), (1, 0)])
        sides = np.diff(np.pad(below, [(0, 0), (0, 1)], constant_values=1.0), axis=1)
        masses = (masses[:, :, None] * sides[:, None]).reshape(len(law.weights), -1)
    cells = np.array(list(itertools.product(*points)))
    every = np.tile(row, (len(cells), 1))
    every[:, list(hidden)] = cells
    return np.bincount(function.labels(every), law.weights @ masses, function.classes)


def by_quadrature(function: Function, law: RowLaw, row: np.ndarray, hidden: Sequence[int]) -> np.ndarray:
    """Of linear scores and a mixture of normal or t laws, component by component."""
    means, slopes = scores_along(function, row, hidden)
    assert law.elliptical is not None
    locations, roots, nu = law.elliptical
    parts = zip(law.weights, locations, roots, strict=True)
    # Not by BLAS, which may round equal rows differently: classes with equal scores would change places somewhere.
    return sum(
        weight * largest(means + (slopes * location).sum(1), (slopes[:, :, None] * root).sum(1), nu)
        for weight, location, root in parts
    )


def scores_along(function: Function, row: np.ndarray, hidden: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Scores where the hidden features are 0, (classes,), and slopes (classes, hidden)."""
    assert function.scores is not None
    weights, intercepts = function.scores
    start = row.copy()
    start[list(hidden)] = 0
    return (weights * start).sum(1) + intercepts, weights[:, list(hidden)]


def largest(means: np.ndarray, directions: np.ndarray, nu: float | None) -> np.ndarray:
    """P(means + directions @ z is the largest) for each class, by whatever the number of classes asks for."""
    found, able = np.zeros(len(means)), np.isfinite(means)
    means, directions = means[able], directions[able]
    if len(means) == 2:
        found[able] = of_two(means, directions, nu)
    else:
        plane = directions if directions.shape[1] == 2 else in_their_plane(directions)
        found[able] = over_the_plane(means, plane, nu)
    return found


def of_two(means: np.ndarray, directions: np.ndarray, nu: float | None) -> np.ndarray:
    """By the cdf of the difference."""
    lead, deviation = means[1] - means[0], np.sqrt(((directions[1] - directions[0]) ** 2).sum())
    if deviation == 0:
        return np.array([lead <= 0, lead > 0]) * 1.0
    standard = np.array([-lead, lead]) / deviation
    return special.ndtr(standard) if nu is None else special.stdtr(nu, standard)


def in_their_plane(directions: np.ndarray) -> np.ndarray:
    """Three directions in any space as (3, 2), up to what they have in common; equal ones stay equal."""
    _, sizes, axes = np.linalg.svd(directions[1:] - directions[0])
    axes[:2][sizes <= 1e-12 * sizes[0]] = 0
    return ((directions - directions[0])[:, None] * axes[:2]).sum(2)


def over_the_plane(means: np.ndarray, directions: np.ndarray, nu: float | None) -> np.ndarray:
    """The chances along a line, exact, integrated over the law of the line's place by adaptive quadrature.

    The plane is turned first, because scores of short numbers would change along the lines. The integrand has kinks
    where three scores meet.
    """
    cosine, sine = np.cos(0.7), np.sin(0.7)
    across, along = (
        directions[:, 0] * cosine + directions[:, 1] * sine,
        directions[:, 1] * cosine - directions[:, 0] * sine,
    )
    if nu is None:
        place, share, cdf = special.ndtri, special.ndtr, special.ndtr
    else:
        place, share = (lambda uniform: special.stdtrit(nu, uniform)), (lambda at: special.stdtr(nu, at))
        cdf = lambda at: special.stdtr(nu + 1, at)  # noqa: E731

    def chances(uniform: float) -> np.ndarray:
        at = place(uniform)
        width = 1.0 if nu is None else np.sqrt((nu + at**2) / (nu + 1))
        return on_a_line(means + across * at, width * along, cdf)

    cuts = share(meeting_points(means, across, along))
    cuts = np.unique(np.append(cuts[(cuts > 1e-12) & (cuts < 1 - 1e-12)], [1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6]))
    found, error = quad_vec(chances, 0.0, 1.0, epsabs=1e-12, epsrel=0.0, norm="max", limit=2000, points=tuple(cuts))
    assert error < 1e-10
    return found


def meeting_points(means: np.ndarray, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    """The first coordinates of the points where three scores, or two in the middle of a line, meet above all others."""
    triples = np.array(list(itertools.combinations(range(len(means)), 3)))
    i, j, k = triples.T
    left = np.stack([across[i] - across[j], along[i] - along[j], across[i] - across[k], along[i] - along[k]])
    first, second = means[j] - means[i], means[k] - means[i]
    determinant = left[0] * left[3] - left[1] * left[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (first * left[3] - left[1] * second) / determinant
        y = (left[0] * second - first * left[2]) / determinant
        i, j = np.triu_indices(len(means), 1)
        x = np.append(x, (means[j] - means[i]) / (across[i] - across[j]))
    y = np.append(y, np.zeros(len(i)))
    who = np.append(triples[:, 0], i)
    x, y, who = (it[np.isfinite(x) & np.isfinite(y)] for it in (x, y, who))
    scores = means + across * x[:, None] + along * y[:, None]
    size = np.abs(scores).max(1, initial=1.0)
    return x[scores[np.arange(len(who)), who] >= scores.max(1, initial=-np.inf) - 1e-9 * size]


def on_a_line(means: np.ndarray, slopes: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """P(means + slopes z is the largest) for each class: z lies between the places where two of them cross."""
    first, second = np.triu_indices(len(means), 1)
    gaps = slopes[first] - slopes[second]
    differ = gaps != 0
    cuts = np.sort((means[second] - means[first])[differ] / gaps[differ])
    winner = (means + slopes * insides(cuts)[:, None]).argmax(1)
    return np.bincount(winner, np.diff(np.concatenate([[0.0], cdf(cuts), [1.0]])), len(means))
