"""Indicators and scalers before an estimator: labels are those of the pipeline on the original frame."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from contracts import mixed_table
from reading_cases import expect_breakpoints
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from synlabel_prob.ground_truth import Learned
from synlabel_prob.table import Table

DISCRETE = ["size", "region"]


def _encoder(**options):
    return OneHotEncoder(sparse_output=False, **options)


def _both(estimator, **options):
    parts = [("numbers", make_pipeline(MinMaxScaler(), StandardScaler()), ["height", "age"])]
    parts += [("levels", _encoder(**options), DISCRETE), ("left", "drop", ["income"])]
    return make_pipeline(ColumnTransformer(parts), StandardScaler(), estimator)


PIPELINES = {
    "linear": lambda: _both(LogisticRegression()),
    "bayes": lambda: _both(GaussianNB(var_smoothing=0.1)),
    "tree": lambda: _both(DecisionTreeClassifier(random_state=0)),
    "passed_on": lambda: make_pipeline(
        ColumnTransformer([("levels", _encoder(), DISCRETE)], remainder="passthrough"),
        "passthrough",
        DecisionTreeClassifier(random_state=0),
    ),
}


def _drawn(table: Table, number: int = 400) -> np.ndarray:
    generator = np.random.default_rng(5)
    drawn = np.stack([generator.choice(column, number) for column in table.features.T], 1)
    drawn[:, :3] *= generator.normal(1.0, 0.2, (number, 3))
    return drawn


@pytest.mark.parametrize("name", PIPELINES)
def test_labels_are_those_of_the_pipeline(name):
    table, estimator = mixed_table(), PIPELINES[name]()
    function = Learned(estimator).fit(table)
    assert function.runs_in_jax, function.runs_on_host_because
    drawn = _drawn(table)
    expected = estimator.fit(table.to_frame(), table.target).predict(table.to_frame(drawn))
    np.testing.assert_array_equal(function.labels(drawn), expected)
    with jax.enable_x64(True):
        np.testing.assert_array_equal(jax.jit(function.labels)(jnp.asarray(drawn)), expected)


@pytest.mark.parametrize("name", ["linear", "bayes", "tree"])
def test_breakpoints_of_numbers_go_through_the_scalers_and_levels_have_none(name):
    table = mixed_table()
    function = Learned(PIPELINES[name]()).fit(table)
    changes = [
        expect_breakpoints(function, table.features, place, np.linspace(low, high, 801))
        for place, (low, high) in enumerate(((0.0, 90.0), (20_000.0, 60_000.0), (1.2, 2.3)))
    ]
    assert changes[0] > 30 and changes[1] == 0  # income is dropped
    assert not np.isfinite(function.breakpoints(table.features, 1)).any()
    assert function.breakpoints(table.features, 4) is None
    assert function.linear_scores() is None and (function.boxes() is not None) == (name == "tree")


def test_numbers_as_levels_are_their_codes():
    table = mixed_table()
    frame = table.to_frame()[["age", "size"]].assign(size=table.features[:, 3].astype(int), answer=table.target)
    levels = {"size": [0, 1, 2]}
    ordered = Table.from_frame(frame, target="answer", kinds={"size": "ordinal"}, levels=levels)
    estimator = DecisionTreeClassifier(random_state=0)
    function = Learned(estimator).fit(ordered)
    assert function.runs_in_jax
    np.testing.assert_array_equal(
        function.labels(ordered.features),
        estimator.fit(frame[["age", "size"]], ordered.target).predict(frame[["age", "size"]]),
    )
    others = frame.assign(size=1 + frame["size"])
    shifted = Table.from_frame(others, target="answer", kinds={"size": "ordinal"}, levels={"size": [1, 2, 3]})
    assert not Learned(estimator).fit(shifted).runs_in_jax


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(_both(LogisticRegression(), drop="first")),
        make_pipeline(_both(LogisticRegression(), min_frequency=2)),
        make_pipeline(
            ColumnTransformer([("levels", _encoder(), DISCRETE), ("powers", PolynomialFeatures(2), ["age"])]),
            StandardScaler(),
            LogisticRegression(),
        ),
    ],
)
def test_other_steps_are_not_read(estimator):
    function = Learned(estimator).fit(mixed_table())
    assert function.runs_on_host_because.endswith("so it runs on the host in batches.")


def test_levels_that_the_encoder_refuses_stay_with_the_estimator():
    frame = mixed_table().to_frame().assign(answer=mixed_table().target)
    frame["region"] = pd.Categorical(frame["region"], ["north", "south", "west", "abroad"])
    table = Table.from_frame(frame, target="answer", levels={"size": ["S", "M", "L"]}, kinds={"size": "ordinal"})
    refused = _both(DecisionTreeClassifier(random_state=0), categories=[["S", "M", "L"], ["north", "south", "west"]])
    assert not Learned(refused).fit(table).runs_in_jax
    ignored = refused.set_params(columntransformer__levels__handle_unknown="ignore")
    function = Learned(ignored).fit(table)
    assert function.runs_in_jax
    abroad = table.features.copy()
    abroad[:, 4] = 3
    expected = ignored.fit(table.to_frame(), table.target).predict(table.to_frame(abroad))
    np.testing.assert_array_equal(function.labels(abroad), expected)
