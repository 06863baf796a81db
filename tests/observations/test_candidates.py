from __future__ import annotations

import numpy as np
import pytest
from contracts import LINEAR, mixed_table
from observation_examples import by_loops, chances, sets_of

from synlabel_prob import ground_truth as g
from synlabel_prob import observations as o
from synlabel_prob.errors import InputError
from synlabel_prob.testing.parts import expect_sentences, reported


def test_three_classes_alike():
    # P({y}) = P({y, j}) = 1/3 each.
    found = chances(o.UniformCandidates())
    for one, value in found.items():
        expected = [1 / 3 if label in one and len(one) < 3 else 0.0 for label in range(3)]
        np.testing.assert_allclose(value[0], expected, atol=1e-15)


def test_with_two_classes_only_the_label_is_left():
    found = chances(o.UniformCandidates(), 2)
    np.testing.assert_allclose(found[(0,)][0], [1, 0], atol=1e-15)
    np.testing.assert_allclose(found[(1,)][0], [0, 1], atol=1e-15)
    assert (found[(0, 1)] == 0).all()


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
def test_all_proper_sets_alike(classes):
    for one, value in chances(o.UniformCandidates(), classes).items():
        expected = np.isin(np.arange(classes), one) * (len(one) < classes) / (2 ** (classes - 1) - 1)
        np.testing.assert_allclose(value[0], expected, atol=1e-15)


@pytest.mark.parametrize("full_set", ["allowed", "refused"])
@pytest.mark.parametrize("classes", [2, 4, 5])
def test_by_pairs_against_loops_over_all_sets(classes, full_set):
    rates = np.random.default_rng(classes).uniform(0, 1, (classes, classes))
    rates[0, 1], rates[1, 0] = 0.0, 1.0 if classes > 2 else 0.5
    named = {f"c{y}": {f"c{j}": rates[y, j] for j in range(classes) if j != y} for y in range(classes)}
    found = chances(o.Candidates(rates=named, full_set=full_set), classes)
    expected = by_loops(rates, refused=full_set == "refused")
    for one in sets_of(classes):
        np.testing.assert_allclose(found[one][0], expected[one], atol=1e-14)


def test_pairs_that_are_not_named_never_come_along():
    found = chances(o.Candidates(rates={"c0": {"c2": 0.4}}))
    np.testing.assert_allclose(found[(0, 2)][0], [0.4, 0, 0])
    np.testing.assert_allclose(found[(1,)][0], [0, 1, 0])


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: o.Candidates(), "`rates` by pairs of them; got none"),
        (lambda: o.Candidates(0.1, {"a": {"b": 0.1}}), "`rates` by pairs of them; got both"),
        (lambda: o.Candidates(rates={"a": {"a": 0.1}}), "names 'a' itself"),
        (lambda: o.Candidates(1.0, full_set="refused"), "must be below 1"),
    ],
)
def test_what_contradicts_itself_is_refused(build, said):
    with pytest.raises(InputError, match=said):
        build()


@pytest.mark.parametrize(
    ("observation", "said"),
    [
        (o.Candidates(rates={"noo": {"yes": 0.1}}), "'noo'"),
        (o.Candidates(rates={"no": {"yess": 0.1}}), "'yess'"),
        (o.Candidates(rates={"no": {"yes": 1.0, "maybe": 1.0}}, full_set="refused"), "`observation.rates.no`"),
    ],
)
def test_what_does_not_fit_is_reported(observation, said):
    truth = g.Linear(LINEAR, {"no": 2.0})
    expect_sentences(reported(observation.report_problems, mixed_table(), ("age",), truth), said)
