"""Likelihoods and laws of true labels against sums over all true labels, written out."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest
from inversion_cases import dominant, hard, voted

from synlabel_prob.inversion import Observed
from synlabel_prob.inversion.gathering import arrays, merged, standardised
from synlabel_prob.inversion.models import (
    CLASS_LAW,
    INTERCEPTS,
    WEIGHTS,
    log_class_law,
    log_likelihood,
    true_label_law,
    wrong_given_observed,
)
from synlabel_prob.inversion.rows import row_pass


def likelihood(given, values, transition) -> float:
    with jax.enable_x64(True):
        return float(log_likelihood(given, log_class_law(given, values), transition))


def test_hard_labels_with_a_known_law():
    case = hard(30, 3)
    given, law, said = arrays(case.observed), case.observed.soft_labels, case.observed.hard_labels
    joint = law[:, :, None] * case.transition
    expected = np.log(joint.sum(1)[np.arange(30), said])
    np.testing.assert_allclose(likelihood(given, {}, case.transition), expected.sum(), rtol=1e-10)
    of_true = joint[np.arange(30), :, said]
    of_true /= of_true.sum(1, keepdims=True)
    with jax.enable_x64(True):
        logs = log_class_law(given, {})
        np.testing.assert_allclose(true_label_law(given, logs, case.transition), of_true, rtol=1e-10)
        wrong = wrong_given_observed(given, logs, case.transition)
    np.testing.assert_allclose(wrong, 1 - of_true[np.arange(30), said], atol=1e-10)


def test_votes_share_the_true_class_of_their_row():
    random = np.random.default_rng(3)
    case = voted(4, np.stack([dominant(random, 3) for _ in range(3)]), each=2)
    given, votes = arrays(case.observed), case.observed.votes
    law = np.array([0.5, 0.3, 0.2])
    total, of_true = 0.0, np.zeros((4, 3))
    for labels in itertools.product(range(3), repeat=4):  # every assignment of true labels to the four rows
        own = law[list(labels)].prod()
        for row, who, said in zip(*votes, strict=True):
            own *= case.transition[who, labels[row], said]
        total += own
        for row, code in enumerate(labels):
            of_true[row, code] += own
    np.testing.assert_allclose(likelihood(given, {CLASS_LAW: law}, case.transition), np.log(total), rtol=1e-10)
    with jax.enable_x64(True):
        logs = log_class_law(given, {CLASS_LAW: law})
        found = true_label_law(given, logs, case.transition)
        wrong = wrong_given_observed(given, logs, case.transition)
    np.testing.assert_allclose(found, of_true / total, rtol=1e-10)
    each = 1 - np.bincount(votes.row, (of_true / total)[votes.row, votes.label]) / 2
    np.testing.assert_allclose(wrong, each, rtol=1e-10)


def test_observed_soft_labels_count_as_their_panel():
    random = np.random.default_rng(4)
    law, seen, transition = (random.dirichlet(np.ones(3), size) for size in (20, 20, 3))
    given = arrays(Observed(list("abc"), observed_soft=seen, panel_size=5, soft_labels=law))
    expected = 5 * (seen * np.log(law @ transition)).sum()
    np.testing.assert_allclose(likelihood(given, {}, transition), expected, rtol=1e-10)
    reverse = law[:, :, None] * transition / (law @ transition)[:, None]  # (rows, true, observed)
    with jax.enable_x64(True):
        found = true_label_law(given, log_class_law(given, {}), transition)
        wrong = wrong_given_observed(given, log_class_law(given, {}), transition)
    np.testing.assert_allclose(found, np.einsum("rtj,rj->rt", reverse, seen), rtol=1e-10)
    np.testing.assert_allclose(wrong, 1 - np.einsum("rjj,rj->r", reverse, seen), rtol=1e-10)


def test_features_make_a_softmax():
    case = hard(30, 3, given="features")
    given = arrays(case.observed)
    values = {WEIGHTS: np.arange(6.0).reshape(2, 3) / 4, INTERCEPTS: np.array([0.1, 0.2, -0.3])}
    scores = np.exp(standardised(case.observed.features) @ values[WEIGHTS] + values[INTERCEPTS])
    law = scores / scores.sum(1, keepdims=True)
    expected = np.log((law @ case.transition)[np.arange(30), case.observed.hard_labels]).sum()
    np.testing.assert_allclose(likelihood(given, values, case.transition), expected, rtol=1e-10)


@pytest.mark.parametrize("what", ["hard", "votes", "features"])
def test_merged_rows_have_the_likelihood_of_all(what):
    random = np.random.default_rng(5)
    if what == "votes":
        case = voted(200, np.stack([dominant(random, 2) for _ in range(3)]))
        given, values = arrays(case.observed), {CLASS_LAW: np.array([0.6, 0.4])}
    else:
        case = hard(200, 3)
        law = case.observed.soft_labels.round(1)
        law[:, 0] += 1 - law.sum(1)
        said = case.observed.hard_labels
        parts = {"soft_labels": np.abs(law) / np.abs(law).sum(1, keepdims=True)}
        values = {}
        if what == "features":
            parts = {"features": random.integers(0, 3, (200, 2)).astype(float)}
            values = {WEIGHTS: np.ones((2, 3)) * [1, 0, -1], INTERCEPTS: np.zeros(3)}
        given = arrays(Observed(list("abc"), hard_labels=said, **parts))
    short = merged(given)
    assert len(short.counts) < len(given.counts) / 2
    assert short.multiplicity.sum() == 200
    np.testing.assert_allclose(
        likelihood(short, values, case.transition), likelihood(given, values, case.transition), rtol=1e-9
    )


def test_the_share_of_wrong_labels_is_drawn_from_the_rows(key):
    # 400 rows that are wrong with known probabilities: the mean share and its spread are those of a sum of Bernoullis.
    # 5,000 draws: each standardised difference is below 5 with probability 1 - 6e-7.
    case = hard(400, 3)
    given = arrays(case.observed)
    found = row_pass(given, {"transition": np.repeat(case.transition[None], 5000, 0)}, key, soft=False)
    wrong = found.wrong
    deviation = np.sqrt((wrong * (1 - wrong)).sum()) / 400
    assert abs(found.wrong_share.mean() - wrong.mean()) < 5 * deviation / np.sqrt(5000)
    assert abs(found.wrong_share.std() / deviation - 1) < 5 / np.sqrt(2 * 5000)
    law = case.observed.soft_labels
    np.testing.assert_allclose(found.noise_rate, (law * (1 - np.diag(case.transition))).sum(1).mean(), rtol=1e-6)
