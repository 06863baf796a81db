"""Weights by class."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import setting_of, weights_of

from synlabel_prob import noise as n
from synlabel_prob.errors import InputError


def test_given_weights_are_by_name_and_others_are_0():
    np.testing.assert_array_equal(weights_of(n.ByClass({"c2": 3, "c0": 1}).fit(setting_of(4))), [1, 0, 3, 0])


def test_rarity_is_one_over_the_frequency_and_0_for_absent_classes():
    setting = setting_of(3)
    labels = np.repeat([0, 1], [50, 150])
    weights = weights_of(n.ByRarity().fit(n.Setting(setting.table, setting.ground_truth, labels)))
    np.testing.assert_allclose(weights, [1, 1 / 3, 0])


def test_weights_that_say_nothing_are_refused():
    with pytest.raises(InputError, match="at least one class with a weight above 0"):
        n.ByClass({"a": 0})
