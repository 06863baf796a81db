"""Differences of normal cdfs."""

from __future__ import annotations

import numpy as np
import pytest
from annotator_examples import confusions
from scipy import stats

from synlabel_prob import annotators as a
from synlabel_prob.laws import Beta


@pytest.mark.parametrize("size", [2, 3, 100])
def test_ordinal_thresholds_are_normal_cdf_differences(size):
    bias, scale = np.array([0.0, 0.8, -0.2]), np.array([0.5, 1.0, 0.01])
    values = {"annotation.bias": bias, "annotation.scale": scale}
    found = confusions(a.OrdinalThresholds(3, scale=Beta(1, 1)), size, values)
    cuts = np.concatenate([[-np.inf], np.arange(size - 1) + 0.5, [np.inf]])
    for who, label in np.ndindex(3, size):
        expected = np.diff(stats.norm.cdf(cuts, loc=label + bias[who], scale=scale[who]))
        np.testing.assert_allclose(found[who, label], expected, atol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)


def test_far_classes_keep_their_digits():
    # P(Z > 8) is 6.2e-16, which 1 - cdf(8) loses all but one digit of.
    found = confusions(a.OrdinalThresholds(1, bias=0.0, scale=0.1875), 3)
    np.testing.assert_allclose(found[0, 0, 2], stats.norm.sf(8.0), rtol=1e-9)
