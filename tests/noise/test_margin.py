"""Noise by margin: its mean rate, whom it hits, and where labels go."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import dirichlet, setting_of, transition_of

from synlabel_prob import ground_truth, metrics, noise
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.laws import Uniform

UNCLEAR = ground_truth.Linear({"a": {"age": 0.1}, "b": {}, "c": {"height": 1.0}}, {"a": -4.0, "c": -1.5})


def unclear_setting() -> noise.Setting:
    table = setting_of(3).table
    function = UNCLEAR.fit(table)
    return noise.Setting(table, function, np.asarray(function.labels(table.features)))


def rates_at_truth(node: noise.Margin, setting: noise.Setting) -> np.ndarray:
    transition = transition_of(node, setting, source=setting.table.features)
    return 1 - np.diagonal(transition, axis1=1, axis2=2)[np.arange(len(setting.labels)), setting.labels]


@pytest.mark.parametrize(
    "node", [noise.Margin(0.1), noise.Margin(0.3, exponent=3.0), noise.Margin(0.2, largest_rate=0.25)]
)
def test_the_mean_rate_on_the_ground_truth_is_the_target(node):
    rates = rates_at_truth(node, unclear_setting())
    np.testing.assert_allclose(rates.mean(), node.rate, rtol=1e-12)
    assert rates.max() <= node.largest_rate


def test_a_latent_rate_is_reached_whatever_its_value():
    node, setting = noise.Margin(Uniform(0.0, 0.4)), unclear_setting()
    for rate in (0.05, 0.35):
        transition = transition_of(node, setting, source=setting.table.features, values={"margin.rate": rate})
        np.testing.assert_allclose(1 - transition[:, 0, 0].mean(), rate, rtol=1e-6)


def test_less_clear_rows_change_more_often_and_to_the_next_class():
    setting, node = unclear_setting(), noise.Margin(0.2, exponent=2.0)
    probabilities = np.asarray(setting.ground_truth.probabilities(setting.table.features), dtype=np.float64)
    rates = rates_at_truth(node, setting)
    order = np.argsort(metrics.margin(probabilities))
    assert (np.diff(rates[order]) <= 1e-12).all()
    transition = transition_of(node, setting, source=setting.table.features)
    for code in range(3):
        others = np.where(np.arange(3) == code, -1, probabilities)
        off = np.where(np.arange(3) == code, 0, transition[:, code])
        np.testing.assert_array_equal(off.argmax(1), others.argmax(1))
        assert ((off > 0).sum(1) <= 1).all()


def test_soft_labels_as_the_source_reach_the_target_on_them():
    soft, setting = dirichlet(3), setting_of(3)
    fitted = noise.Margin(0.2, source="soft_label").fit(setting).for_soft_labels(soft)
    transition = np.asarray(fitted.transition(fitted.sample_parameters(), fitted.context(soft)))
    rates = 1 - transition[:, 0, 0]
    np.testing.assert_allclose(rates.mean(), 0.2, rtol=1e-5)
    np.testing.assert_allclose(
        rates / rates.max(), (1 - metrics.margin(soft)) / (1 - metrics.margin(soft)).max(), rtol=1e-4
    )


def test_a_target_that_too_few_unclear_rows_reach():
    certain = np.eye(3)[np.arange(100) % 3]
    certain[:10] = 1 / 3
    fitted = noise.Margin(0.2, source="soft_label", name="near").fit(setting_of(3))
    with pytest.raises(InputError, match=r"only 10\.0% of rows.*above 0\.1 is out of reach"):
        fitted.for_soft_labels(certain)


def test_a_rate_above_the_largest():
    with pytest.raises(InputError, match=r"at most largest_rate = 0\.3"):
        noise.Margin(0.4, largest_rate=0.3)


def test_a_ground_truth_without_probabilities_is_reported():
    problems = Problems()
    truth = ground_truth.Rules({"a": "age > 3"}, otherwise="b")
    noise.Margin(0.1).report_problems(setting_of(2).table, truth, problems)
    assert "soft_label" in problems.sentences[0]
    noise.Margin(0.1, source="soft_label").report_problems(setting_of(2).table, truth, problems)
    assert len(problems.sentences) == 1
