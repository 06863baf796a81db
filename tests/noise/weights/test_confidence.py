"""Weights by class probabilities, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import dirichlet, setting_of, weights_of

from synlabel_prob import metrics
from synlabel_prob import noise as n


def weights_at(description: n.Weight, soft: np.ndarray) -> np.ndarray:
    return weights_of(description.fit(setting_of(soft.shape[1])), soft)[:, 0]


def test_margin_and_entropy_are_those_of_the_metrics():
    soft = dirichlet(4)
    np.testing.assert_allclose(
        weights_at(n.ByMargin("soft_label", 2.5), soft), (1 - metrics.margin(soft)) ** 2.5, rtol=1e-12
    )
    np.testing.assert_allclose(
        weights_at(n.ByEntropy("soft_label", 0.5), soft), metrics.normalised_entropy(soft) ** 0.5, rtol=1e-12
    )


def test_certain_rows_have_no_weight_and_even_ones_the_largest():
    soft = np.array([[1.0, 0.0, 0.0], [1 / 3] * 3])
    for description in (
        n.ByMargin("soft_label"),
        n.ByEntropy("soft_label"),
        *(n.ByPolynomialMargin("soft_label", form) for form in (1, 2, 3)),
    ):
        np.testing.assert_allclose(weights_at(description, soft), [0.0, 1.0], atol=1e-15)


@pytest.mark.parametrize(("form", "expected"), [(1, 1 - 0.25), (2, 1 - 0.125), (3, 1 - (0.5 + 0.25 + 0.125) / 3)])
def test_the_three_polynomials_at_margin_one_half(form, expected):
    np.testing.assert_allclose(weights_at(n.ByPolynomialMargin("soft_label", form), np.array([[0.75, 0.25]])), expected)
