"""What cannot be told is said before sampling, and nothing is reported of it."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from inversion_cases import dominant, hard, voted

from synlabel_prob.errors import InputError
from synlabel_prob.inversion import Observed, draw_transition, identifiability, infer, to_plain, to_text

CODES = np.arange(60) % 3


def level_and_text(observed: Observed) -> tuple[str, str]:
    told = identifiability(observed)
    return told.level, str(told)


def some(annotators: int, classes: int = 3) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.stack([dominant(random, classes) for _ in range(annotators)])


def not_identified() -> dict[str, Observed]:
    mixed = np.outer(np.linspace(0, 1, 60), [1.0, -0.5, -0.5]) * 0.5 + 1 / 3  # two directions for three classes
    return {
        "one label a row alone": Observed(list("abc"), hard_labels=CODES),
        "one soft label a row alone": Observed(list("abc"), observed_soft=np.full((9, 3), 1 / 3)),
        "are the same in every row": Observed(list("abc"), hard_labels=CODES, soft_labels=np.full((60, 3), 1 / 3)),
        "vary in fewer directions": Observed(
            list("abc"), hard_labels=CODES, soft_labels=mixed / mixed.sum(1, keepdims=True)
        ),
        "those given are constant": Observed(list("abc"), hard_labels=CODES, features=np.ones((60, 2))),
        "only 2 annotators": voted(60, some(2)).observed,
        "only 1 annotator:": voted(60, some(1)).observed,
        "All observed labels are the same": Observed(
            list("ab"), hard_labels=np.zeros(60, int), features=np.arange(60.0)[:, None]
        ),
        "no 3 are joined": Observed(
            list("ab"), votes=(np.arange(60) // 2, np.arange(60) % 2 + 2 * (np.arange(60) >= 30), CODES % 2)
        ),
    }


@pytest.mark.parametrize("said", not_identified())
def test_no_matrix_is_reported_where_nothing_is_identified(said):
    observed = not_identified()[said]
    level, text = level_and_text(observed)
    assert level == "not_identified" and said in text
    found = infer(observed, jax.random.key(0))
    assert found.posterior is None
    assert to_text(found).startswith("The noise is not identified.") and "mean and 90% interval" not in to_text(found)
    assert "transition" not in to_plain(found)
    with pytest.raises(InputError, match="not identified"):
        draw_transition(found)


def weak() -> dict[str, Observed]:
    random = np.random.default_rng(0)
    law = random.dirichlet(np.ones(3), 60)
    blunt = 0.4 * law + 0.2
    absent = np.concatenate([law[:, :2] / law[:, :2].sum(1, keepdims=True), np.zeros((60, 1))], 1)
    alone = voted(60, some(4)).observed.votes
    alone = tuple(np.concatenate([old, new]) for old, new in zip(alone, ([0, 1], [4, 4], [0, 1]), strict=True))
    chained = (
        np.concatenate([alone[0], alone[0] + 60]),
        np.concatenate([alone[1], alone[1] + 5]),
        np.tile(alone[2], 2),
    )
    return {
        "is the prior": Observed(list("abc"), hard_labels=CODES, soft_labels=absent),
        "in any row is 0.": Observed(list("abc"), hard_labels=CODES, soft_labels=blunt),
        "no better than": Observed(list("abc"), hard_labels=CODES, soft_labels=0.05 * law + 0.95 / 3),
        "was never observed": Observed(list("abcd"), hard_labels=CODES, features=random.normal(size=(60, 1))),
        "rows are few": Observed(list("abc"), hard_labels=CODES, features=random.normal(size=(60, 9))),
        "only through the frequencies": Observed(list("abc"), votes=chained),
        "rows have votes of 3 annotators": voted(60, some(3), each=2).observed,
    }


@pytest.mark.parametrize("said", weak())
def test_what_is_weakly_identified_is_said(said):
    level, text = level_and_text(weak()[said])
    assert level == "weak" and said in text


def test_an_annotator_without_shared_rows_gets_no_matrix():
    # The fifth annotator votes on rows that nobody else sees.
    votes = voted(60, some(4)).observed.votes
    more = tuple(np.concatenate([old, new]) for old, new in zip(votes, ([60, 61], [4, 4], [0, 1]), strict=True))
    told = identifiability(Observed(list("abc"), votes=more, annotators=list("vwxyz")))
    assert told.told.tolist() == [True] * 4 + [False]
    assert told.level == "weak" and "'z' shares no rows with enough others" in str(told)


def test_features_and_two_classes_come_with_their_assumptions():
    level, text = level_and_text(hard(300, 2, given="features").observed)
    assert level == "identified"
    for words in ("softmax of linear", "asymptotic anchors", "e0 + e1 < 1", "cannot be told from one label a row"):
        assert words in text


def test_soft_labels_that_are_all_alike_leave_votes_to_themselves():
    alike = np.full((60, 3), 1 / 3)
    two, four = (voted(60, some(number)).observed.votes for number in (2, 4))
    names = list("abc")
    assert identifiability(Observed(names, votes=two, soft_labels=alike)).level == "not_identified"
    assert identifiability(Observed(names, votes=four, soft_labels=alike)).level != "not_identified"
    assert identifiability(hard(60, 3).observed).level != "not_identified"


def test_few_votes_and_independence_are_said():
    text = level_and_text(voted(200, some(3), each=3).observed)[1]
    assert "independent given its true class" in text and "fewer than" not in text
    votes = voted(200, some(3)).observed.votes
    more = tuple(np.append(old, new) for old, new in zip(votes, (0, 3, 0), strict=True))
    assert (
        "'3' gave fewer than 5 votes" in level_and_text(Observed(list("abc"), votes=more, annotators=list("0123")))[1]
    )


def test_anchors_are_the_largest_probabilities():
    case = hard(200, 3)
    np.testing.assert_array_equal(identifiability(case.observed).anchors, case.observed.soft_labels.max(0))
