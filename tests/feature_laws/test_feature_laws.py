"""Laws of whole rows: the tables that they draw, and their conditionals."""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
import pytest
from quick import only
from scipy import stats

from synlabel_prob import feature_laws as f
from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import Rules
from synlabel_prob.priors import Row, families_for
from synlabel_prob.process import Process, fit
from synlabel_prob.table import Table
from synlabel_prob.testing import check_prior

RULE = Rules({"yes": "x1 > 0"}, otherwise="no")
CASES = {
    "gaussian": (f.CorrelatedGaussian(0.8, features=4), ("x2", "x4")),
    "gaussian_independent": (f.CorrelatedGaussian(0.0), ("x1",)),
    "two_clusters": (f.TwoClusters(correlation=0.3, share=0.3), ("x3", "x1")),
    "log_normal": (f.CorrelatedLogNormal(0.5), ("x1", "x3")),
    "category_observed": (f.CategoryDriven(features=4), ("x1", "x3")),
    "category_hidden": (f.CategoryDriven(), ("x1", "group")),
    "category_alone": (f.CategoryDriven(correlation=0.5), ("group",)),
    "parabola": (f.Parabola(), ("h",)),
}


def labelled(law: f.FeatureLaw, rows: int = 100) -> Table:
    frame = law.frame(rows, jax.random.key(3))
    last = frame[law.names[-1]]
    return Table.from_frame(frame.assign(y=np.where(last > last.median(), "yes", "no")), target="y")


@pytest.mark.parametrize("name", only(["gaussian", "parabola"], CASES))
def test_a_law_is_a_prior_that_keeps_the_contract(name, key):
    law, hidden = CASES[name]
    check_prior(law, labelled(law), key, hidden=hidden, num_draws=4000, tolerance=1e-8, written=False)


@pytest.mark.parametrize("name", only(["gaussian", "category_hidden", "log_normal", "parabola"], CASES))
def test_the_conditional_is_the_one_that_the_rows_have(name, key):
    # Under the true law PIT values are independent uniforms. A fixed key; Kolmogorov-Smirnov at 1e-6 a feature.
    law, hidden = CASES[name]
    table = labelled(law, 2000)
    fitted = fit(Process(RULE, hidden, law), table, key)
    values = table.features[:, list(fitted.hidden)]
    jitter = np.random.default_rng(0).uniform(size=values.shape)
    with jax.enable_x64(True):
        found = jax.vmap(lambda *row: fitted.prior.pit((), row[0], Row(*row[2:]), row[1]))(
            values, jitter, *fitted.rows.given
        )
    for place in range(values.shape[1]):
        assert stats.kstest(np.asarray(found)[:, place], "uniform").pvalue > 1e-6


def test_the_density_of_the_gaussian_is_scipys(key):
    law = f.CorrelatedGaussian(0.6, features=3)
    table = labelled(law, 20)
    fitted = fit(Process(RULE, ("x1", "x3"), law), table, key)
    covariance = 0.6 + 0.4 * np.eye(3)
    joint = stats.multivariate_normal(np.zeros(3), covariance).logpdf(table.features)
    expected = joint - stats.norm.logpdf(table.features[:, 1])
    with jax.enable_x64(True):
        found = jax.vmap(lambda hidden, *row: fitted.prior.log_density((), hidden, Row(*row)))(
            table.features[:, [0, 2]], *fitted.rows.given
        )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_table_is_the_same_for_the_same_key_and_has_declared_levels():
    law = f.CategoryDriven(num_levels=5)
    first, second = law.frame(4, jax.random.key(1)), law.frame(4, jax.random.key(1))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(law.frame(4, jax.random.key(2)))
    assert list(first["group"].cat.categories) == ["a", "b", "c", "d", "e"]


def test_the_correlation_is_the_one_that_was_asked_for():
    # 20,000 rows: the standard error of a correlation of .8 is .0025; the gate is 8 of them.
    frame = f.CorrelatedGaussian(0.8, features=2).frame(20_000, jax.random.key(1))
    assert abs(np.corrcoef(frame.T)[0, 1] - 0.8) < 0.02


def test_no_message_offers_a_law_as_a_prior():
    assert not {law.kind for law in f.LAWS}.intersection(families_for({"continuous"}))


@pytest.mark.parametrize(
    ("law", "hidden", "said"),
    [
        (f.CorrelatedGaussian(features=4), ("x1",), "is of the features x1, x2, x3, x4; the table has x1, x2, x3"),
        (f.Parabola(), ("x1",), "knows the exact law of 'h' alone; got x1: hide 'h'"),
    ],
)
def test_a_law_of_another_table_is_refused(law, hidden, said):
    table = labelled(f.CorrelatedGaussian() if law.kind != "parabola" else law)
    with pytest.raises(InputError, match=said):
        fit(Process(RULE, hidden, law), table)


def test_wrong_parameters_are_said_in_sentences():
    with pytest.raises(InputError, match=r"correlation.*0\.95"):
        f.CorrelatedGaussian(0.99)
    with pytest.raises(InputError, match="`rows` must be at least 1; got 0"):
        f.CorrelatedGaussian().frame(0, jax.random.key(0))
