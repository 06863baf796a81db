"""Ability against difficulty, under both links."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from annotator_examples import confusions, symmetric
from contracts import setting_of

from synlabel_prob import annotators as a
from synlabel_prob.laws import Normal


@pytest.mark.parametrize(("link", "size", "chance"), [("softmax", 2, 0.5), ("softmax", 4, 0.25), ("softmax", 100, 0.01),
                                                      ("glad", 2, 0.5), ("glad", 4, 0.5)])  # fmt: skip
def test_no_ability_is_chance_under_one_link(link, size, chance):
    found = confusions(a.GLAD(1, 0.0, difficulty_spread=0.0, link=link), size)
    np.testing.assert_allclose(found, [symmetric(1 - chance, size)], atol=1e-15)


def test_ability_against_difficulty():
    ability, deviation = np.array([-1.0, 2.0]), np.array([0.5, -1.0, 0.0])
    soft = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    family = a.GLAD(2, Normal(0, 1), difficulty_spread=0.7, entropy_weight=1.5)
    entropy = np.array([0.0, np.log(2) / np.log(3), 1.0])
    easiness = np.exp(-(0.7 * deviation + 1.5 * entropy))
    scores = np.exp(np.outer(easiness, ability))
    right = scores / (scores + 2)
    with jax.enable_x64(True):
        fitted = family.fit(setting_of(3, 20))
        context = fitted.context(a.Sources(soft_label=soft), deviation)
        rows, people, labels = (np.ravel(it) for it in np.meshgrid(range(3), range(2), range(3), indexing="ij"))
        said = np.asarray(fitted.said(ability, context, rows, people, labels))
    expected = [symmetric(1 - right[row, who], 3)[label] for row, who, label in zip(rows, people, labels, strict=True)]
    np.testing.assert_allclose(said, expected, atol=1e-14)


def test_two_classes_have_one_link():
    both = [confusions(a.GLAD(1, 1.3, difficulty_spread=0.0, link=link), 2) for link in ("softmax", "glad")]
    np.testing.assert_allclose(*both, atol=1e-15)
