"""Every observation keeps its contract; the checker compares with all sets of classes, enumerated."""

from __future__ import annotations

import jax
import pytest
from contracts import OBSERVATIONS, marked, noise_setting

from synlabel_prob import observations as o
from synlabel_prob.observations.candidates import FittedCandidates
from synlabel_prob.observations.fixed_candidates import FittedFixedCandidates
from synlabel_prob.testing import check_observation


@pytest.mark.parametrize("name", marked(OBSERVATIONS))
def test_contract(name, key):
    # False alarm 1e-6 a check; what it sees is written in `check_observation`.
    check_observation(OBSERVATIONS[name].build(), noise_setting(8), key)


def test_every_kind_is_in_the_table():
    assert {type(case.build()) for case in OBSERVATIONS.values()} == set(o.DESCRIPTIONS)


@pytest.mark.parametrize(
    ("view", "change", "said"),
    [
        ("log_chances", lambda found: found + 0.001, "must sum to 1"),
        ("inclusion", lambda found: found * 0.999, "inclusion"),
        ("sets", lambda found: found & (found.sum(-1, keepdims=True) < 2), "must hold the label"),
        ("rates", lambda found: jax.lax.stop_gradient(found), "gradient of the log-probability"),
    ],
)
def test_the_checker_sees_what_is_wrong(view, change, said, key, monkeypatch):
    plain = getattr(FittedCandidates, view)
    monkeypatch.setattr(FittedCandidates, view, lambda self, *given: change(plain(self, *given)))
    with pytest.raises(AssertionError, match=said):
        check_observation(OBSERVATIONS["candidates_refused"].build(), noise_setting(8), key, num_draws=800)


def test_the_checker_sees_draws_from_another_law(key, monkeypatch):
    plain = FittedFixedCandidates.sets
    monkeypatch.setattr(
        FittedFixedCandidates, "sets", lambda self, *given: plain(self, *given[:-1], given[-1].at[..., 0].mul(0.9))
    )
    with pytest.raises(AssertionError, match="draws disagree with the stated law"):
        check_observation(o.FixedCandidates(2), noise_setting(8), key)
