"""Votes that share a label and votes with one each: their whole law, exactly; copies, answers, what is refused."""

from __future__ import annotations

import dataclasses
import itertools
import math

import jax
import numpy as np
import pytest
from contracts import EXPERT, LINEAR, MATRIX, mixed_table, noise_setting
from numpyro import handlers
from numpyro.infer.util import log_density

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob.annotators.dawid_skene import GivenConfusions
from synlabel_prob.distributions import Vote
from synlabel_prob.errors import InputError
from synlabel_prob.testing import assert_frequencies
from synlabel_prob.testing.parts import reported

SOFT = np.array([0.5, 0.3, 0.2])
PANEL = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
"""Right for 76% of labels; five of them are the raters of the numbers below."""
OUTCOMES = np.array([it for it in itertools.product(range(6), repeat=3) if sum(it) == 5])


def multinomial(law: np.ndarray) -> np.ndarray:
    """Of the outcomes of 5 votes, (21,)."""
    ways = [math.factorial(5) // math.prod(map(math.factorial, it)) for it in OUTCOMES.tolist()]
    return np.array(ways) * np.prod(law**OUTCOMES, -1)


LAWS = {"shared": SOFT @ [multinomial(row) for row in PANEL], "own": multinomial(SOFT @ PANEL)}


def panel(rows: int, labels_from: str, **options) -> a.FittedAnnotation:
    family = GivenConfusions(np.array([PANEL] * 5), tuple("vwxyz"))
    places, people = np.repeat(np.arange(rows), 5), np.tile(np.arange(5), rows)
    made = {"answers": None, "copying": 0.0, **options}
    return a.FittedAnnotation(family, places, people, labels_from=labels_from, num_rows=rows, **made)


def drawn(annotation: a.FittedAnnotation, key) -> dict[str, np.ndarray]:
    """Sites of one pass over rows that all have the soft label SOFT."""
    rows = annotation.num_rows
    own, labels = jax.random.split(key)
    start = jax.random.choice(labels, 3, (rows,), p=SOFT)
    sources = a.Sources(noisy_soft_label=np.broadcast_to(SOFT, (rows, 3)) + np.zeros((rows, 3)))
    trace = handlers.trace(handlers.seed(annotation.votes, own)).get_trace(sources, start)
    return {"start": np.asarray(start), **{name: np.asarray(site["value"]) for name, site in trace.items()}}


def test_the_two_semantics_have_the_published_numbers():
    fractions = OUTCOMES / 5
    variances = {name: law @ fractions**2 - (law @ fractions) ** 2 for name, law in LAWS.items()}
    np.testing.assert_allclose(variances["shared"], [0.1379, 0.1211, 0.0640], atol=5e-5)
    np.testing.assert_allclose(variances["own"], [0.0498, 0.0442, 0.0320], atol=5e-5)
    unanimous = OUTCOMES.max(1) == 5
    assert LAWS["shared"] @ unanimous == pytest.approx(0.277, abs=1e-3)
    assert LAWS["own"] @ unanimous == pytest.approx(0.027, abs=5e-4)
    for law in LAWS.values():
        np.testing.assert_allclose(law @ fractions, SOFT @ PANEL, atol=1e-15)


def test_the_covariance_of_the_vote_fractions():
    fractions, q = OUTCOMES / 5, SOFT @ PANEL
    covariances = {name: fractions.T * law @ fractions - np.outer(q, q) for name, law in LAWS.items()}
    np.testing.assert_allclose(covariances["own"], (np.diag(q) - np.outer(q, q)) / 5, atol=1e-15)
    within = sum(p * (np.diag(row) - np.outer(row, row)) for p, row in zip(SOFT, PANEL, strict=True)) / 5
    between = (PANEL - q).T * SOFT @ (PANEL - q)
    np.testing.assert_allclose(covariances["shared"], within + between, atol=1e-15)


def test_pluralities_of_the_two():
    winners = OUTCOMES.max(1, keepdims=True) == OUTCOMES
    expected = {name: law @ (winners / winners.sum(1, keepdims=True)) for name, law in LAWS.items()}
    np.testing.assert_allclose(SOFT @ a.plurality_law(PANEL, 5), expected["shared"], atol=1e-14)
    np.testing.assert_allclose(a.plurality_law(SOFT @ PANEL, 5), expected["own"], atol=1e-14)
    np.testing.assert_allclose(expected["shared"], [0.5096, 0.3212, 0.1693], atol=5e-5)
    np.testing.assert_allclose(expected["own"], [0.5598, 0.3078, 0.1324], atol=5e-5)


@pytest.mark.parametrize("labels_from", LAWS)
def test_votes_follow_the_whole_law_of_their_semantics(labels_from, key):
    # Exact binomial tests of 21 outcomes, false alarm 1e-6: 40,000 rows see an outcome that is off by 0.015, and the
    # two laws differ by up to 0.16.
    votes = drawn(panel(40_000, labels_from), key)["votes"].reshape(-1, 5)
    counts = np.stack([(votes == code).sum(1) for code in range(3)], -1)
    found = [(counts == outcome).all(1).sum() for outcome in OUTCOMES]
    assert_frequencies(found, LAWS[labels_from])


def test_shared_votes_start_from_one_label_and_own_ones_from_one_each(key):
    shared = drawn(panel(400, "shared"), key)
    np.testing.assert_array_equal(shared["vote_start"].reshape(-1, 5), np.repeat(shared["start"][:, None], 5, 1))
    own = drawn(panel(4000, "own"), key)["vote_start"].reshape(-1, 5)
    # Two of them are equal with probability .25 + .09 + .04; false alarm 1e-6.
    equal = int((own[:, 0] == own[:, 1]).sum())
    assert_frequencies([equal, 4000 - equal], [0.38, 0.62])


# --- copies -------------------------------------------------------------------------------------------


def test_copies_have_the_law_of_a_chain(key):
    # Exact binomial tests of 27 outcomes of three votes, false alarm 1e-6, 100,000 draws.
    laws = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.6, 0.4, 0.0]])
    first = np.array([True, False, False])
    law = Vote(laws, np.array([0, 1, 2]), first, 0.4)
    outcomes = np.array(list(itertools.product(range(3), repeat=3)))
    chance = laws[0, outcomes[:, 0]]
    for place in (1, 2):
        same = outcomes[:, place] == outcomes[:, place - 1]
        chance = chance * (0.6 * laws[place, outcomes[:, place]] + 0.4 * same)
    np.testing.assert_allclose(np.exp(law.log_prob(outcomes).sum(-1)), chance, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(chance.sum(), 1.0)
    votes = np.asarray(law.sample(key, (100_000,)))
    found = [(votes == outcome).all(1).sum() for outcome in outcomes]
    assert_frequencies(found, chance)


def test_copies_stay_in_their_row(key):
    votes = drawn(panel(300, "own", copying=1.0), key)["votes"].reshape(-1, 5)
    assert (votes == votes[:, :1]).all()
    assert len(np.unique(votes[:, 0])) == 3


def test_copies_leave_the_law_of_one_vote_of_like_annotators(key):
    votes = drawn(panel(20_000, "shared", copying=0.5), key)["votes"].reshape(-1, 5)
    # False alarm 1e-6 for each column; 20,000 rows see an error of 0.02.
    for column in votes.T:
        assert_frequencies(np.bincount(column, minlength=3), SOFT @ PANEL, false_alarm=2e-7)


# --- answers ------------------------------------------------------------------------------------------


def test_votes_are_given_by_what_they_say(key):
    # False alarm 1e-6; 20,000 votes see a probability that is off by 0.03.
    sites = drawn(panel(8000, "shared", answers=np.array([1.0, 0.5, 0.0])), key)
    for code, chance in enumerate((1.0, 0.5, 0.0)):
        given = sites["votes_given"][sites["votes"] == code]
        assert_frequencies([int(given.sum()), int(len(given) - given.sum())], [chance, 1 - chance])


# --- log-probability ----------------------------------------------------------------------------------


@pytest.mark.parametrize("copying", [0.0, 0.3])
@pytest.mark.slow
def test_the_log_density_of_the_votes_is_a_sum(copying, key):
    annotation = panel(6, "shared", copying=copying, answers=np.array([0.9, 0.5, 0.2]))
    sites = drawn(annotation, key)
    start = sites["start"]
    values = {"votes": sites["votes"], "votes_given": sites["votes_given"]}
    with jax.enable_x64(True):
        found = log_density(annotation.votes, (a.Sources(), start), {}, values)[0]
    expected, answers = 0.0, np.array([0.9, 0.5, 0.2])
    for row, place in itertools.product(range(6), range(5)):
        pair = 5 * row + place
        vote = sites["votes"][pair]
        chance = PANEL[start[row], vote]
        if place:
            chance = (1 - copying) * chance + copying * (vote == sites["votes"][pair - 1])
        given = sites["votes_given"][pair]
        expected += np.log(chance) + np.log(answers[vote] if given else 1 - answers[vote])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


# --- what is refused ----------------------------------------------------------------------------------

PEOPLE = a.OneCoin(4, 0.2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labels_a_row": 5}, "labels_a_row must be at most the number of annotators, 4; got 5"),
        ({"labels_a_row": 0}, "labels_a_row must be at least 1; got 0"),
        ({"copying": 1.2}, "copying must be a number from 0 to 1"),
        ({"answers": {"no": 1.2}}, "answers.no must be at most 1"),
        ({"labels_from": "each"}, "labels_from must be one of 'shared' or 'own'"),
        (
            {"annotators": a.NoiseNodes((n.Expert(EXPERT),)), "labels_from": "own"},
            'labels_from must be "shared" for annotators',
        ),
    ],
)
def test_what_makes_no_sense_is_refused(options, said):
    with pytest.raises(InputError) as caught:
        a.Annotation(**{"annotators": PEOPLE, **options})
    assert said in str(caught.value).replace("`", "")


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (a.Annotation(a.OneCoin(50, 0.2), labels_a_row=2), "leaves some of the 50 annotators without a row"),
        (
            a.Annotation(PEOPLE, labels_a_row=2, labels_an_annotator=9),
            "must be at least 10, because 4 annotators give 2",
        ),
        (a.Annotation(PEOPLE, labels_an_annotator=19), "must be at least 20"),
        (a.Annotation(PEOPLE, answers={"perhaps": 0.5}), "`annotation.answers` names the class 'perhaps'"),
        (a.Annotation(a.DawidSkene(matrices=(((1.0,),),))), "`annotation.annotators.matrices` must be 3 x 3"),
    ],
)
def test_what_does_not_fit_the_table_is_named(annotation, said):
    (sentence,) = reported(annotation.report_problems, mixed_table(20), g.Linear(LINEAR))
    assert said in sentence


def test_a_limit_that_is_just_enough_is_kept():
    annotation = a.Annotation(PEOPLE, labels_a_row=2, labels_an_annotator=10)
    assert reported(annotation.report_problems, mixed_table(20), g.Linear(LINEAR)) == []
    fitted = annotation.fit(noise_setting(20), jax.random.key(0))
    assert np.bincount(fitted.annotators).tolist() == [10] * 4


def test_words_say_all():
    words = a.Annotation(
        a.DawidSkene(matrices=(MATRIX,) * 3), "own", 2, 200, {"dist": "Beta", "concentration1": 1, "concentration0": 9},
        {"no": 0.5},
    ).explain()  # fmt: skip
    for part in (
        "3 annotators with the given confusion",
        "2 of them",
        "more than 200",
        "rate Beta(1, 9)",
        "for no are",
    ):
        assert part in words
    assert "all label each row" in dataclasses.replace(a.Annotation(PEOPLE)).explain()
