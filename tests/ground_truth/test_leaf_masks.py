"""Leaf masks: the labels of all draws are those of `predict`, to the last tie, and settled rows never change theirs."""

from __future__ import annotations

import dataclasses
import itertools

import jax
import numpy as np
import numpyro
import pandas as pd
import pytest
from leaf_cases import CASES, Case, at_draws, case, hide, made, missing_alone, of, settled
from sklearn.ensemble import RandomForestClassifier

from synlabel_prob.ground_truth import Argmax, Learned, Threshold, leaf_tables, trees
from synlabel_prob.ground_truth.leaf_regions import leaves_of
from synlabel_prob.ground_truth.outcome import Outcome
from synlabel_prob.noise import ByNeighbours, Flips
from synlabel_prob.priors import Empirical
from synlabel_prob.process import Process, fit
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import MonteCarlo, evaluate
from synlabel_prob.table import Table

ROWS, DRAWS = 40, 80


def _hidden_sets(features: int) -> list[tuple[int, ...]]:
    """One, several, all."""
    return [(1,), (0, features - 1, 2), tuple(range(features))]


def _expect_labels_of_predict(example: Case, hidden: tuple[int, ...], least_classes: int) -> None:
    drawn = example.drawn((ROWS, DRAWS), 3)
    features = hide(example.drawn((ROWS,), 4), drawn, hidden)
    expected = example.predicted(features)
    np.testing.assert_array_equal(example.function.labels(features), expected)
    np.testing.assert_array_equal(at_draws(example.function, features, hidden), expected)
    assert len(np.unique(expected)) >= least_classes


# Each estimator with one of the hidden sets, because every program takes about a second to compile; all of them of one.
QUICK = [(name, place % 3) for place, name in enumerate(CASES)]
QUICK += [("forest", number) for number in range(3) if ("forest", number) not in QUICK]
EVERY = [(name, number) for name in CASES for number in range(3) if (name, number) not in QUICK]


@pytest.mark.parametrize(("name", "number"), [*QUICK, *(pytest.param(*it, marks=pytest.mark.slow) for it in EVERY)])
def test_labels_are_those_of_predict(name: str, number: int):
    example = case(name)
    hidden = _hidden_sets(len(example.values))[number]
    _expect_labels_of_predict(example, hidden, least_classes=2)


@pytest.mark.parametrize("name", CASES)
def test_scores_in_numpy_are_the_same_once_there_are_masks(name: str, monkeypatch: pytest.MonkeyPatch):
    example = case(name)
    features = example.drawn((2000,), 5)
    walked = example.function.scores(features)
    masks = example.function.at_draws((0,), (1, 2, 3))
    with monkeypatch.context() as without:
        if masks.segments:  # leaves that vote are counted, so that no row walks through trees
            without.setattr(trees, "sums_of_leaves", None)
        np.testing.assert_array_equal(example.function.scores(features), walked)
        np.testing.assert_array_equal(example.function.scores(features[:0]), walked[:0])
    features[7, 1] = np.nan
    np.testing.assert_array_equal(example.function.scores(features)[:7], walked[:7])


def test_what_the_cases_stand_for():
    """Leaves that vote and that do not, words of several widths, trees of several words, classes of several words."""
    masks = {name: case(name).function.at_draws((0,), (1, 2, 3)) for name in CASES if "levels" not in name}
    assert {name for name, own in masks.items() if own.segments} >= {"tree", "forest", "extra", "never seen"}
    assert not {"shallow forest", "large leaves", "boosting of two"} & {name for name in masks if masks[name].segments}
    words = {name: own.hidden_masks[0] for name, own in masks.items()}
    assert {own.dtype.itemsize for own in words.values()} == {1, 2, 8}
    assert words["histogram of two"].shape[1] == 2 * len(case("histogram of two").function.roots)
    assert max(stop - start for start, stop in masks["forest of many leaves"].segments) > 1
    assert [start == stop for start, stop in masks["never seen"].segments] == [False] * 3


@pytest.mark.parametrize("name", ["forest", "shallow forest"])
def test_a_decision_by_threshold_goes_by_the_probabilities(name: str):
    example = case(name, Threshold("class 1", 0.3))
    hidden = (0, 2)
    features = hide(example.drawn((ROWS,), 4), example.drawn((ROWS, DRAWS), 3), hidden)
    expected = example.function.labels(features)
    np.testing.assert_array_equal(at_draws(example.function, features, hidden), expected)
    assert (expected != example.predicted(features)).any()


def test_votes_that_tie_go_to_the_first_class():
    example = case("even forest")
    features = hide(example.drawn((ROWS,), 4), example.drawn((ROWS, DRAWS), 3), (0, 1))
    ties = example.function.probabilities(features)[..., 0] == 0.5
    assert ties.mean() > 0.05
    codes = at_draws(example.function, features, (0, 1))
    assert (codes[ties] == 0).all() and (codes == 1).any()
    np.testing.assert_array_equal(codes, example.predicted(features))


def _tenths(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).integers(1, 10, shape) / 10


TREES = 12
OUTCOMES = {
    "a mean": (False, True, Outcome("fractions", "largest", (0, 1, 2), Argmax(), (0, 1, 2)), 3),
    "one score, at or above": (True, False, Outcome("logistic", "at_or_above", (0, 1), Argmax(), (0, 1)), 1),
    "one score, above": (True, False, Outcome("logistic", "above", (0, 1), Argmax(), (0, 1)), 1),
    "a score each": (True, False, Outcome("softmax", "largest", (0, 1, 2), Argmax(), (0, 1, 2)), 1),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_sums_that_tie_but_for_rounding_are_in_the_order_of_the_trees(name: str):
    """Sums of tenths: many scores are equal as real numbers, and which double is larger depends on the order."""
    each, is_mean, outcome, outputs = OUTCOMES[name]
    values = _tenths((TREES, 2, outputs))
    if outputs == 1 and len(outcome.codes) == 2:
        values[1::2] *= -1
    function = made(values, outcome, each=each, is_mean=is_mean, trees=TREES)
    features = np.random.default_rng(1).uniform(-1, TREES // 2, (ROWS, DRAWS, 3))
    features[..., 1] = features[:, :1, 1]
    expected = function.labels(features)
    backwards = dataclasses.replace(function, roots=function.roots[::-1], output=function.output[::-1])
    assert (backwards.labels(features) != expected).any()
    np.testing.assert_array_equal(at_draws(function, features, (0, 2)), expected)
    np.testing.assert_array_equal(at_draws(function, features, (0, 1, 2)), expected)


def test_a_forest_whose_values_tie_agrees_with_its_estimator():
    generator = np.random.default_rng(2)
    whole = generator.integers(0, 3, (120, 3)).astype(float)
    frame = pd.DataFrame(whole, columns=list("abc")).assign(y=generator.integers(0, 3, 120))
    table = Table.from_frame(frame, target="y", kinds=dict.fromkeys("abc", "continuous"))
    example = of(RandomForestClassifier(2, max_depth=2, bootstrap=False, max_features=1, random_state=0), table)
    _expect_labels_of_predict(example, (0, 1), least_classes=2)
    features = example.drawn((500,), 0)
    best = np.sort(example.function.probabilities(features), -1)
    assert best.shape[-1] == 3


def test_trees_that_ask_about_missing_values_alone():
    example = missing_alone()
    assert np.isinf(example.function.threshold).any()
    _expect_labels_of_predict(example, (0, 2), least_classes=1)
    masks = example.function.at_draws((0,), (1, 2, 3))
    assert masks.hidden_masks[0].any(-1).all()


def _intervals(example: Case, place: int) -> np.ndarray:
    """A value in every interval of a feature, or all codes."""
    points = example.function.breakpoints(example.table.features[:1], place)
    if points is None:
        return example.values[place]
    return np.concatenate([points[0], [1e30]])


def _everywhere(example: Case, rows: np.ndarray, hidden: tuple[int, ...]) -> np.ndarray:
    """Labels of rows at a point in every cell of the hidden features, (rows, cells)."""
    cells = np.array(list(itertools.product(*(_intervals(example, place) for place in hidden))))
    features = np.repeat(rows[:, None], len(cells), 1)
    features[..., list(hidden)] = cells
    return example.function.labels(features)


# The share of rows with one label everywhere that is found: all where there is one tree, since each leaf that can be
# reached then is a label that can be had; else a bound, tree by tree, of which the share is what it was at writing.
SETTLED = [
    ("tree", (3,), 1.0),
    ("tree", (1, 2), 1.0),
    ("forest", (1,), 0.6),
    ("forest", (1, 2), 0.7),
    ("shallow forest", (2,), 0.8),
    ("boosting of two", (2,), 0.8),
    ("boosting of four", (1,), 0.6),
    ("levels", (4,), 0.6),
]


@pytest.mark.parametrize(("name", "hidden", "share"), SETTLED)
def test_settled_rows_have_one_label_whatever_the_hidden_features_are(name: str, hidden: tuple, share: float):
    example = case(name)
    rows = np.concatenate([example.table.features[:60], example.drawn((60,), 5)])
    labels = _everywhere(example, rows, hidden)
    constant = (labels == labels[:, :1]).all(1)
    found = settled(example.function, rows, hidden)
    assert constant[found >= 0].all()
    np.testing.assert_array_equal(found[found >= 0], labels[found >= 0, 0])
    assert 0 < constant.sum() < len(rows)
    print(name, hidden, (found >= 0).sum(), constant.sum())
    assert (found >= 0).sum() >= share * constant.sum()


def test_by_a_threshold_no_row_is_settled():
    example = case("forest", Threshold("class 1", 0.3))
    assert (settled(example.function, example.table.features, (0,)) == -1).all()


def test_masks_that_would_be_too_large_are_not_made(monkeypatch: pytest.MonkeyPatch):
    function = case("forest").function
    masks = function.at_draws((0, 2), (1, 3))
    size = sum(table.nbytes for table in (*masks.hidden_masks, *masks.observed_masks))
    monkeypatch.setattr(leaf_tables, "_MOST_BYTES", size)
    assert dataclasses.replace(function).at_draws((0, 2), (1, 3)) is not None
    monkeypatch.setattr(leaf_tables, "_MOST_BYTES", size - 1)
    assert dataclasses.replace(function).at_draws((0, 2), (1, 3)) is None


def test_masks_are_made_once_for_a_function_and_not_for_a_copy():
    function = dataclasses.replace(case("forest").function)
    first, other = function.at_draws((0, 2), (1, 3)), function.at_draws((1,), (0, 2, 3))
    assert first.observed_masks[0] is other.hidden_masks[0]
    copy = dataclasses.replace(function, threshold=function.threshold + 1.0)
    assert copy.at_draws((1,), (0, 2, 3)).hidden_masks[0] is not other.hidden_masks[0]


@pytest.mark.parametrize("name", ["forest", "levels", "shallow forest"])
def test_every_interval_has_the_bits_of_the_leaves_that_it_reaches(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaf_tables, "_FLAGS", 1000)  # so that levels are packed piece by piece
    function = dataclasses.replace(case(name).function)
    features, leaves = len(function.split_starts) - 1, leaves_of(function)
    masks = function.at_draws(tuple(range(features)), ())
    for feature, words in enumerate(masks.hidden_masks):
        flags = np.unpackbits(np.asarray(words).view(np.uint8), axis=1, bitorder="little")
        reached = leaves.reached(feature, np.arange(len(leaves.edges[feature]) + 1))
        np.testing.assert_array_equal(flags.sum(1), reached.sum(1))
        owners = {tuple(column) for column in flags.T}
        assert {tuple(column) for column in reached.T.astype(np.uint8)} <= owners


def test_nothing_hidden_needs_no_masks():
    assert case("tree").function.at_draws((), (0, 1, 2, 3)) is None


def test_soft_labels_are_the_same_bytes_without_masks(monkeypatch: pytest.MonkeyPatch):
    table = case("forest").table
    process = Process(Learned(RandomForestClassifier(10, random_state=0)), ("exact", "large"), Empirical())
    fitted = fit(process, table)

    def averaged() -> np.ndarray:
        return evaluate(
            label_law(fitted), fitted.prior, fitted.rows, MonteCarlo(draws=64), jax.random.key(0)
        ).probabilities

    by_masks = averaged()
    asked = []
    monkeypatch.setattr(type(fitted.ground_truth), "at_draws", lambda self, *places: asked.append(places))
    np.testing.assert_array_equal(averaged(), by_masks)
    assert asked == [((0, 3), (1, 2))] and (np.ptp(by_masks, 0) > 0.5).all()


def test_beside_noise_that_runs_on_the_host_trees_label_there_too():
    """In a program of its own for each tile, masks would be compiled again and again."""
    noise = Flips(0.2, more_often=ByNeighbours())
    process = Process(Learned(RandomForestClassifier(5, random_state=0)), ("exact",), Empirical(), (noise,))
    fitted = fit(process, case("forest").table)
    with numpyro.handlers.seed(rng_seed=0):
        law = label_law(fitted, tuple(node.sample_parameters() for node in fitted.nodes))
    assert law.function.runs_in_jax and not law.runs_in_jax and law.prepared().quicker is None
    found = evaluate(law, fitted.prior, fitted.rows, MonteCarlo(draws=16), jax.random.key(0))
    plain = dataclasses.replace(law, nodes=(), parameters=())
    expected = evaluate(plain, fitted.prior, fitted.rows, MonteCarlo(draws=16), jax.random.key(0))
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)
    assert (found.stages[:, -1] != found.probabilities).any()
