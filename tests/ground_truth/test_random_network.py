"""Random networks against a forward pass by hand, their shares, and the law of their weights."""

from __future__ import annotations

import dataclasses
import re

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import incomplete_table, mixed_table, numbers_table

import synlabel_prob as sp
from synlabel_prob import priors, soft_labels
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import RandomNetwork

ABC = ("a", "b", "c")


def counts(description, table):
    return np.bincount(description.fit(table).labels(table.features), minlength=len(description.classes)).tolist()


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("classes", [ABC, ("a", "b")])
def test_a_forward_pass_by_hand(activation, classes):
    table = mixed_table()
    described = RandomNetwork(classes, ("income", "age"), 5, 2, activation=activation, random_state=3)
    function = described.fit(table)
    own = table.features[:, [1, 0]]
    found = (own - own.mean(0)) / own.std(0)
    generator = np.random.default_rng(3)
    outputs = 1 if len(classes) == 2 else 3
    for layer, (before, after) in enumerate([(2, 5), (5, 5), (5, outputs)]):
        weights, intercepts = (generator.normal(0, 1.5 / before**0.5, shape) for shape in ((before, after), after))
        if layer == 2:
            intercepts = function.intercepts[-1]  # solved, not drawn
        if layer:
            found = np.tanh(found) if activation == "tanh" else np.where(found > 0, found, 0)
        found = np.stack([weights.T @ row + intercepts for row in found])
    if outputs == 1:
        expected = np.stack([1 / (1 + np.exp(found[:, 0])), 1 / (1 + np.exp(-found[:, 0]))], 1)
    else:
        expected = np.exp(found) / np.exp(found).sum(1, keepdims=True)
    np.testing.assert_allclose(function.probabilities(table.features), expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(function.labels(table.features), expected.argmax(1))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_classes_have_the_shares_that_were_asked_for(depth):
    table = mixed_table()
    assert counts(RandomNetwork(("a", "b"), depth=depth), table) == [40, 40]
    assert counts(RandomNetwork(("a", "b"), depth=depth, balance={"a": 0.9, "b": 0.1}), table) == [72, 8]
    assert counts(RandomNetwork(ABC, depth=depth), table) == [27, 27, 26]
    assert counts(RandomNetwork(ABC, depth=depth, balance={"c": 0.7, "a": 0.1, "b": 0.2}), table) == [8, 16, 56]
    many = RandomNetwork(tuple("abcdefgh"), depth=depth, random_state=5)
    assert counts(many, table) == [10] * 8


def test_weights_have_the_scale_that_was_asked_for():
    # 65,536 weights: their standard deviation is known to 0.28% (one standard error). The gate of 1.4% has a false
    # alarm of 6e-7 and tells a scale apart that is off by 2% with more than 98%.
    function = RandomNetwork(ABC, width=256, depth=2, weight_scale=2.0).fit(numbers_table())
    first, second, last = function.weights
    assert (first.shape, second.shape, last.shape) == ((3, 256), (256, 256), (256, 3))
    np.testing.assert_allclose(second.std(), 2.0 / 16, rtol=0.014)
    # 768 of them: 2.6% and a gate of 5 standard errors.
    np.testing.assert_allclose(first.std(), 2.0 / np.sqrt(3), rtol=0.13)


def test_the_state_fixes_the_function_and_units_of_features_do_not_matter():
    table = numbers_table()
    first, second = (RandomNetwork(ABC, random_state=state).fit(table) for state in (0, 1))
    again = RandomNetwork(ABC, random_state=0).fit(table)
    np.testing.assert_array_equal(first.weights[0], again.weights[0])
    assert np.abs(first.weights[0] - second.weights[0]).max() > 0.1
    scaled = dataclasses.replace(table, features=table.features * 1000 - 7)
    np.testing.assert_array_equal(RandomNetwork(ABC).fit(scaled).labels(scaled.features), first.labels(table.features))


def test_features_that_are_not_named_do_not_matter():
    table = mixed_table()
    function = RandomNetwork(ABC, ("age",)).fit(table)
    other = np.random.default_rng(0).normal(size=table.features.shape)
    other[:, 0] = table.features[:, 0]
    np.testing.assert_array_equal(function.labels(other), function.labels(table.features))


def test_rows_that_miss_values_are_left_out_of_the_shares():
    table = incomplete_table()
    function = RandomNetwork(("a", "b"), ("height", "age")).fit(table)
    complete = ~np.isnan(table.features[:, [0, 2]]).any(1)
    labels = function.labels(table.features[complete])
    assert abs(labels.sum() - complete.sum() / 2) <= 0.5
    problems = Problems()
    RandomNetwork(("a", "b")).report_problems(table, problems)
    assert problems.sentences == []


def test_without_hidden_layers_soft_labels_are_exact():
    process = sp.Process(RandomNetwork(("a", "b"), depth=0), ("income",), priors.GaussianRegression())
    made = sp.generate(sp.fit(process, numbers_table()), jax.random.key(0), soft_labels.Exact())
    assert made.soft.exact.all()


def test_classes_that_get_no_row_are_reported():
    frame = pd.DataFrame({"x": [0.0, 1.0] * 5})
    problems = Problems()
    RandomNetwork(ABC).report_problems(sp.Table.from_frame(frame), problems)
    (sentence,) = problems.sentences
    assert re.match("`ground_truth` gives no row to the class '[abc]': of the 10 rows without missing", sentence)
    same = pd.DataFrame({"x": [2.0] * 10})
    with pytest.raises(InputError, match="gives no row to the class"):
        RandomNetwork(("a", "b")).fit(sp.Table.from_frame(same))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "`width` must be at least 1; got 0."),
        ({"depth": -1}, "`depth` must be at least 0; got -1."),
        ({"weight_scale": 0.0}, "`weight_scale` must be above 0; got 0.0."),
        ({"activation": "rely"}, "`activation` must be one of 'relu' or 'tanh'; got 'rely': did you mean 'relu'?"),
    ],
)
def test_what_is_no_network_is_refused(options, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        RandomNetwork(ABC, **options)


def test_in_words():
    assert RandomNetwork(("a", "b"), depth=2).explain() == (
        "a random network (hidden layers: 2 of 16 relu units) of all continuous features, with offsets that make the "
        "classes a, b in equal shares"
    )
