"""The uniform prior: ranges observed and given."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contracts import mixed_table

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.priors import Uniform
from synlabel_prob.testing import reference_rows


def test_given_ranges_replace_the_observed_ones(key):
    reference = reference_rows(mixed_table(), ("age", "income"))
    prior = Uniform({"age": (0, 100)}).fit(reference, key)
    low, high = reference.hidden[:, 1].min(), reference.hidden[:, 1].max()
    draw = prior.quantile(prior.theta_at(0), np.array([0.25, 0.5]), reference.row(0))
    np.testing.assert_allclose(draw, [25.0, (low + high) / 2], rtol=1e-6)
    density = prior.log_density(prior.theta_at(0), draw, reference.row(0))
    np.testing.assert_allclose(density, -np.log(100.0) - np.log(high - low), rtol=1e-6)
    assert prior.log_density(prior.theta_at(0), np.array([101.0, low]), reference.row(0)) == -np.inf


def test_a_range_that_is_none_is_refused():
    message = "`ranges.age` must be [low, high] with low below high; got [3, 3]."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        Uniform({"age": (3, 3)})


def test_a_range_of_a_feature_that_is_not_hidden_is_reported():
    table, problems = mixed_table(), Problems()
    Uniform({"incme": (0, 1)}).report_problems(table, (table.column("income"),), problems)
    assert problems.sentences == ["`prior.ranges` names 'incme', which is not hidden: did you mean 'income'?"]


def test_a_categorical_feature_is_told_which_priors_take_it():
    table, problems = mixed_table(), Problems()
    Uniform().report_problems(table, (table.column("income"), table.column("region")), problems)
    (sentence,) = problems.sentences
    assert sentence.startswith("the prior 'uniform' takes continuous features; 'region' (categorical) can be hidden")
    assert "categorical, " in sentence and "product" in sentence
