"""Every exact route on cases that Hypothesis draws: tables, functions and priors, against sums, cdfs and quadrature.

Each kind of case fixes the shapes, because a new shape is a new program; all numbers are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import any_elliptical_priors as e
import any_functions as f
import any_priors as p
import jax
import numpy as np
import pytest
from any_oracles import expected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synlabel_prob.soft_labels.exact import ROUTES
from synlabel_prob.soft_labels.integrand import LabelLaw
from synlabel_prob.soft_labels.tiles import on_device


class Kind(NamedTuple):
    """Shapes of cases, which routes answer them, and how many rows are worked out again."""

    function: Any
    prior: Callable[[Any], Any]
    hidden: tuple[int, ...]
    routes: set[str]
    rows: int = p.ROWS
    distinct: bool = False
    levels: bool = False


INTERVALS, BOXES, BOTH = {"Intervals"}, {"BoxSums"}, {"Intervals", "BoxSums"}
DIFFERENCES, POLYGONS = {"HalfSpaces"}, {"Polygons"}
TREE = f.trees(3)
ON_LEVELS = f.trees(3, levels=len(p.LEVELS))

KINDS = {
    # intervals of one number, boxes of one tree
    "tree, uniform": Kind(TREE, p.uniform, (1,), BOTH),
    "tree of 20 classes, kernels": Kind(f.trees(20), p.kernels, (0,), BOTH, distinct=True),
    "tree, regression": Kind(TREE, e.regression, (2,), BOTH),
    "tree, values": Kind(TREE, p.values_drawn_again, (3,), BOTH | {"Enumeration"}),
    "tree, two with kernels": Kind(TREE, p.kernels, (0, 3), BOXES, distinct=True),
    "tree of 5 classes, three uniform": Kind(f.trees(5), p.uniform, (0, 1, 3), BOXES, rows=2),
    "tree, two normal": Kind(TREE, e.gaussian_each, (2, 1), BOXES),
    "tree, two with values": Kind(TREE, p.values_drawn_again, (1, 2), BOXES),
    "votes of 5 classes, regression": Kind(f.trees(5, number=4, depth=3), e.regression, (1,), INTERVALS),
    "votes of 20 classes, histogram": Kind(f.trees(20, number=7, depth=4), p.histogram, (2,), INTERVALS),
    "sums, Berkson": Kind(f.trees(3, number=6, depth=3, leaves="each"), p.berkson, (0,), INTERVALS),
    "sums of 2 classes, uniform": Kind(f.trees(2, number=5, depth=3, leaves="each"), p.uniform, (0,), INTERVALS),
    "sums of all classes, mixture": Kind(
        f.trees(4, number=5, depth=3, leaves="all"), p.mixture_of_priors, (3,), INTERVALS
    ),
    "lines of 20 classes, regression": Kind(f.linear(20), e.regression, (0,), INTERVALS),
    "lines of 3 classes, normal": Kind(
        f.linear(3), lambda it: e.regression(it, exact=False), (1,), INTERVALS | DIFFERENCES
    ),
    "lines of 2 classes, uniform": Kind(f.linear(2), p.uniform, (3,), INTERVALS),
    "lines of 5 classes, thetas": Kind(f.linear(5), e.several_thetas, (2,), INTERVALS),
    "lines of 3 classes, joint kernels": Kind(f.linear(3), e.joint_kernels, (0,), INTERVALS | DIFFERENCES),
    "parabolas, regression": Kind(f.quadratic(3, factors=False), e.regression, (0,), INTERVALS),
    "parabolas of 5 classes, Berkson": Kind(f.quadratic(5, factors=True), p.berkson, (1,), INTERVALS),
    "ball, kernels": Kind(f.balls(), p.kernels, (1,), INTERVALS, distinct=True),
    "network, regression": Kind(f.networks(3), e.regression, (0,), INTERVALS),
    "network of 2 classes, uniform": Kind(f.networks(2), p.uniform, (2,), INTERVALS),
    # finitely many values
    "levels": Kind(ON_LEVELS, p.levels, (4,), BOXES | {"Enumeration"}, levels=True),
    "number beside level": Kind(ON_LEVELS, p.number_beside_level, (1, 4), BOXES, distinct=True, levels=True),
    "number with level": Kind(ON_LEVELS, p.number_with_level, (2, 4), BOXES, levels=True),
    "rows": Kind(ON_LEVELS, p.rows_drawn_again, (0, 4), {"Enumeration"}, levels=True),
    "similar rows": Kind(f.networks(3), p.similar_rows, (1, 2), {"Enumeration"}),
    # linear scores of several numbers
    "2 classes, regression": Kind(f.linear(2), e.regression, (0, 2, 1), DIFFERENCES),
    "3 classes, gaussian": Kind(f.linear(3), e.gaussian, (0, 1, 3), DIFFERENCES, rows=2),
    "3 classes, stated": Kind(f.linear(3), e.stated, (3, 1, 0), DIFFERENCES, rows=2),
    "3 classes, stated plane": Kind(f.linear(3), e.stated, (1, 2), DIFFERENCES | POLYGONS, rows=2),
    "3 classes, stated t": Kind(
        f.linear(3), lambda it: e.stated(it, student=True), (0, 2), DIFFERENCES | POLYGONS, rows=2
    ),
    "3 classes, joint kernels": Kind(f.linear(3), e.joint_kernels, (0, 1), DIFFERENCES | POLYGONS, rows=1),
    "5 classes, regression": Kind(f.linear(5), e.regression, (0, 1), POLYGONS, rows=2),
    "5 classes, thetas": Kind(f.linear(5), e.several_thetas, (3, 1), POLYGONS, rows=1),
    "5 classes, stated": Kind(f.linear(5), e.stated, (1, 2), POLYGONS, rows=2),
    "20 classes, gaussian": Kind(f.linear(20), e.gaussian, (0, 3), POLYGONS, rows=1),
}

QUICK = (
    "tree, uniform",
    "tree, two with kernels",
    "parabolas, regression",
    "levels",
    "3 classes, gaussian",
)


class Case(NamedTuple):
    features: np.ndarray
    function: f.Function
    prior: Any
    laws: list[p.RowLaw]
    given: Any


@st.composite
def cases(draw, kind: Kind) -> Case:
    function = draw(kind.function)
    features = draw(p.tables(kind.hidden, distinct=kind.distinct, levels=kind.levels))
    rows = p.reference(features, kind.hidden, function.labels(features), function.made.classes)
    return Case(features, function, *draw(kind.prior(rows)), rows.rows)


def by_routes(kind: Kind, case: Case) -> dict[str, np.ndarray]:
    """What every route that fits answers, (rows, classes)."""
    width = case.features.shape[1]
    observed = tuple(place for place in range(width) if place not in kind.hidden)
    levels = tuple(len(p.LEVELS) * (place >= f.NUMBERS) for place in kind.hidden)
    law = LabelLaw(case.function.made, (), (), kind.hidden, observed, levels).prepared()
    row = jax.tree_util.tree_map(lambda values: values[0], case.given)
    placed, prior, found = law.placed, on_device(case.prior), {}
    for route in ROUTES:
        if route.why_not(law, case.prior, row) is None:
            answer, _ = route.answer(placed, prior, case.given, route.facts(law))
            found[type(route).__name__] = np.asarray(answer)
    return found


def check(kind: Kind, case: Case) -> None:
    found = by_routes(kind, case)
    assert set(found) == kind.routes
    places = range(0, p.ROWS, p.ROWS // kind.rows)
    oracle = [expected(case.function, case.laws[at], case.features[at], kind.hidden) for at in places]
    first = next(iter(found.values()))
    for own in found.values():
        assert own.min() >= 0
        np.testing.assert_allclose(own.sum(1), 1.0, atol=1e-12)
        np.testing.assert_allclose(own[list(places)], oracle, atol=1e-10)
        np.testing.assert_allclose(own, first, atol=1e-12)


ANY = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize(
    ("name", "examples"),
    [*((name, 20) for name in QUICK), *(pytest.param(name, 100, marks=pytest.mark.slow) for name in KINDS)],
)
def test_any_case(name, examples):
    @given(case=cases(KINDS[name]))
    @settings(ANY, max_examples=examples)
    def checked(case):
        check(KINDS[name], case)

    with jax.enable_x64(True):
        checked()


@pytest.mark.parametrize("student", [False, True])
def test_a_stated_law_is_that_of_its_draws(student):
    # Of 40,000 draws: within 5 standard errors. False alarm 5e-6; a shift by 0.05 of a deviation is seen.
    random = np.random.default_rng(2)
    locations, roots = random.normal(size=(2, 2)), random.normal(size=(2, 2, 2))
    law = e.whitened_law(2, 6.0 if student else None)
    prior = e.StatedPrior((), np.array([0.25, 0.75]), locations, roots, np.float64(6.0) if student else None, law)
    with jax.enable_x64(True):
        uniforms = random.uniform(size=(40_000, prior.uniform_dims))
        drawn = np.asarray(jax.vmap(lambda one: prior.quantile((), one, None))(uniforms))
    found = np.concatenate([drawn, drawn**2], 1)
    spread = (roots**2).sum(2) * (6 / 4 if student else 1)
    expected_moments = np.concatenate([prior.weights @ locations, prior.weights @ (locations**2 + spread)])
    assert (np.abs(found.mean(0) - expected_moments) < 5 * found.std(0) / 200).all()
