"""Exact soft labels: which route is taken, that routes agree with each other and with NumPy, SciPy and plain draws."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
from contracts import margin
from exact_cases import along, by, exactly, fitted, linear, table
from quick import only
from scipy import stats

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import Automatic, Exact, MonteCarlo, QuasiMonteCarlo, evaluate, interval
from synlabel_prob.soft_labels.exact import half_spaces, intervals, linear_scores, polygons

TREE = g.Learned("DecisionTreeClassifier")
FOREST = g.Learned("RandomForestClassifier", {"n_estimators": 15})
REGRESSION = p.GaussianRegression()
SIDE_BY_SIDE = p.Product((p.Block(("a",), p.KernelDensity()), p.Block(("e",), p.Categorical())))

CHOSEN = {
    "levels": (linear(3), ("e",), p.Categorical(), "enumeration"),
    "levels given": (FOREST, ("e",), p.LogisticRegression(draws=5), "enumeration"),
    "rows": (g.Learned("KNeighborsClassifier"), ("a", "e"), p.SimilarRows(), "enumeration"),
    "two classes": (linear(2), ("a", "b"), REGRESSION, "differences of linear scores"),
    "three classes": (linear(3), ("a", "b"), p.Gaussian(), "differences of linear scores"),
    "read out": (g.Learned("LogisticRegression"), ("a", "b"), REGRESSION, "differences of linear scores"),
    "four classes": (linear(4), ("a",), REGRESSION, "intervals of the hidden feature"),
    "five classes": (linear(5), ("a", "b"), REGRESSION, "polygons of linear scores"),
    "forest": (FOREST, ("a",), REGRESSION, "intervals of the hidden feature"),
    "network": (g.RandomNetwork(("u", "v", "w"), ("a", "b", "c")), ("a",), REGRESSION, "intervals"),
    "quadratic": (g.Learned("GaussianNB"), ("b",), p.KernelDensity(), "intervals of the hidden feature"),
    "mixture": (linear(4), ("a",), p.FiniteMixture((p.Share(0.4, p.Uniform()), p.Share(0.6, REGRESSION))), "intervals"),
    "tree": (TREE, ("a", "b"), p.Uniform(), "boxes of the tree"),
    "tree with levels": (TREE, ("a", "e"), SIDE_BY_SIDE, "boxes of the tree"),
    "ball": (g.Ball(("a", "b"), 2.0), ("a",), REGRESSION, "intervals of the hidden feature"),
}  # fmt: skip


@pytest.mark.parametrize("name", only({"levels", "two classes", "tree", "tree with levels"}, CHOSEN))
def test_the_route_and_plain_draws(name):
    # 60 rows x 3 classes at 8,000 draws: a probability that is off by 0.05 is seen in each row with power above .999;
    # each comparison is off by more than 5.5 standard errors with probability 4e-8.
    truth, hidden, prior, route = CHOSEN[name]
    made = fitted(truth, hidden, prior)
    exact = by(Automatic(), made)
    assert exact.method.startswith(f"exact, by {route}") and exact.exact.all() and not exact.standard_error.any()
    np.testing.assert_allclose(exact.probabilities.sum(1), 1.0, atol=1e-12)
    assert exact.probabilities.min() >= 0
    drawn = by(MonteCarlo(draws=8000), made)
    law = exact.probabilities
    error = np.sqrt((law * (1 - law)).clip(0) / 8000) + 1e-4
    assert (np.abs(drawn.probabilities - law) < 5.5 * error).all()


# --- independent computations -------------------------------------------------------------------------


def test_enumeration_is_the_sum_over_all_levels():
    made = fitted(linear(3), ("e",), p.Categorical())
    found = along("Enumeration", made).probabilities
    weights = (np.bincount(table().features[:, 4].astype(int)) + 0.5) / (60 + 1.5)
    expected = np.zeros_like(found)
    for code, weight in enumerate(weights):
        features = table().features.copy()
        features[:, 4] = code
        expected[np.arange(60), np.asarray(made.ground_truth.labels(features))] += weight
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_noise_that_depends_on_the_hidden_level_is_summed_with_the_label():
    made = fitted(g.Learned("LogisticRegression"), ("e",), p.Categorical(), (margin(0.3),))
    found = exactly(made)
    assert found.method.startswith("exact, by enumeration") and found.stages.shape == (60, 1, 3)
    drawn = by(QuasiMonteCarlo(draws=2**12), made)
    np.testing.assert_allclose(found.stages, drawn.stages, atol=2e-3)
    np.testing.assert_allclose(found.changes, drawn.changes, atol=2e-3)


def test_intervals_of_a_forest_are_those_between_its_thresholds():
    made = fitted(FOREST, ("a",), p.Gaussian(fit_by="point"))
    theta = made.prior.theta_at(0)
    mean = np.asarray(made.prior.means + made.prior.scales * theta.coefficients[0])[0]
    law = stats.norm(mean, float(made.prior.scales[0] * theta.scale[0, 0]))
    thresholds = np.unique(np.asarray(made.ground_truth.breakpoints(table().features[0], 0)))
    found = along("Intervals", made).probabilities
    for row in range(0, 60, 7):
        expected, features = np.zeros(3), np.tile(table().features[row], (len(thresholds) + 1, 1))
        features[:, 0] = [*thresholds, thresholds[-1] + 1]  # a threshold itself still goes left
        mass = np.diff([0, *law.cdf(thresholds), 1])
        np.add.at(expected, made.ground_truth.labels(features), mass)
        np.testing.assert_allclose(found[row], expected, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_half_spaces_of_normal_features_are_scipys_cdf(classes):
    made = fitted(linear(classes), ("a", "b"), p.GaussianRegression(fit_by="point"))
    found = exactly(made).probabilities
    with jax.enable_x64(True):
        for row in range(0, 60, 11):
            given = jax.tree_util.tree_map(lambda values, row=row: values[row], made.rows.given)
            law = made.prior.elliptical(made.prior.theta_at(0), given)
            mean, root = (np.asarray(part)[0] for part in (law.locations, law.roots))
            slopes = made.ground_truth.weights[:, :2]
            start = made.ground_truth.intercepts + made.ground_truth.weights[:, 2:] @ table().features[row, 2:]
            for code in range(classes):
                others = [other for other in range(classes) if other != code]
                lead = (slopes[code] - slopes[others]) @ mean + start[code] - start[others]
                spread = (slopes[code] - slopes[others]) @ root
                expected = stats.multivariate_normal(-lead, spread @ spread.T).cdf(np.zeros(len(others)))
                assert found[row, code] == pytest.approx(expected, abs=2e-5)


def test_boxes_are_products_of_sides():
    made = fitted(TREE, ("a", "b"), p.Uniform())
    boxes, found = made.ground_truth.boxes(), along("BoxSums", made).probabilities
    low, high = table().features.min(0), table().features.max(0)
    for row in range(0, 60, 13):
        expected = np.zeros(3)
        for lower, upper, code in zip(*boxes, strict=True):
            seen = table().features[row, 2:]
            sides = [
                np.clip((upper[place] - low[place]) / (high[place] - low[place]), 0, 1)
                - np.clip((lower[place] - low[place]) / (high[place] - low[place]), 0, 1)
                for place in (0, 1)
            ]
            expected[code] += ((lower[2:] < seen) & (seen <= upper[2:])).all() * np.prod(sides)
        np.testing.assert_allclose(found[row], expected, atol=1e-12)


# --- routes against each other -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "hidden", "prior", "routes"),
    [
        pytest.param(linear(2), ("a",), REGRESSION, ("Intervals", "HalfSpaces"), marks=pytest.mark.slow),
        pytest.param(linear(3), ("b",), p.Gaussian(), ("Intervals", "HalfSpaces"), marks=pytest.mark.slow),
        pytest.param(  # nearly collinear with observed ones
            *(linear(3), ("d",), REGRESSION, ("Intervals", "HalfSpaces")), marks=pytest.mark.slow
        ),
        pytest.param(
            *(linear(3), ("a",), p.JointMixture(components=3, draws=4, warmup=50), ("Intervals", "HalfSpaces")),
            marks=pytest.mark.slow,
        ),
        (TREE, ("a",), p.KernelDensity(), ("Intervals", "BoxSums")),
        (TREE, ("a",), p.Empirical(joint=False), ("Enumeration", "BoxSums")),  # atoms on thresholds' data
        (TREE, ("e",), p.Categorical(), ("Enumeration", "BoxSums")),
    ],
)
def test_two_routes_agree(truth, hidden, prior, routes):
    made = fitted(truth, hidden, prior)
    first, second = (along(name, made).probabilities for name in routes)
    np.testing.assert_allclose(first, second, atol=1e-10)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_feature_that_decides_nothing_changes_nothing(weight):
    # A zero slope makes score differences certain: ties go to the class that is declared first.
    truth = g.Linear({"no": {"a": 0.0, "b": weight}, "yes": {"a": 0.0, "b": weight}}, {})
    found = exactly(fitted(truth, ("a",), REGRESSION))
    np.testing.assert_array_equal(found.probabilities, np.tile([1.0, 0.0], (60, 1)))


@pytest.mark.parametrize("hidden", [("a",), ("a", "b")])
def test_of_two_classes_that_are_the_same_the_second_is_never_labelled(hidden):
    same = {"a": 0.7, "b": -1.3}
    made = fitted(g.Linear({"no": {"a": -1.1}, "yes": same, "again": same}), hidden, REGRESSION)
    found = exactly(made).probabilities
    np.testing.assert_allclose(found.sum(1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(found[:, 2], 0.0)


@pytest.mark.slow
def test_kept_draws_of_theta_are_averaged_over():
    made = fitted(linear(3), ("a", "b"), p.GaussianRegression(fit_by="nuts", draws=20))
    every = exactly(made).probabilities
    alone = []
    for draw in range(20):
        theta = jax.tree_util.tree_map(lambda leaf, draw=draw: np.asarray(leaf)[draw][None], made.prior.theta)
        alone.append(
            exactly(dataclasses.replace(made, prior=dataclasses.replace(made.prior, theta=theta))).probabilities
        )
    np.testing.assert_allclose(every, np.mean(alone, 0), atol=1e-12)


# --- the choice ----------------------------------------------------------------------------------------


def test_what_has_no_route_is_drawn_and_settled_rows_cost_nothing():
    made = fitted(FOREST, ("a", "b"), REGRESSION)
    found = by(Automatic(draws=256), made)
    assert 0 < found.exact.sum() < 60 and "rows settled without one" in found.method
    assert not found.evaluations[found.exact].any() and (found.evaluations[~found.exact] == 256).all()
    plain = by(QuasiMonteCarlo(draws=256), made)
    np.testing.assert_array_equal(found.probabilities, plain.probabilities)  # settled rows' draws all agree
    low, high = interval(found)
    np.testing.assert_array_equal(low[found.exact], found.probabilities[found.exact])
    np.testing.assert_array_equal(high[found.exact], found.probabilities[found.exact])
    assert (low[~found.exact] < high[~found.exact]).any()


def test_exact_says_why_no_route_fits():
    made = fitted(g.Learned("KNeighborsClassifier"), ("a", "b"), REGRESSION)
    with pytest.raises(InputError) as error:
        exactly(made)
    for part in ("finitely many values", "linear in the hidden features", "2 features are resampled", "one tree"):
        assert part in str(error.value)
    with pytest.raises(InputError, match=r"above `largest_exact` = 10"):
        by(Exact(largest_exact=10), fitted(FOREST, ("a",), REGRESSION))
    assert not by(Automatic(largest_exact=10, draws=64), fitted(FOREST, ("a",), REGRESSION)).exact.all()


def test_noise_on_features_is_a_reason():
    made = fitted(g.Learned("LogisticRegression"), ("a",), REGRESSION, (margin(0.3),))
    with pytest.raises(InputError, match="noise depends on the hidden features"):
        exactly(made)


PROGRAMS = {
    "differences": lambda: linear_scores.compiled(half_spaces.largest_of_few),
    "polygons": lambda: linear_scores.compiled(polygons.polygons),
    "intervals": intervals._answer,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_other_numbers_of_the_same_shape_compile_nothing(name):
    hidden = ("a",) if name == "intervals" else ("a", "b")
    classes = 3 if name == "differences" else 4
    exactly(fitted(linear(classes, seed=1), hidden, REGRESSION))
    before = PROGRAMS[name]()._cache_size()
    other = p.GaussianRegression(coefficient_scale=3.0, residual_scale=0.4)
    assert exactly(fitted(linear(classes, seed=2), hidden, other)).exact.all()
    assert PROGRAMS[name]()._cache_size() == before


def test_rows_do_not_know_of_each_other():
    made = fitted(FOREST, ("a",), REGRESSION)
    every = exactly(made).probabilities
    places = np.array([40, 3, 17])
    with jax.enable_x64(True):
        law = label_law(made)
    again = evaluate(law, made.prior, made.rows.take(places), Exact(), jax.random.key(1), memory_budget=2**21)
    np.testing.assert_array_equal(again.probabilities, every[places])
