"""Votes put together, against numbers worked out by hand, brute force and draws."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pandas as pd
import pytest

from synlabel_prob import annotators as a
from synlabel_prob.errors import InputError
from synlabel_prob.testing import assert_frequencies

CLASSES = ("no", "maybe", "yes")
LAW = np.array([0.5, 0.3, 0.2])


def votes_of(*rows: tuple, size: int = 3, names: int = 3) -> a.Votes:
    """Votes from the labels of each row; None is a vote that is not there."""
    said = [
        (row, who, label) for row, labels in enumerate(rows) for who, label in enumerate(labels) if label is not None
    ]
    places = np.array(said, dtype=np.int64).reshape(-1, 3).T
    people = tuple(f"annotator_{number}" for number in range(names))
    return a.Votes(*places, np.arange(len(rows)) + 100, people, tuple(range(size)) if size != 3 else CLASSES)


SOME = votes_of((0, 0, 2), (1, 2, None), (None, None, None), (2, None, None))


def test_shares_and_smoothing():
    shares = a.vote_shares(SOME)
    np.testing.assert_allclose(shares[[0, 1, 3]], [[2 / 3, 0, 1 / 3], [0, 0.5, 0.5], [0, 0, 1]])
    assert np.isnan(shares[2]).all()
    smooth = a.vote_shares(SOME, smoothing=0.5)
    np.testing.assert_allclose(
        smooth,
        [[2.5, 0.5, 1.5], [0.5, 1.5, 1.5], [0.5, 0.5, 0.5], [0.5, 0.5, 1.5]] / np.array([[4.5], [3.5], [1.5], [2.5]]),
    )
    with pytest.raises(InputError, match="smoothing must be a number of at least 0"):
        a.vote_shares(SOME, smoothing=-1.0)


def test_plurality_follows_its_rule_for_ties(key):
    assert a.plurality(SOME).tolist() == [0, 1, -1, 2]
    assert a.plurality(SOME, ties="none").tolist() == [0, -1, -1, 2]
    with pytest.raises(InputError, match="needs a JAX key"):
        a.plurality(SOME, ties="random")
    # Exact binomial test, false alarm 1e-6; 4,000 rows see a share that is off by 0.06.
    many = votes_of(*[(1, 2, None)] * 4000)
    winners = a.plurality(many, ties="random", key=key)
    assert_frequencies(np.bincount(winners, minlength=3), [0, 0.5, 0.5])
    assert a.plurality(SOME, ties="random", key=key)[[0, 2, 3]].tolist() == [0, -1, 2]


def test_agreement_by_hand():
    agreed = a.agreement(votes_of((0, 0, 2), (1, 1, None), (None, None, None), (2, None, None)))
    assert agreed == (pytest.approx((1 / 3 + 1) / 2), 0.5)
    assert np.isnan(a.agreement(votes_of((0, None, None)))).all()
    accuracy = a.annotator_accuracy(SOME, np.array([0, 1, 2, 1, 1, 2]))
    np.testing.assert_allclose(accuracy, [1.0, 0.0, 1.0])
    assert a.votes_a_row(SOME).tolist() == [3, 2, 0, 1]


# --- the posterior ----------------------------------------------------------------------------------


def brute_force(votes: a.Votes, prior: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    found = []
    for row in range(len(votes.row_ids)):
        joint = np.broadcast_to(prior, (len(votes.row_ids), len(votes.classes)))[row].copy()
        for place in np.flatnonzero(votes.rows == row):
            for label in range(len(votes.classes)):
                joint[label] *= transitions[votes.annotators[place], label, votes.labels[place]]
        found.append(joint / joint.sum())
    return np.array(found)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_the_posterior_is_bayes_rule(size):
    generator = np.random.default_rng(size)
    rows = [tuple(None if skip else label for label, skip in zip(*it, strict=True)) for it in zip(
        generator.integers(size, size=(20, 4)), generator.random((20, 4)) < 0.3, strict=True
    )]  # fmt: skip
    votes = votes_of(*rows, size=size, names=4)
    transitions = generator.dirichlet(np.ones(size), (4, size))
    for prior in (generator.dirichlet(np.ones(size)), generator.dirichlet(np.ones(size), 20)):
        found = a.vote_posterior(votes, prior, transitions)
        np.testing.assert_allclose(found, brute_force(votes, prior, transitions), atol=1e-14)


def test_the_posterior_of_every_vote_averages_to_the_prior():
    transitions = np.random.default_rng(1).dirichlet(np.ones(3), (3, 3))
    every = list(itertools.product(range(3), repeat=3))
    chance = np.einsum("k,kv->v", LAW, np.prod([transitions[a, :, [v[a] for v in every]] for a in range(3)], 0).T)
    posterior = a.vote_posterior(votes_of(*every), LAW, transitions)
    np.testing.assert_allclose(chance @ posterior, LAW, atol=1e-14)
    np.testing.assert_allclose(chance.sum(), 1.0)


def test_the_posterior_without_votes_is_the_prior_and_of_impossible_ones_nothing():
    sure = np.broadcast_to(np.eye(3), (3, 3, 3))
    found = a.vote_posterior(SOME, LAW, sure)
    np.testing.assert_allclose(found[[2, 3]], [LAW, [0, 0, 1]])
    assert np.isnan(found[:2]).all()  # people who never err cannot say different things


def test_a_thousand_votes_do_not_underflow():
    votes = votes_of((0,) * 1000, names=1000)
    found = a.vote_posterior(votes, LAW, np.broadcast_to(np.full((3, 3), 1 / 3), (1000, 3, 3)))
    np.testing.assert_allclose(found, [LAW], atol=1e-12)


@pytest.mark.parametrize(
    ("prior", "transitions", "said"),
    [
        (LAW[:2], np.ones((3, 3, 3)) / 3, r"prior must be \(3,\) or \(4, 3\); got \(2,\)"),
        (LAW, np.ones((2, 3, 3)) / 3, r"transitions must be \(3, 3, 3\); got \(2, 3, 3\)"),
        (LAW * 2, np.ones((3, 3, 3)) / 3, "prior must hold probabilities"),
        (LAW, np.ones((3, 3, 3)), "transitions must hold probabilities"),
    ],
)
def test_a_posterior_of_other_things_is_refused(prior, transitions, said):
    with pytest.raises(InputError, match=said):
        a.vote_posterior(SOME, prior, transitions)


# --- the law of a plurality -------------------------------------------------------------------------


def test_the_law_of_a_plurality_as_published():
    # By enumeration of all 21 outcomes of 5 votes.
    np.testing.assert_allclose(a.plurality_law(LAW, 5), [0.6125, 0.2576, 0.1299], atol=5e-5)


@pytest.mark.parametrize(("size", "number"), [(2, 4), (3, 3), (4, 2)])
def test_the_law_of_a_plurality_is_that_of_every_sequence(size, number):
    law = np.random.default_rng(size).dirichlet(np.ones(size), 3)
    expected = np.zeros_like(law)
    for votes in itertools.product(range(size), repeat=number):
        counts = np.bincount(votes, minlength=size)
        best = counts == counts.max()
        expected += np.prod(law[:, votes], -1)[:, None] * best / best.sum()
    np.testing.assert_allclose(a.plurality_law(law, number), expected, atol=1e-14)


def test_the_law_of_a_plurality_of_one_vote_and_of_what_cannot_be():
    np.testing.assert_allclose(a.plurality_law(LAW, 1), LAW)
    np.testing.assert_allclose(a.plurality_law(np.array([0.0, 1.0]), 4), [0, 1])
    with pytest.raises(InputError, match=r"come out in [\d,]+ ways"):
        a.plurality_law(np.full(100, 0.01), 10)
    with pytest.raises(InputError, match="number must be at least 1"):
        a.plurality_law(LAW, 0)
    with pytest.raises(InputError, match="law must hold probabilities"):
        a.plurality_law(LAW * 2, 3)


# --- the long table ---------------------------------------------------------------------------------


def test_the_long_table_and_back():
    frame = a.votes_to_frame(SOME)
    assert list(frame.columns) == ["task", "worker", "label"]
    assert frame.astype(str).values.tolist()[:2] == [["100", "annotator_0", "no"], ["100", "annotator_1", "no"]]
    mixed = frame.sample(frac=1.0, random_state=1)
    back = a.votes_from_frame(mixed, SOME.row_ids, CLASSES, SOME.names)
    for name in ("rows", "annotators", "labels"):
        np.testing.assert_array_equal(getattr(back, name), getattr(SOME, name))
    assert a.votes_from_frame(frame, SOME.row_ids, CLASSES).names == SOME.names


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="worker"), "there is no 'worker'"),
        (lambda frame: frame.assign(task=7), "the id of a row in the column 'task'; got 7"),
        (lambda frame: frame.assign(label="perhaps"), "a declared class in the column 'label'; got 'perhaps'"),
        (
            lambda frame: pd.concat([frame, frame]),
            "one label of an annotator for a row; 'annotator_0' labels 100 twice",
        ),
    ],
)
def test_a_table_that_holds_no_votes_is_refused(change, said):
    with pytest.raises(InputError, match=said):
        a.votes_from_frame(change(a.votes_to_frame(SOME)), SOME.row_ids, CLASSES)


def test_a_random_tie_goes_by_the_id_of_the_row():
    votes = votes_of(*[(1, 2, None)] * 50)
    order = np.random.default_rng(0).permutation(50)
    places = np.argsort(order)[votes.rows]
    again = np.lexsort((votes.annotators, places))
    mixed = a.Votes(
        places[again], votes.annotators[again], votes.labels[again], votes.row_ids[order], votes.names, votes.classes
    )
    key = jax.random.key(1)
    np.testing.assert_array_equal(
        a.plurality(mixed, ties="random", key=key), a.plurality(votes, ties="random", key=key)[order]
    )
