"""Every prior keeps its contract."""

from __future__ import annotations

import pytest
from contracts import PRIORS, marked, mixed_table

from synlabel_prob import priors
from synlabel_prob.testing import check_prior

# They take 10 s and more to compile, and each family has quick tests of its own.
HEAVY = (
    "robust_regression",
    "finite_mixture",
    "similar_rows_smooth",
    "joint_kernel_density_mixed",
    "joint_mixture_mixed",
    "gaussian_copula",
    "chained",
    "product",
    "ordinal_regression",
    "logistic_regression",
    "density_network",
    "gaussian_regression_label",
)


@pytest.mark.parametrize(
    "name", marked({name: case._replace(slow=case.slow or name in HEAVY) for name, case in PRIORS.items()})
)
def test_contract(name, key):
    # False alarm 1e-6 a check; what the checks see is written in `check_prior`. Its checks of frequencies were run once
    # over 20 to 100 keys for five of these: none of 520 failed.
    case = PRIORS[name]
    check_prior(case.build(), mixed_table(), key, hidden=case.hidden, tolerance=case.tolerance)


def test_every_prior_is_in_the_table():
    assert {type(case.build()) for case in PRIORS.values()} == set(priors.DESCRIPTIONS)
