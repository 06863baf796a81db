"""Hammers and spammers."""

from __future__ import annotations

import numpy as np
from annotator_examples import confusions
from contracts import noise_setting

from synlabel_prob import annotators as a
from synlabel_prob.testing import assert_frequencies


def test_hammers_and_spammers():
    names = [str(value) for value in noise_setting(20).classes]
    family = a.HammerSpammer(2, 0.5, {names[0]: 0.7, names[2]: 0.3})
    found = confusions(family, values={"annotation.is_hammer": np.array([1, 0])}, setting=noise_setting(20))
    np.testing.assert_allclose(found, [np.eye(3), [[0.7, 0.0, 0.3]] * 3])
    uniform = confusions(a.HammerSpammer(1, 0.0), 5)
    np.testing.assert_allclose(uniform, np.full((1, 5, 5), 0.2))
    assert np.linalg.matrix_rank(uniform[0]) == 1


def test_the_type_of_an_annotator_is_drawn_once():
    # Exact binomial test of 2,000 annotators, false alarm 1e-6: it sees a share that is off by 0.06.
    found = confusions(a.HammerSpammer(2000, 0.7), 3)
    hammers = int((found[:, 0, 0] == 1).sum())
    assert_frequencies([hammers, 2000 - hammers], [0.7, 0.3])
