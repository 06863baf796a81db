"""Rows whose label no hidden feature can change, and how they are put among the others."""

from __future__ import annotations

import jax
import numpy as np

from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob import process
from synlabel_prob.process.models import label_law
from synlabel_prob.soft_labels import Automatic, MonteCarlo, evaluate
from synlabel_prob.soft_labels.settled import settled_codes, with_settled
from synlabel_prob.sources import Data, read_table

KEY = jax.random.key(3)
HIDDEN = ("sepal width (cm)", "sepal length (cm)")


def made(ground_truth=None):
    truth = ground_truth or g.Learned("RandomForestClassifier", {"n_estimators": 15})
    fitted = process.fit(process.Process(truth, HIDDEN, p.Uniform()), read_table(Data(table="iris")), KEY)
    with jax.enable_x64(True):
        return fitted, label_law(fitted).prepared()


def test_settled_rows_keep_their_label_whatever_is_hidden():
    fitted, law = made()
    codes = settled_codes(law, fitted.rows, 2**30)
    assert 20 < (codes >= 0).sum() < 150
    random, features = np.random.default_rng(0), fitted.table.features
    low, high = features.min(0) - 1, features.max(0) + 1
    places = list(fitted.hidden)
    for _ in range(200):
        drawn = features.copy()
        drawn[:, places] = random.uniform(low[places], high[places], (len(drawn), 2))
        labels = fitted.ground_truth.labels(drawn)
        np.testing.assert_array_equal(labels[codes >= 0], codes[codes >= 0])


def test_no_row_is_settled_where_the_function_cannot_say():
    fitted, law = made(g.Linear({"a": {"sepal width (cm)": 1.0}, "b": {}}))
    assert (settled_codes(law, fitted.rows, 2**30) == -1).all()


def test_rows_come_back_in_their_order():
    fitted, law = made()
    drawn = evaluate(law, fitted.prior, fitted.rows.take(np.array([2, 5])), MonteCarlo(draws=50), KEY)
    codes = np.array([1, -1, 0, -1])
    every = with_settled(drawn, codes)
    np.testing.assert_array_equal(every.probabilities[[0, 2]], np.eye(3)[[1, 0]])
    np.testing.assert_array_equal(every.probabilities[[1, 3]], drawn.probabilities)
    np.testing.assert_array_equal(every.exact, [True, False, True, False])
    np.testing.assert_array_equal(every.evaluations, [0, 50, 0, 50])
    assert not every.standard_error[[0, 2]].any() and every.reached.all()
    assert every.method.endswith("2 of 4 rows settled without one")
    assert with_settled(drawn, np.array([-1, -1])) is drawn


def test_all_rows_may_be_settled():
    truth = g.Learned("DecisionTreeClassifier", {"max_depth": 2})  # asks for petals alone
    table = read_table(Data(table="iris"))
    fitted = process.fit(process.Process(truth, ("sepal width (cm)", "sepal length (cm)"), p.Uniform()), table, KEY)
    with jax.enable_x64(True):
        law = label_law(fitted)
    found = evaluate(law, fitted.prior, fitted.rows, Automatic(largest_exact=1), KEY)
    np.testing.assert_array_equal(found.probabilities, np.eye(3)[fitted.labels])
    assert found.exact.all() and not found.evaluations.any()
