"""Saved models of XGBoost and LightGBM: labels are those of the libraries' own `predict` on every row.

Rows lie on every threshold, a double and a single-precision number beside it, and around zero; leaves of models made
for the purpose have values whose sums tie, or differ by rounding alone. The libraries are only needed here.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from reading_cases import NAMES, beside, frame, rows, table
from threadpoolctl import threadpool_limits

from synlabel_prob.ground_truth import Argmax, BoostedTrees, Learned, Threshold, restored
from synlabel_prob.ground_truth.boosted_trees import function_of
from synlabel_prob.ground_truth.reading.text import booster_of, dump_of, dump_of_booster
from synlabel_prob.table import Table

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")

LEAVES: dict[str, Any] = {"num_leaves": 6, "min_child_samples": 5, "n_jobs": 1, "verbose": -1}
DEPTH: dict[str, Any] = {"max_depth": 3, "n_jobs": 1}
BAGS: dict[str, Any] = {"bagging_fraction": 0.7, "bagging_freq": 1}
ESTIMATORS = {
    "xgboost": lambda: xgboost.XGBClassifier(n_estimators=8, **DEPTH),
    "xgboost_forest": lambda: xgboost.XGBClassifier(n_estimators=3, num_parallel_tree=3, subsample=0.7, **DEPTH),
    "xgboost_dart": lambda: xgboost.XGBClassifier(n_estimators=8, booster="dart", rate_drop=0.5, **DEPTH),
    "lightgbm": lambda: lightgbm.LGBMClassifier(n_estimators=8, **LEAVES),
    "lightgbm_zero": lambda: lightgbm.LGBMClassifier(n_estimators=8, zero_as_missing=True, **LEAVES),
    "lightgbm_forest": lambda: lightgbm.LGBMClassifier(n_estimators=6, boosting_type="rf", **BAGS, **LEAVES),
    "lightgbm_dart": lambda: lightgbm.LGBMClassifier(n_estimators=6, boosting_type="dart", drop_rate=0.5, **LEAVES),
    "lightgbm_one_against_rest": lambda: lightgbm.LGBMClassifier(
        n_estimators=6, objective="multiclassova", sigmoid=1.7, **LEAVES
    ),
}
CASES = [(name, 3, True) for name in ESTIMATORS] + [("xgboost", 2, True), ("lightgbm", 2, False), ("lightgbm", 6, True)]
SLOW = [
    pytest.param(name, classes, missing, marks=pytest.mark.slow)
    for name in ESTIMATORS
    for classes in (2, 4, 5, 6)
    for missing in (False, True)
    if (name, classes, missing) not in CASES and (name, classes) != ("lightgbm_one_against_rest", 2)
]


def _fitted(name: str, classes: int, *, missing: bool = False) -> tuple[Any, np.ndarray, np.ndarray]:
    features, labels = rows(classes, missing=missing, number=300)
    features[::5, 0] = 0.0
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*booster=dart` is deprecated")
        return ESTIMATORS[name]().fit(frame(features), labels), features, labels


def _near(function, features: np.ndarray) -> np.ndarray:
    finite, zeros = np.nan_to_num(features), [0.0, 1e-36, -1e-36, float(np.float32(1e-35)), -float(np.float32(1e-35))]
    return beside(features, lambda place: [*np.unique(function.breakpoints(finite[:1], place)), *zeros])


def _expect(function, expected: np.ndarray, points: np.ndarray, in_program: Any = slice(None)) -> None:
    """The labels in NumPy; in a program, by leaf masks, and of rows that are settled (of the rows `in_program`)."""
    np.testing.assert_array_equal(function.labels(points), expected)
    points, expected, hidden = points[in_program], expected[in_program], (0, 2)
    whole, observed = ~np.isnan(points).any(1), tuple(place for place in range(4) if place not in hidden)
    with jax.enable_x64(True):
        np.testing.assert_array_equal(jax.jit(type(function).labels)(function, jnp.asarray(points)), expected)
        masks, parts = function.at_draws(hidden, observed), points[whole]
        given = (jnp.asarray(parts[:, list(observed)]), jnp.asarray(parts[:, None, list(hidden)]))
        np.testing.assert_array_equal(jax.jit(type(masks).labels)(masks, *given)[:, 0], expected[whole])
        settled = np.asarray(jax.jit(type(masks).settled)(masks, given[0]))
    assert ((settled == -1) | (settled == expected[whole])).all()


@pytest.mark.parametrize(("name", "classes", "missing"), [*CASES, *SLOW])
def test_labels_are_those_of_predict(name, classes, missing):
    estimator, features, labels = _fitted(name, classes, missing=missing)
    declared = tuple(range(classes))
    function = function_of(dump_of_booster(booster_of(estimator)), table(features, labels, classes), declared, Argmax())
    points = _near(function, features)
    assert len(points) > 3 * len(features)
    with threadpool_limits(1):
        expected, probabilities = estimator.predict(frame(points)), estimator.predict_proba(frame(points))
    assert len(np.unique(expected)) == classes
    _expect(function, expected, points)
    own = probabilities / probabilities.sum(1, keepdims=True)  # one against the rest has no sum of 1
    tolerance = 2e-7 if name.startswith("xgboost") else 1e-14
    np.testing.assert_allclose(function.probabilities(points), own, rtol=0, atol=tolerance)
    again = restored(json.loads(json.dumps(function.saved(), allow_nan=False)))
    np.testing.assert_array_equal(again.labels(points), expected)


def _with_leaves_of_xgboost(estimator, values: list[float], objective: str) -> Any:
    """The same trees with other leaves, and base scores of 0, or 1/2."""
    made, generator = json.loads(estimator.get_booster().save_raw("json")), np.random.default_rng(0)
    learner = made["learner"]
    for tree in learner["gradient_booster"]["model"]["trees"]:
        leaf = np.array(tree["left_children"]) < 0
        conditions = np.array(tree["split_conditions"])
        conditions[leaf] = generator.choice(values, leaf.sum())
        tree["split_conditions"] = conditions.tolist()
    parameters = learner["learner_model_param"]
    count = int(parameters["num_class"])
    parameters["base_score"] = f"[{','.join(['0E0'] * count)}]" if count else "[5E-1]"
    learner["objective"]["name"] = objective
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(json.dumps(made).encode()))
    return booster


def _with_leaves_of_lightgbm(estimator, values: list[float]) -> Any:
    generator = np.random.default_rng(0)

    def other(line: re.Match) -> str:
        return "leaf_value=" + " ".join(repr(float(it)) for it in generator.choice(values, len(line[1].split())))

    # sizes of trees are only there for speed
    text = re.sub("tree_sizes=.*\n", "", re.sub("leaf_value=(.*)", other, estimator.booster_.model_to_string()))
    return lightgbm.Booster(model_str=text)


TENTHS = [0.1, 0.2, 0.3, -0.1, -0.2, -0.3]
NEXT = [0.25, -0.25, float(np.nextafter(0.25, 1)), float(-np.nextafter(0.25, 0)), 0.0]
NEXT_SINGLE = [0.25, -0.25, float(np.nextafter(np.float32(0.25), 1)), 2.0**-25, -(2.0**-25), 2.0**-24]


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("values", [TENTHS, NEXT_SINGLE])
@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_ties_up_to_rounding_are_those_of_xgboost(classes, values, objective):
    estimator, features, labels = _fitted("xgboost", classes)
    objective = objective if classes > 2 else "binary:logistic"
    booster = _with_leaves_of_xgboost(estimator, values, objective)
    function = function_of(dump_of_booster(booster), table(features, labels, classes), tuple(range(classes)), Argmax())
    points = _near(function, features)
    given = xgboost.DMatrix(frame(points))
    found, margins = booster.predict(given), booster.predict(given, output_margin=True)
    np.testing.assert_array_equal(function.scores(points), margins.reshape(len(points), -1))
    if objective == "multi:softmax":
        expected = found.astype(int)
    else:
        expected = found.argmax(1) if classes > 2 else (found > 0.5).astype(int)
    # Many rows tie up to rounding, so that the order of sums and what comes after them decides.
    apart = np.abs(margins) if classes == 2 else np.diff(np.sort(margins, axis=1)[:, -2:], axis=1)
    assert (apart < 3e-7).sum() > 50
    _expect(function, expected, points)


OF_LIGHTGBM = [(name, classes) for name in ("lightgbm", "lightgbm_forest") for classes in (2, 3, 6)]
OF_LIGHTGBM += [("lightgbm_one_against_rest", classes) for classes in (3, 6)]


@pytest.mark.parametrize("values", [TENTHS, NEXT])
@pytest.mark.parametrize(("name", "classes"), OF_LIGHTGBM)
def test_ties_up_to_rounding_are_those_of_lightgbm(name, classes, values):
    estimator, features, labels = _fitted(name, classes)
    booster = _with_leaves_of_lightgbm(estimator, values)
    function = function_of(dump_of_booster(booster), table(features, labels, classes), tuple(range(classes)), Argmax())
    points = _near(function, features)
    found, scores = (booster.predict(points, raw_score=raw, num_threads=1) for raw in (False, True))
    iterations = booster.current_iteration() if name == "lightgbm_forest" else 1  # raw scores of a mean are sums
    np.testing.assert_array_equal(function.scores(points), scores.reshape(len(points), -1) / iterations)
    expected = found.argmax(1) if classes > 2 else (found > 0.5).astype(int)
    apart = np.abs(scores) if classes == 2 else np.diff(np.sort(scores, axis=1)[:, -2:], axis=1)
    assert (apart < 1e-15).sum() > 15
    # XLA's exponential is an ulp off now and then, which decides between logistic functions of scores an ulp apart.
    certain = np.ones(len(points), dtype=bool)
    if name == "lightgbm_one_against_rest":
        below = scores.max(1, keepdims=True) - scores
        certain = ((below == 0) | (below > 1e-15)).all(1)
        assert certain.mean() > 0.8
    _expect(function, expected, points, certain)


def test_probabilities_that_are_1_in_double_precision_tie():
    estimator, features, labels = _fitted("lightgbm_one_against_rest", 3)
    booster = _with_leaves_of_lightgbm(estimator, [20.0, 30.0, 40.0, -5.0])
    function = function_of(dump_of_booster(booster), table(features, labels, 3), (0, 1, 2), Argmax())
    found, scores = (booster.predict(features, raw_score=raw, num_threads=1) for raw in (False, True))
    assert (found.argmax(1) != scores.argmax(1)).sum() > 10
    _expect(function, found.argmax(1), features)


def test_training_that_stopped_early_ends_at_the_best_iteration(tmp_path):
    features, labels = rows(2, number=300)
    points, one = _points(features), frame(features[200:])
    stopped = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3, learning_rate=1.0, **DEPTH)
    stopped.fit(frame(features[:200]), labels[:200], eval_set=[(one, labels[200:])], verbose=False)
    assert stopped.best_iteration + 1 < stopped.get_booster().num_boosted_rounds()
    other = lightgbm.LGBMClassifier(n_estimators=200, learning_rate=1.0, early_stopping_rounds=3, **LEAVES)
    other.fit(frame(features[:200]), labels[:200], eval_X=one, eval_y=labels[200:])
    for estimator, name in ((stopped, "model.json"), (other, "model.txt")):
        path = tmp_path / name
        (estimator if name.endswith("json") else estimator.booster_).save_model(path)
        function = BoostedTrees(str(path)).fit(table(features, labels, 2))
        np.testing.assert_array_equal(function.labels(points), estimator.predict(frame(points)))


def _points(features: np.ndarray) -> np.ndarray:
    return features + np.random.default_rng(3).normal(size=features.shape) * [1.0, 1.0, 1.0, 1e5]


def test_features_are_found_by_name_whatever_their_order(tmp_path):
    features, labels = rows(3)
    turned = frame(features)[list(NAMES[::-1])]
    for estimator, name in ((ESTIMATORS["xgboost"](), "model.json"), (ESTIMATORS["lightgbm"](), "model.txt")):
        estimator.fit(turned, labels)
        (estimator if name.endswith("json") else estimator.booster_).save_model(tmp_path / name)
        function = BoostedTrees(str(tmp_path / name)).fit(table(features, labels, 3))
        points = _points(features)
        expected = estimator.predict(frame(points)[list(NAMES[::-1])])
        np.testing.assert_array_equal(function.labels(points), expected)
        decided = BoostedTrees(str(tmp_path / name), decision=Threshold(1, 0.2)).fit(table(features, labels, 3))
        over = estimator.predict_proba(frame(points)[list(NAMES[::-1])])[:, 1] > 0.2
        np.testing.assert_array_equal(decided.labels(points) == 1, over)


def _levels(number: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(0)
    region, whole = generator.choice(list("pqrstuv"), number), 10 * generator.integers(0, 5, number)
    made = pd.DataFrame({"age": generator.normal(size=number), "region": pd.Categorical(region, list("vutsrqp"))})
    made["whole"] = pd.Categorical(whole)
    score = np.isin(region, ["p", "r", "u"]) + np.isin(whole, [0, 30]) + 0.6 * generator.normal(size=number)
    return made, np.digitize(score, [0.6, 1.3])


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("several", [1, 20])
def test_splits_on_categories(library, several):
    given, labels = _levels()
    options: dict[str, Any] = {"max_cat_to_onehot": several}
    if library == "xgboost":
        estimator = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, **DEPTH, **options)
    else:
        options |= {"cat_smooth": 1.0, "cat_l2": 1.0, "min_data_per_group": 5}
        estimator = lightgbm.LGBMClassifier(n_estimators=5, **LEAVES, **options)
    booster = estimator.fit(given, labels)
    booster = estimator.get_booster() if library == "xgboost" else estimator.booster_
    dump = dump_of_booster(booster)
    assert any(len(split.codes) > 1 for tree in dump.trees for split in tree.sets.values()) == (several == 1)
    texts = given.assign(region=given["region"].astype(str), whole=given["whole"].astype(int), answer=labels)
    ours = Table.from_frame(texts, target="answer", kinds={"whole": "categorical"})
    assert ours.columns[1].levels == tuple("pqrstuv")
    function = function_of(dump, ours, (0, 1, 2), Argmax())
    np.testing.assert_array_equal(function.labels(ours.features), estimator.predict(given))
    assert len(np.unique(function.labels(ours.features))) == 3
    missing = ours.features.copy()
    missing[::3, 1], missing[::4, 2], missing[::5, 0] = np.nan, np.nan, np.nan
    lost = given.copy()
    for step, name in ((3, "region"), (4, "whole"), (5, "age")):
        lost.loc[::step, name] = None
    np.testing.assert_array_equal(function.labels(missing), estimator.predict(lost))
    masks = function.at_draws((1,), (0, 2))
    with jax.enable_x64(True):
        parts = (jnp.asarray(ours.features[:, [0, 2]]), jnp.asarray(ours.features[:, None, [1]]))
        np.testing.assert_array_equal(masks.labels(*parts)[:, 0], estimator.predict(given))


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_a_classifier_is_fitted_to_the_table_and_read_and_a_booster_is_taken_as_it_is(name):
    estimator, features, labels = _fitted(name, 3)
    ours, points = table(features, labels, 3), _points(features)
    function = Learned(ESTIMATORS[name]()).fit(ours)
    assert function.runs_in_jax and type(function).__name__ == "TreesFunction"
    np.testing.assert_array_equal(function.labels(points), estimator.predict(frame(points)))
    booster, half = booster_of(estimator), table(features[:20], labels[:20], 3)
    description = Learned(booster)
    np.testing.assert_array_equal(description.fit(half).labels(points), estimator.predict(frame(points)))
    assert description.explain() == "a fitted Booster; its prediction is the truth (ties to the class declared first)"


def test_after_scalers_a_classifier_is_read_too():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, labels = rows(3)
    for name in ("xgboost", "lightgbm"):
        pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), ESTIMATORS[name]())
        function = Learned(pipeline).fit(table(features, labels, 3))
        assert function.runs_in_jax
        points = _near(function, features)
        pipeline.fit(frame(features), labels)
        np.testing.assert_array_equal(function.labels(points), pipeline.predict(frame(points)))


def test_a_number_that_stands_for_missing_values_keeps_a_classifier_on_the_host():
    features, labels = rows(2)
    function = Learned(xgboost.XGBClassifier(n_estimators=2, missing=0.0, **DEPTH)).fit(table(features, labels, 2))
    assert not function.runs_in_jax


def test_the_binary_form_of_xgboost_is_refused_in_a_sentence(tmp_path):
    estimator, *_ = _fitted("xgboost", 2)
    path = tmp_path / "model.ubj"
    estimator.save_model(path)
    with pytest.raises(ValueError, match=r"it is UBJSON, the binary form of XGBoost: save it as JSON by"):
        dump_of(path.read_bytes(), "The file 'model.ubj'")
