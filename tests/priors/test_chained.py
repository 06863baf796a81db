"""Chains: with normal errors the joint Gaussian regression, otherwise each factor's own regression."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import log_densities, mixed_table, numbers_table

from synlabel_prob.errors import Problems
from synlabel_prob.priors import Chained, GaussianRegression, Row
from synlabel_prob.testing import reference_rows


def test_linear_links_in_any_order_are_the_joint_regression(key):
    # The two have different priors of the residual covariance, which 2,000 rows leave little of.
    reference = reference_rows(numbers_table(2000), ("income", "age"))
    joint = log_densities(GaussianRegression().fit(reference, key), reference)
    for order in (("income", "age"), ("age", "income")):
        np.testing.assert_allclose(log_densities(Chained(order=order).fit(reference, key), reference), joint, atol=0.02)


@pytest.mark.slow
def test_every_factor_sees_the_features_before_it(key):
    reference = reference_rows(mixed_table(), ("region", "income", "size"))
    prior = Chained(draws=5).fit(reference, key)
    assert prior.columns == ((1,), (2,), (0,))  # numbers, ordinals, categories
    assert [len(block.reference.observed_columns) for block in prior.blocks] == [2, 3, 4]
    total, row = 0.0, reference.row(4)
    with jax.enable_x64(True):
        for number, (block, (place,)) in enumerate(zip(prior.blocks, prior.columns, strict=True)):
            before = [reference.hidden[4, prior.columns[it][0]] for it in range(number)]
            own = Row(np.concatenate([row.observed, before]), row.label, row.place)
            total += block.log_density(block.theta_at(0), reference.hidden[4, [place]], own)
    np.testing.assert_allclose(log_densities(prior, reference)[4], total, rtol=1e-9)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (("age", "incom"), "`prior.order` names 'incom', which is not hidden: did you mean 'income'?"),
        (("age",), "`prior.order` must name every hidden feature; it leaves out income."),
        (("age", "income", "age"), "`prior.order` must name each hidden feature once."),
    ],
)
def test_an_order_of_other_features_is_refused(order, said):
    table, problems = numbers_table(), Problems()
    Chained(order=order).report_problems(table, (table.column("income"), table.column("age")), problems)
    assert said in problems.sentences
