"""A table that misses values: what is missing is drawn once for the truth, and averaged over for the soft label."""

from __future__ import annotations

import dataclasses
import functools

import jax
import numpy as np
import pytest
from contracts import incomplete_table
from numpyro.handlers import seed, trace
from runs import run

from synlabel_prob import arrows
from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.arrows import LabelFunction
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.report import report, to_text
from synlabel_prob.soft_labels import QuasiMonteCarlo

RULES = g.Rules({"tall": "height > 1.7 and size >= 'M'"}, otherwise="other")
PRIOR = p.JointMixture(components=3, draws=8, warmup=50)
FEW = QuasiMonteCarlo(draws=256)


@functools.cache
def fitted_with(hidden=("income",)):
    return fit(Process(RULES, hidden, PRIOR), incomplete_table(), jax.random.key(3))


@functools.cache
def made():
    return generate(fitted_with(), jax.random.key(4), FEW)


def missing_rows(names) -> np.ndarray:
    table = incomplete_table()
    return np.isnan(table.features[:, table.index(names)]).any(1)


def test_what_is_recorded_stays_and_what_is_missing_is_drawn():
    before, after = incomplete_table(), fitted_with().completed
    known = ~np.isnan(before.features)
    np.testing.assert_array_equal(after.features[known], before.features[known])
    assert after.missing() == ()
    sizes = after.features[:, after.index(("size",))[0]]
    assert set(np.unique(sizes)) <= {0.0, 1.0, 2.0}


def test_the_truth_is_of_the_completed_rows():
    fitted = fitted_with()
    labels = np.asarray(fitted.ground_truth.labels(fitted.completed.features))
    np.testing.assert_array_equal(made().ground_truth.hard_labels, labels)
    assert made().ground_truth.view.missing() == ()


def test_a_rule_in_observed_features_is_certain_where_these_are_recorded_and_only_there():
    # `income` is hidden and plays no part, so all uncertainty is that of missing heights and sizes.
    soft, lost = made().partial.soft_labels, missing_rows(("height", "size"))
    truth = made().ground_truth.hard_labels
    np.testing.assert_array_equal(soft[~lost, truth[~lost]], 1.0)
    both = np.isnan(incomplete_table().features[:, incomplete_table().index(("height", "size"))]).all(1)
    assert both.any() and (soft[both].max(1) < 1).all()


@pytest.mark.slow
def test_an_uncertain_row_is_as_likely_as_its_draws_say():
    # 4,000 draws of the model's label against 256 points of the soft label; z below 5.5, false alarm of 2e-7 a row.
    place = 3
    fitted = fitted_with()
    assert missing_rows(("height",))[place] and missing_rows(("size",))[place]

    def label(key):
        return trace(seed(fitted.model, key)).get_trace()["label"]["value"][place]

    with jax.enable_x64(True):
        drawn = np.asarray(jax.jit(jax.vmap(label))(jax.random.split(jax.random.key(8), 4000)))
    share, soft = (drawn == 0).mean(), made().partial.soft_labels[place, 0]
    error = np.sqrt(share * (1 - share) / 4000 + made().soft.standard_error[place, 0] ** 2)
    assert abs(share - soft) < 5.5 * error


@pytest.mark.slow
def test_a_hidden_value_that_is_missing_is_no_obstacle():
    fitted = fitted_with(("height",))
    result = generate(fitted, jax.random.key(4), FEW)
    assert fitted.incomplete == tuple(incomplete_table().index(("size",)))
    assert np.isfinite(result.partial.soft_labels).all()
    assert np.isfinite(fitted.completed.features).all()


def test_equal_keys_give_equal_completions():
    again = fit(fitted_with().process, incomplete_table(), jax.random.key(3))
    np.testing.assert_array_equal(again.completed.features, fitted_with().completed.features)
    other = fit(fitted_with().process, incomplete_table(), jax.random.key(5))
    assert (other.completed.features != fitted_with().completed.features).any()


@pytest.mark.slow
def test_the_report_counts_them():
    fitted, generated = run("incomplete")
    found = report(fitted, generated)
    missing = np.isnan(incomplete_table().features)
    assert (found.missing_values, found.incomplete_rows) == (missing.sum(), missing.any(1).sum())
    text = to_text(found)
    assert f"missing        {missing.sum()} values in {missing.any(1).sum()} rows" in text
    assert "missing" not in to_text(report(*run("plain")))


def test_a_truth_that_misses_values_cannot_be_hidden_from():
    incomplete = dataclasses.replace(made().ground_truth, view=incomplete_table())
    function = LabelFunction(fitted_with().ground_truth, incomplete_table().feature_names)
    with pytest.raises(InputError, match="a ground-truth dataset must miss no value; height, size do"):
        arrows.hide_features(incomplete, ("income",), PRIOR, function, jax.random.key(0))


@pytest.mark.slow
def test_a_complete_table_has_no_completion():
    complete = incomplete_table().take(~missing_rows(("height", "size")))
    assert fit(Process(RULES, ("income",), PRIOR), complete, jax.random.key(3)).completed is None
