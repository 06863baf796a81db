"""MACE is a random outcome with a habit of each annotator."""

from __future__ import annotations

import jax
import numpy as np
from annotator_examples import confusions
from contracts import LAW, setting_of

from synlabel_prob import annotators as a
from synlabel_prob import noise as n


def test_mace_is_random_outcome_with_the_habit_as_its_outcomes():
    setting = setting_of(3, 20)
    habit, trust = np.array([[0.6, 0.3, 0.1], [0.0, 0.0, 1.0]]), np.array([0.8, 0.0])
    found = confusions(a.MACE(2, LAW), 3, {"annotation.habit": habit, "annotation.trust": trust})
    for own, share, matrix in zip(habit, 1 - trust, found, strict=True):
        node = n.RandomOutcome(float(share), dict(zip(setting.classes, own.tolist(), strict=True))).fit(setting)
        with jax.enable_x64(True):
            np.testing.assert_allclose(matrix, node.transition(share, None), atol=1e-15)


def test_full_trust_is_the_truth():
    np.testing.assert_allclose(confusions(a.MACE(2, 1.0)), [np.eye(3)] * 2)
