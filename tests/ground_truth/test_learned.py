"""Learned functions against scikit-learn itself."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from contracts import mixed_table, numbers_table
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import Learned, Threshold, learned
from synlabel_prob.ground_truth.estimators import ESTIMATORS, estimator_class, needs_scaling
from synlabel_prob.table import Table
from synlabel_prob.testing import check_ground_truth

QUICK = {
    "RandomForestClassifier": {"n_estimators": 5},
    "ExtraTreesClassifier": {"n_estimators": 5},
    "GradientBoostingClassifier": {"n_estimators": 5},
    "HistGradientBoostingClassifier": {"max_iter": 5},
    "MLPClassifier": {"hidden_layer_sizes": [4], "max_iter": 3000, "tol": 1e-3},
    "QuadraticDiscriminantAnalysis": {"reg_param": 0.5},
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_list_names_parameters_that_exist(name):
    assert set(ESTIMATORS[name]) <= set(estimator_class(name)().get_params())


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_listed_estimator_keeps_the_contract(name):
    check_ground_truth(Learned(name, QUICK.get(name, {})), mixed_table())


@pytest.mark.parametrize("name", ["DecisionTreeClassifier", "KNeighborsClassifier"])
def test_labels_are_those_of_the_estimator_set_up_by_hand(name):
    table = numbers_table()
    steps = [StandardScaler()] if needs_scaling(name) else []
    options = {"random_state": 3} if name == "DecisionTreeClassifier" else {}
    by_hand = make_pipeline(*steps, estimator_class(name)(**options)).fit(table.to_frame(), table.target)
    function = Learned(name, random_state=3).fit(table)
    fresh = table.features + np.random.default_rng(0).normal(size=table.features.shape)
    np.testing.assert_array_equal(function.labels(fresh), by_hand.predict(table.to_frame(fresh)))
    np.testing.assert_array_equal(function.probabilities(fresh), by_hand.predict_proba(table.to_frame(fresh)))


def test_categories_become_indicators_of_all_declared_levels():
    # A level that the rows of the table lack can come with a drawn feature.
    frame = mixed_table().to_frame().assign(answer=np.where(mixed_table().features[:, 0] > 40, "old", "young"))
    frame["region"] = pd.Categorical(frame["region"], ["north", "south", "west", "abroad"])
    table = Table.from_frame(frame, target="answer", levels={"size": ["S", "M", "L"]}, kinds={"size": "ordinal"})
    function = Learned("LogisticRegression").fit(table)
    abroad = table.features.copy()
    abroad[:, 4] = 3
    assert set(np.unique(function.labels(abroad))) <= {0, 1}


def test_an_object_is_cloned_and_gets_the_original_names_and_values():
    neighbours = KNeighborsClassifier(3)
    table = numbers_table()
    function = Learned(neighbours).fit(table)
    assert not hasattr(neighbours, "classes_")
    assert function.estimator.feature_names_in_.tolist() == ["age", "income", "height"]
    assert Learned(neighbours).explain().startswith("a KNeighborsClassifier learned from the whole table; its")


def test_an_estimator_that_is_not_read_out_runs_on_the_host_and_says_why():
    table = numbers_table()
    function = Learned("KNeighborsClassifier").fit(table)
    assert not function.runs_in_jax
    assert function.runs_on_host_because == (
        "KNeighborsClassifier after StandardScaler is not among the estimators that are read out, so it runs on the "
        "host in batches."
    )
    assert Learned(DecisionTreeClassifier()).fit(table).runs_on_host_because is None


def test_an_estimator_that_would_be_read_otherwise_runs_on_the_host(monkeypatch):
    table = numbers_table()
    read = Learned("GaussianNB").fit(table)
    monkeypatch.setattr(learned, "read_out", lambda *_: dataclasses.replace(read, log_priors=read.log_priors[::-1] - 9))
    function = Learned("GaussianNB").fit(table)
    assert not function.runs_in_jax
    assert function.runs_on_host_because.startswith("GaussianNB was read out with other labels than its own")


def test_declared_classes_that_never_occur_have_probability_0():
    table = mixed_table()
    some = table.take(table.target != 1)
    function = Learned("GaussianNB", decision=Threshold("yes", 0.2)).fit(some)
    probabilities = function.probabilities(some.features)
    assert probabilities.shape == (some.num_rows, 3)
    assert (probabilities[:, 1] == 0).all()
    assert set(np.unique(function.labels(some.features))) <= {0, 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("LogisticRegresion",), "`estimator` is 'LogisticRegresion', which is not on the list: did you mean "),
        ((7,), "`estimator` must be the name of an estimator, or (from Python) a classifier; got 7."),
        (("SVC", {"c": 1}), "`parameters` name 'c', which SVC lacks: there is C, kernel, "),
        ((LogisticRegression(), {"C": 1}), "parameters go with an estimator's name; an estimator object has its own"),
    ],
)
def test_what_cannot_be_learned_is_refused(arguments, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        Learned(*arguments)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (Learned("LogisticRegression", {"max_iter": 1}), "the estimator did not converge ("),
        (Learned("KNeighborsClassifier", {"n_neighbors": -1}), "the estimator could not be fitted: The 'n_neighbors'"),
    ],
)
def test_what_scikit_learn_refuses_is_a_sentence(description, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        description.fit(numbers_table())


def test_a_table_without_a_target_or_with_one_class_is_reported():
    table, problems = numbers_table(), Problems()
    frame = table.to_frame()
    Learned("GaussianNB").report_problems(Table.from_frame(frame), problems)
    Learned("GaussianNB").report_problems(table.take(table.target == 0), problems)
    Learned("GaussianNB", decision=Threshold("y", 0.5)).report_problems(table, problems)
    no_target, one_class, unknown = problems.sentences
    assert no_target.startswith("`ground_truth` learns from the table, which has no target: name one")
    assert one_class.startswith("`ground_truth` learns from the table, whose target has one class only")
    assert unknown.startswith("`ground_truth.decision.label` is 'y': ")
