"""Confusion matrices, given and drawn."""

from __future__ import annotations

import numpy as np
import pytest
from annotator_examples import confusions, symmetric
from contracts import LAW, MATRIX
from quick import only
from scipy import stats

from synlabel_prob import annotators as a


def test_given_matrices_are_taken():
    family = a.DawidSkene(matrices=(MATRIX, MATRIX[::-1]))
    assert family.size == 2 and family.names == ("annotator_1", "annotator_2")
    np.testing.assert_allclose(confusions(family), [MATRIX, MATRIX[::-1]], atol=1e-15)


@pytest.mark.parametrize("size", only([3], [2, 3]))
def test_drawn_matrices_vary_around_the_base(size):
    # Entry (i, j) of a row Dirichlet(c b_i) is Beta(c b_ij, c (1 - b_ij)): a Kolmogorov-Smirnov test of 20,000 draws at
    # false alarm 1e-6 an entry, which sees a cdf that is off by 0.02.
    found = confusions(a.DawidSkene(20_000, 0.3, 7.0), size)
    base = symmetric(0.3, size)
    for row, column in np.ndindex(size, size):
        law = stats.beta(7 * base[row, column], 7 * (1 - base[row, column]))
        assert stats.kstest(found[:, row, column], law.cdf).pvalue > 1e-6, (row, column)


def test_each_annotator_has_a_rate_of_their_own():
    rates = np.array([0.05, 0.2, 0.5])
    found = confusions(a.DawidSkene(3, LAW, 1e7), 3, {"annotation.rate": rates})
    np.testing.assert_allclose(found, [symmetric(rate, 3) for rate in rates], atol=2e-3)


def test_many_classes():
    found = confusions(a.DawidSkene(3, 0.3, 0.5), 100)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)
