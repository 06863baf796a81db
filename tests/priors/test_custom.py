"""A user's own NumPyro function as a prior, in a whole process."""

from __future__ import annotations

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
from contracts import numbers_table
from scipy import stats

from synlabel_prob import ground_truth as g
from synlabel_prob.errors import InputError
from synlabel_prob.priors import Custom
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.soft_labels import MonteCarlo


def around_age(observed):
    numpyro.sample("income", dist.Normal(1000.0 * observed["age"], 500.0))


def test_soft_labels_are_those_of_its_law(key):
    # 20 rows, 4,000 draws each: errors in standard errors beyond 5 have probability 6e-7 a row.
    table = numbers_table(20)
    process = Process(g.Rules({"high": "income > 40000"}, otherwise="low"), ("income",), Custom(around_age))
    made = generate(fit(process, table), key, MonteCarlo(draws=4000)).partial
    age = table.features[:, table.index(("age",))[0]]
    expected = stats.norm.sf(40_000, 1000 * age, 500)
    assert (np.abs(made.soft_labels[:, 0] - expected) < 5 * made.standard_error[:, 0]).all()


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda observed: None, r"every hidden feature; 'income' is not among none: add numpyro\.sample\('income'"),
        (
            lambda observed: numpyro.sample("income", dist.Normal(0, 1).expand([2]).to_event(1)),
            r"the site 'income' of the prior's function must be one number; it has several\.",
        ),
    ],
)
def test_sites_are_checked(function, said):
    process = Process(g.Rules({"high": "income > 0"}, otherwise="low"), ("income",), Custom(function))
    with pytest.raises(InputError, match=said):
        fit(process, numbers_table(20), jax.random.key(0))
