"""A rate times a destination: the rate is reached exactly, whatever the weight and the destination."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import LINEAR, margin, mixed_table, next_class
from noise_examples import dirichlet, setting_of, transition_of

from synlabel_prob import ground_truth, metrics, noise
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.laws import Uniform

UNCLEAR = ground_truth.Linear({"a": {"age": 0.1}, "b": {}, "c": {"height": 1.0}}, {"a": -4.0, "c": -1.5})
OTHER = {"c0": {"c1": 1.0}, "c1": {"c2": 1.0}}


def unclear_setting() -> noise.Setting:
    table = setting_of(3).table
    function = UNCLEAR.fit(table)
    return noise.Setting(table, function, np.asarray(function.labels(table.features)))


def rates_at_truth(node: n.Flips, setting: noise.Setting) -> np.ndarray:
    transition = transition_of(node, setting, source=setting.table.features)
    transition = np.broadcast_to(transition, (len(setting.labels), *transition.shape[-2:]))
    return 1 - np.diagonal(transition, axis1=1, axis2=2)[np.arange(len(setting.labels)), setting.labels]


NODES = {
    "nothing": n.Flips(0.2),
    "class": n.Flips(0.2, n.ByClass({"c0": 1, "c1": 2, "c2": 5}), n.ToNear()),
    "rarity": n.Flips(0.2, n.ByRarity(), largest_rate=0.6),
    "up_only": next_class(0.2, circular=False),
    "mapping": n.Flips(0.1, None, n.ToClasses(OTHER)),
    "default": n.Flips(0.2, None, n.ToDefault("c1")),
    "margin": margin(0.1),
    "capped": margin(0.2, largest_rate=0.25),
    "entropy": n.Flips(0.15, n.ByEntropy(exponent=2.0), n.ToLikely()),
    "polynomial": n.Flips(0.3, n.ByPolynomialMargin(form=2), n.ToSecond(), largest_rate=0.9),
    "neighbours": n.Flips(0.2, n.ByNeighbours(), n.ToEnemy()),
    "ranked": n.Flips(0.45, n.ByNeighbours(ranked=True)),
    "density": n.Flips(0.2, n.ByDensity(), n.ToDefault("c0")),
    "boundary": n.Flips(0.2, n.ByBoundary(), n.ToSimilar()),
    "score": n.Flips(0.3, n.ByScore({"age": 2.0}), n.ToScores(), largest_rate=0.49),
    "score_by_class": n.Flips(0.3, n.ByScore(seed=4), n.ToNext(circular=False)),
    "region": n.Flips(0.1, n.ByRegion({"age > 40": 1.0}), n.ToSecond()),
}


def three_classes() -> noise.Setting:
    """Every class has rows, few of them certain."""
    setting = unclear_setting()
    table = setting.table
    weights = {"c0": {"age": 0.05}, "c1": {}, "c2": {"height": 5.0}}
    function = ground_truth.Linear(weights, {"c0": -1.9, "c2": -8.7}).fit(table)
    labels = np.asarray(function.labels(table.features))
    assert np.bincount(labels, minlength=3).min() > 20
    return noise.Setting(table, function, labels)


@pytest.mark.parametrize("name", NODES)
def test_the_mean_rate_on_the_ground_truth_is_the_target(name):
    node = NODES[name]
    rates = rates_at_truth(node, three_classes())
    np.testing.assert_allclose(rates.mean(), node.rate, rtol=1e-12)
    assert rates.max() <= node.largest_rate


def test_a_latent_rate_is_reached_whatever_its_value():
    node, setting = margin(Uniform(0.0, 0.4)), unclear_setting()
    for rate in (0.05, 0.35):
        transition = transition_of(node, setting, source=setting.table.features, values={"margin.rate": rate})
        np.testing.assert_allclose(1 - transition[:, 0, 0].mean(), rate, rtol=1e-6)


def test_rates_are_in_proportion_to_the_weights_up_to_the_cap():
    setting = three_classes()
    node = n.Flips(0.2, n.ByClass({"c0": 1, "c1": 2, "c2": 40}), largest_rate=0.5)
    rates = 1 - np.diagonal(transition_of(node, setting))
    assert rates[2] == 0.5
    np.testing.assert_allclose(rates[1], 2 * rates[0], rtol=1e-12)


def test_minority_proportional_rates_are_one_over_the_frequency():
    setting = three_classes()
    rates = 1 - np.diagonal(transition_of(n.Flips(0.1, n.ByRarity()), setting))
    np.testing.assert_allclose(rates * setting.class_marginal, rates[0] * setting.class_marginal[0], rtol=1e-12)


def test_an_absent_class_keeps_its_row_and_has_no_part_in_the_rate():
    setting = setting_of(4)
    absent = noise.Setting(setting.table, setting.ground_truth, np.where(setting.labels == 3, 0, setting.labels))
    assert absent.class_marginal[3] == 0
    by_rarity = transition_of(n.Flips(0.1, n.ByRarity()), absent)
    np.testing.assert_array_equal(by_rarity[3], [0, 0, 0, 1])
    alike = transition_of(n.Flips(0.1), absent)
    np.testing.assert_allclose(alike[3], [0.1 / 3] * 3 + [0.9], rtol=1e-12)


@pytest.mark.parametrize("node", [margin(0.2, "soft_label"), n.Flips(0.2, n.ByEntropy("soft_label"), n.ToNext(False))])
def test_soft_labels_as_the_source_reach_the_target_on_them(node):
    soft, setting = dirichlet(3), setting_of(3)
    with jax.enable_x64(True):
        fitted = node.fit(setting).for_soft_labels(soft)
        transition = np.asarray(fitted.transition(fitted.sample_parameters(), fitted.context(soft)))
    changes = (soft * (1 - np.diagonal(transition, axis1=1, axis2=2))).sum(1)
    np.testing.assert_allclose(changes.mean(), 0.2, rtol=1e-12)


def test_a_node_that_is_fixed_on_some_rows_keeps_its_constants_on_others():
    draw, setting = np.random.default_rng(0), setting_of(3)
    some, others = draw.dirichlet(np.ones(3), 200), draw.dirichlet(np.full(3, 0.3), 200)
    with jax.enable_x64(True):
        node = margin(0.1, source="soft_label").fit(setting)
        at_some, at_others, fixed = node.for_soft_labels(some), node.for_soft_labels(others), node.fixed_on(some)
        constants = [
            float(it.sample_parameters()[0]) for it in (at_some, at_others, fixed, fixed.for_soft_labels(others))
        ]
        features = margin(0.1).fit(setting)
        assert features.fixed_on(some).sample_parameters()[0] == features.sample_parameters()[0]
    assert constants[0] == constants[2] == constants[3] != constants[1]


def test_every_part_of_a_context_has_the_axes_of_the_rows():
    # Else the contexts of several draws of theta could not be told from those of several rows.
    setting = three_classes()
    features = np.broadcast_to(setting.table.features, (2, 5, 200, 3))
    for node in (NODES["region"], n.Flips(0.1, None, n.ToEnemy()), n.Flips(0.1, n.ByClass({"c0": 1}), n.ToSecond())):
        leaves = jax.tree_util.tree_leaves(node.fit(setting).context(features))
        assert all(leaf.shape[:3] == (2, 5, 200) for leaf in leaves)


def test_less_clear_rows_change_more_often_and_to_the_second_class():
    setting, node = unclear_setting(), margin(0.2, exponent=2.0)
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


@pytest.mark.parametrize("classes", [2, 100])
def test_few_and_many_classes(classes):
    setting = setting_of(classes)
    node = n.Flips(0.2, n.ByEntropy(), n.ToLikely())
    rates = rates_at_truth(node, setting)
    np.testing.assert_allclose(rates.mean(), 0.2, rtol=1e-9)
    transition = transition_of(n.Flips(0.2), setting)
    np.testing.assert_allclose(transition, transition_of(n.Symmetric(0.2), setting), atol=1e-15)


# --- errors ---------------------------------------------------------------------------------------------


def test_a_target_that_too_few_unclear_rows_reach():
    certain = np.eye(3)[np.arange(100) % 3]
    certain[:10] = 1 / 3
    fitted = margin(0.2, "soft_label", name="near").fit(setting_of(3))
    with pytest.raises(InputError, match=r"only 10\.0% of labels can change.*above 0\.1 is out of reach: lower it\."):
        fitted.for_soft_labels(certain)


def test_a_target_out_of_reach_of_the_destination_or_the_cap():
    setting = three_classes()
    share = setting.class_marginal[0]
    with pytest.raises(InputError, match=r"out of reach: lower it\."):
        n.Flips(share + 0.01, None, n.ToClasses({"c0": {"c1": 1}})).fit(setting)
    with pytest.raises(InputError, match=r"or raise largest_rate = 0\.5"):
        n.Flips(0.5, n.ByClass({"c0": 1}), largest_rate=0.5).fit(setting)


def test_a_rate_above_the_largest():
    with pytest.raises(InputError, match=r"at most largest_rate = 0\.3"):
        n.Flips(0.4, largest_rate=0.3)


def test_features_and_soft_labels_do_not_mix():
    with pytest.raises(InputError, match=r"'by_margin' and towards = 'to_second' must both go by features"):
        n.Flips(0.1, n.ByMargin("soft_label"), n.ToSecond())


def test_a_ground_truth_without_probabilities_is_reported():
    truth, table = ground_truth.Rules({"a": "age > 3"}, otherwise="b"), setting_of(2).table
    problems = Problems()
    n.Flips(0.1, n.ByMargin(), n.ToLikely()).report_problems(table, truth, problems)
    assert [sentence.partition(" ")[0] for sentence in problems.sentences] == [
        "`noise.flips.more_often`",
        "`noise.flips.towards`",
    ]
    assert all('source = "soft_label"' in sentence for sentence in problems.sentences)
    problems = Problems()
    margin(0.1, "soft_label").report_problems(table, truth, problems)
    assert problems.sentences == []


def test_names_that_are_not_there_are_reported():
    truth, table = ground_truth.Linear(LINEAR), mixed_table()
    problems = Problems()
    n.Flips(0.1, n.ByClass({"nope": 1}), n.ToDefault("yse")).report_problems(table, truth, problems)
    n.Flips(0.1, n.ByRegion({"agee > 3": 1}), n.ToGroup((("no", "maybee"),))).report_problems(table, truth, problems)
    n.Flips(0.1, n.ByScore({"incom": 1}), n.ToClasses({"no": {"yess": 1}})).report_problems(table, truth, problems)
    places = ["more_often.weights", "towards.label", "more_often.where", "towards.groups"]
    for place, sentence in zip([*places, "more_often.weights", "towards.classes"], problems.sentences, strict=True):
        assert sentence.startswith(f"`noise.flips.{place}`"), sentence
        assert "did you mean" in sentence, sentence


def test_what_it_says():
    node = n.Flips(0.1, n.ByMargin("soft_label"), n.ToSecond("soft_label"))
    assert node.explain() == (
        "a share 0.1 of labels changes, more often where the margin of the row's soft label is small, to the most "
        "likely other class by the row's soft label"
    )
    assert n.Flips(0.1).nominal_rate() == 0.1
    assert n.Flips(0.1).depends_on == "nothing"
