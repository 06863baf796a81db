from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import LAW, LINEAR, mixed_table, noise_setting, setting_of
from observation_examples import chances
from scipy import optimize

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob.annotators import Sources
from synlabel_prob.errors import InputError
from synlabel_prob.testing.parts import expect_sentences, reported

FULL = (0, 1, 2)


def laws(rows: int = 20, number: int = 0) -> np.ndarray:
    return np.random.default_rng([5, number]).dirichlet(np.ones(3), rows)


def missing_of(observation: o.Missing, soft: np.ndarray, noisy: np.ndarray, setting=None) -> np.ndarray:
    """P(missing | y), (rows, classes)."""
    return chances(observation, soft=soft, noisy=noisy, setting=setting)[FULL]


def test_completely_at_random():
    found = chances(o.Missing(0.3))
    np.testing.assert_allclose(found[FULL], 0.3)
    for code in range(3):
        np.testing.assert_allclose(found[(code,)][0], 0.7 * np.eye(3)[code])
    assert all((found[pair] == 0).all() for pair in ((0, 1), (0, 2), (1, 2)))


def test_positive_and_unlabelled():
    # Selected completely at random (Elkan & Noto, 2008): c of the positives are labelled, all else counts as negative.
    share, positive, negative = 0.3, 1, 0
    found = chances(o.Missing(rates={"c0": 1.0, "c1": 1 - share}), 2)
    labelled, not_labelled = found[(positive,)][0], found[(0, 1)][0] + found[(negative,)][0]
    np.testing.assert_allclose(np.stack([not_labelled, labelled], 1), [[1, 0], [1 - share, share]])
    assert (found[(negative,)] == 0).all()


def test_a_law_is_drawn_once_for_its_class():
    found = chances(o.Missing(rates={"c1": LAW, "c2": 0.5}), values={"observation.rate.c1": 0.1})
    np.testing.assert_allclose(found[FULL][0], [0, 0.1, 0.5])


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.55])
def test_the_mean_over_noisy_soft_labels_is_the_rate(rate):
    # min(0.6, c w) with c found by another method.
    soft, noisy = laws(), laws(number=1)
    found = missing_of(o.Missing(rate, more_often=n.ByEntropy("soft_label"), largest_rate=0.6), soft, noisy)
    weights = -(soft * np.log(soft)).sum(1) / np.log(3)
    scale = optimize.brentq(lambda c: np.minimum(0.6, c * weights).mean() - rate, 0, 1000, xtol=1e-15)
    np.testing.assert_allclose(found, np.minimum(0.6, scale * weights)[:, None] * np.ones(3), rtol=1e-10)
    assert (noisy * found).sum(1).mean() == pytest.approx(rate, abs=1e-12)


def test_weights_by_class_and_by_observed_features():
    noisy = laws()
    found = missing_of(o.Missing(0.2, more_often=n.ByClass({"c0": 1.0, "c2": 3.0})), noisy, noisy)
    np.testing.assert_allclose(found[0], 0.2 / (noisy @ [1, 0, 3]).mean() * np.array([1, 0, 3]))
    setting = noise_setting(20)
    region = n.ByRegion({"region == 'west'": 3.0}, 1.0)
    found = missing_of(o.Missing(0.2, more_often=region), noisy, noisy, setting)
    west = np.where(setting.table.to_frame()["region"] == "west", 3.0, 1.0)
    np.testing.assert_allclose(found, (0.2 / west.mean() * west)[:, None] * np.ones(3))


def test_a_rate_out_of_reach_is_refused():
    noisy = np.tile([0.5, 0.25, 0.25], (20, 1))
    fitted = o.Missing(0.5, more_often=n.ByClass({"c1": 1.0})).fit(setting_of(3, 20))
    with pytest.raises(InputError, match=r"only 25.0% of labels .* above 0.25 is out of reach: lower it"):
        fitted.check_reach(Sources(None, None, noisy))
    o.Missing(0.25, more_often=n.ByClass({"c1": 1.0})).fit(setting_of(3, 20)).check_reach(Sources(None, None, noisy))


def test_at_a_higher_rate_the_same_labels_are_missing_and_more():
    uniforms, labels = np.random.default_rng(0).random((1000, 1)), np.zeros(1000, int)
    with jax.enable_x64(True):
        fitted = o.Missing(0.2).fit(setting_of(3, 20))
        low, high = (np.asarray(fitted.sets(np.full(3, it), None, labels, uniforms)).all(1) for it in (0.2, 0.5))
    assert (high | ~low).all() and low.sum() < high.sum()


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: o.Missing(), "must be given for all labels, or `rates` by class; got none"),
        (lambda: o.Missing(0.3, {"c0": 0.1}), "or `rates` by class; got both"),
        (lambda: o.Missing(rates={"c0": 0.1}, more_often=n.ByRarity()), "`more_often` must be left out with `rates`"),
        (lambda: o.Missing(0.3, largest_rate=0.5), "`largest_rate` must be left out without"),
        (
            lambda: o.Missing(0.6, more_often=n.ByRarity(), largest_rate=0.5),
            "must be at most largest_rate = 0.5",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(build, said):
    with pytest.raises(InputError, match=said):
        build()


@pytest.mark.parametrize(
    ("observation", "said"),
    [
        (o.Missing(rates={"maybee": 0.1}), "'maybee'"),
        (o.Missing(0.1, more_often=n.ByClass({"noo": 1.0})), "`observation.more_often.weights`"),
        (o.Missing(0.1, more_often=n.ByRegion({"income > 3": 1.0})), "goes by income, hidden"),
        (o.Missing(0.1, more_often=n.ByScore({"age": 1.0, "height": 2.0})), "goes by age, hidden"),
        (o.Missing(0.1, more_often=n.ByScore()), "goes by age, income, hidden"),
        (o.Missing(0.1, more_often=n.ByMargin()), "goes by age, income, hidden"),
    ],
)
def test_what_does_not_fit_is_reported(observation, said):
    truth = g.Linear(LINEAR, {"no": 2.0})
    sentences = reported(observation.report_problems, mixed_table(), ("income", "age"), truth)
    expect_sentences(sentences, said)


def test_observed_features_and_soft_labels_are_no_problem():
    truth = g.Linear(LINEAR, {"no": 2.0})
    for weight in (n.ByScore({"height": 2.0}), n.ByRegion({"region == 'west'": 1.0}), n.ByMargin("soft_label")):
        observation = o.Missing(0.1, more_often=weight)
        assert reported(observation.report_problems, mixed_table(), ("income", "age"), truth) == []
