"""Measures against known true labels, on numbers small enough to work out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.inversion import Identifiability, Inferred, Observed, against_truth
from synlabel_prob.inversion.record import Interval, Posterior
from synlabel_prob.inversion.rows import RowPass
from synlabel_prob.inversion.summaries import percentages, row_table, transition_table
from synlabel_prob.inversion.truth import ranking


def made() -> Inferred:
    observed = Observed(["a", "b"], hard_labels=np.array([0, 0, 1, 1]), soft_labels=np.full((4, 2), 0.5))
    law = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])
    passed = RowPass(law, np.zeros(4), np.zeros(1), np.zeros(1), None)
    draws = np.array([[[0.6, 0.4], [0.1, 0.9]], [[0.8, 0.2], [0.3, 0.7]]])
    posterior = Posterior(
        tree=None,  # pyright: ignore[reportArgumentType]
        transition=transition_table(draws, ["a", "b"]),
        rows=row_table(observed, passed),
        noise_rate=Interval(0.2, 0.1, 0.3),
        wrong_share=Interval(0.2, 0.1, 0.3),
        diagnostics=None,  # pyright: ignore[reportArgumentType]
        sentences=(),
        warnings=(),
    )
    return Inferred(observed, Identifiability("identified", (), np.ones(1, bool)), posterior)


def test_measures_by_hand():
    found = made()
    assert found.posterior.rows["wrong_probability"].tolist() == pytest.approx([0.1, 0.6, 0.2, 0.1])
    assert found.posterior.rows["rank"].tolist() == [3, 1, 2, 4]
    against = against_truth(found, np.array([0, 1, 1, 1]))
    # True frequencies: a -> (1, 0), b -> (1/3, 2/3); inferred means (.7, .3) and (.2, .8).
    assert against.wrong_share == 0.25
    assert against.largest_error == pytest.approx(0.3)
    assert against.mean_error == pytest.approx(0.25 * 0.3 + 0.75 * (2 / 15))
    assert (against.covered, against.entries) == (0, 4)
    assert against.log_score == pytest.approx(np.log([0.9, 0.6, 0.8, 0.9]).mean())
    assert against.ranking == 1.0
    assert "25.0% of the labels are wrong, inside the interval from 10% to 30%" in against.sentences(found)[0]


def test_ranking_halves_ties():
    assert ranking(np.array([1.0, 1.0, 0.0]), np.array([True, False, False])) == pytest.approx(0.75)
    assert np.isnan(ranking(np.ones(2), np.array([True, True])))


def test_there_must_be_something_to_compare():
    found = made()
    for wrong in (dataclasses.replace(found, posterior=None), found):
        with pytest.raises(InputError, match="one code for each"):
            against_truth(wrong, np.zeros(3 if wrong is found else 4, int))


def test_ends_of_narrow_intervals_differ():
    assert percentages(0.171, 0.243) == ("17%", "24%")
    assert percentages(0.0812, 0.0998) == ("8.1%", "10.0%")
