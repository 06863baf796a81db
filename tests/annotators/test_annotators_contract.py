"""Every family of annotators keeps its contract."""

from __future__ import annotations

import jax
import pytest
from contracts import ANNOTATORS, marked, noise_setting

from synlabel_prob import annotators as a
from synlabel_prob.annotators.one_coin import FittedOneCoin
from synlabel_prob.distributions import Vote
from synlabel_prob.testing import check_annotators


@pytest.mark.parametrize("name", marked(ANNOTATORS))
def test_contract(name, key):
    # False alarm 1e-6 a check; what it sees is written in `check_annotators`.
    check_annotators(ANNOTATORS[name].build(), noise_setting(20), key)


def test_every_family_is_in_the_table():
    assert {type(case.build()) for case in ANNOTATORS.values()} == set(a.DESCRIPTIONS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda matrices: matrices * 1.001, "must sum to 1"),
        (lambda matrices: jax.lax.stop_gradient(matrices), "gradient of the log-probability"),
    ],
)
def test_the_checker_sees_what_is_wrong(change, said, key, monkeypatch):
    plain = FittedOneCoin.confusions
    monkeypatch.setattr(FittedOneCoin, "confusions", lambda self, parameters: change(plain(self, parameters)))
    with pytest.raises(AssertionError, match=said):
        check_annotators(ANNOTATORS["one_coin_of_a_law"].build(), noise_setting(20), key, num_draws=1000)


def test_the_checker_sees_transitions_of_somebody_else(key, monkeypatch):
    plain = FittedOneCoin.transitions
    monkeypatch.setattr(FittedOneCoin, "transitions", lambda self, *given: plain(self, *given)[::-1])
    with pytest.raises(AssertionError, match="`transitions`"):
        check_annotators(ANNOTATORS["one_coin_of_a_law"].build(), noise_setting(20), key, num_draws=1000)


def test_the_checker_sees_draws_from_another_law(key, monkeypatch):
    plain = Vote.from_uniforms
    monkeypatch.setattr(Vote, "from_uniforms", lambda self, uniforms: plain(self, uniforms**1.2))
    with pytest.raises(AssertionError, match="draws disagree with the stated law"):
        check_annotators(a.OneCoin(4, 0.3), noise_setting(20), key)


def test_the_checker_sees_votes_that_depend_on_the_others(key, monkeypatch):
    plain = FittedOneCoin.said
    monkeypatch.setattr(FittedOneCoin, "said", lambda self, *given: plain(self, *given)[::-1])
    with pytest.raises(AssertionError, match="for some of the pairs"):
        check_annotators(a.OneCoin(4, 0.3), noise_setting(20), key, num_draws=1000)
