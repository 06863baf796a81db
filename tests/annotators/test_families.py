"""Each family against its equations, written out once more here."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest
from contracts import LAW, LINEAR, MATRIX, mixed_table, noise_setting, setting_of
from numpyro import handlers
from scipy import stats

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError
from synlabel_prob.laws import Beta, Normal
from synlabel_prob.noise.base import mean_of
from synlabel_prob.testing import assert_frequencies
from synlabel_prob.testing.parts import reported


def confusions(
    family: a.Annotators, classes: int = 3, values: dict | None = None, key: int = 0, **options
) -> np.ndarray:
    """T of each annotator in double precision; `values` are given to sample sites, which are drawn otherwise."""
    setting = options.pop("setting", None) or setting_of(classes, 20)
    with jax.enable_x64(True):
        fitted = family.fit(setting)
        sampled = handlers.seed(handlers.substitute(fitted.sample_parameters, data=values or {}), jax.random.key(key))
        context = fitted.context(a.Sources(**options.get("sources", {})), options.get("items"))
        return np.asarray(fitted.transitions(sampled(), context))


def symmetric(rate: float, size: int) -> np.ndarray:
    return (1 - rate) * np.eye(size) + rate * (1 - np.eye(size)) / (size - 1)


@pytest.mark.parametrize("size", [2, 3, 100])
def test_one_coin(size):
    found = confusions(a.OneCoin(3, LAW), size, {"annotation.rate": np.array([0.0, 0.3, 1.0])})
    np.testing.assert_allclose(found, [symmetric(rate, size) for rate in (0.0, 0.3, 1.0)], atol=1e-15)


def test_one_coin_is_the_noise_node_symmetric():
    node = n.Symmetric(0.3).fit(setting_of(3, 20))
    with jax.enable_x64(True):
        transition = np.asarray(node.transition(0.3, None))
    np.testing.assert_allclose(confusions(a.OneCoin(2, 0.3)), [transition] * 2, atol=1e-15)


# --- Dawid and Skene ----------------------------------------------------------------------------------


def test_given_matrices_are_taken():
    family = a.DawidSkene(matrices=(MATRIX, MATRIX[::-1]))
    assert family.size == 2 and family.names == ("annotator_1", "annotator_2")
    np.testing.assert_allclose(confusions(family), [MATRIX, MATRIX[::-1]], atol=1e-15)


@pytest.mark.parametrize("size", [2, 3])
def test_drawn_matrices_vary_around_the_base(size):
    # Entry (i, j) of a row Dirichlet(c b_i) is Beta(c b_ij, c (1 - b_ij)): a Kolmogorov-Smirnov test of 20,000 draws at
    # false alarm 1e-6 an entry, which sees a cdf that is off by 0.02.
    found = confusions(a.DawidSkene(20_000, 0.3, 7.0), size)
    base = symmetric(0.3, size)
    for row, column in np.ndindex(size, size):
        law = stats.beta(7 * base[row, column], 7 * (1 - base[row, column]))
        assert stats.kstest(found[:, row, column], law.cdf).pvalue > 1e-6, (row, column)


def test_each_annotator_has_a_rate_of_their_own():
    rates = np.array([0.05, 0.2, 0.5])
    found = confusions(a.DawidSkene(3, LAW, 1e7), 3, {"annotation.rate": rates})
    np.testing.assert_allclose(found, [symmetric(rate, 3) for rate in rates], atol=2e-3)


def test_many_classes():
    found = confusions(a.DawidSkene(3, 0.3, 0.5), 100)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)


# --- hammers and spammers -----------------------------------------------------------------------------


def test_hammers_and_spammers():
    names = [str(value) for value in noise_setting(20).classes]
    family = a.HammerSpammer(2, 0.5, {names[0]: 0.7, names[2]: 0.3})
    found = confusions(family, values={"annotation.is_hammer": np.array([1, 0])}, setting=noise_setting(20))
    np.testing.assert_allclose(found, [np.eye(3), [[0.7, 0.0, 0.3]] * 3])
    uniform = confusions(a.HammerSpammer(1, 0.0), 5)
    np.testing.assert_allclose(uniform, np.full((1, 5, 5), 0.2))
    assert np.linalg.matrix_rank(uniform[0]) == 1


def test_the_type_of_an_annotator_is_drawn_once():
    # Exact binomial test of 2,000 annotators, false alarm 1e-6: it sees a share that is off by 0.06.
    found = confusions(a.HammerSpammer(2000, 0.7), 3)
    hammers = int((found[:, 0, 0] == 1).sum())
    assert_frequencies([hammers, 2000 - hammers], [0.7, 0.3])


# --- MACE ---------------------------------------------------------------------------------------------


def test_mace_is_random_outcome_with_the_habit_as_its_outcomes():
    setting = setting_of(3, 20)
    habit, trust = np.array([[0.6, 0.3, 0.1], [0.0, 0.0, 1.0]]), np.array([0.8, 0.0])
    found = confusions(a.MACE(2, LAW), 3, {"annotation.habit": habit, "annotation.trust": trust})
    for own, share, matrix in zip(habit, 1 - trust, found, strict=True):
        node = n.RandomOutcome(float(share), dict(zip(setting.classes, own.tolist(), strict=True))).fit(setting)
        with jax.enable_x64(True):
            np.testing.assert_allclose(matrix, node.transition(share, None), atol=1e-15)


def test_full_trust_is_the_truth():
    np.testing.assert_allclose(confusions(a.MACE(2, 1.0)), [np.eye(3)] * 2)


# --- GLAD ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("link", "size", "chance"), [("softmax", 2, 0.5), ("softmax", 4, 0.25), ("softmax", 100, 0.01),
                                                      ("glad", 2, 0.5), ("glad", 4, 0.5)])  # fmt: skip
def test_no_ability_is_chance_under_one_link(link, size, chance):
    found = confusions(a.GLAD(1, 0.0, difficulty_spread=0.0, link=link), size)
    np.testing.assert_allclose(found, [symmetric(1 - chance, size)], atol=1e-15)


def test_ability_against_difficulty():
    ability, deviation = np.array([-1.0, 2.0]), np.array([0.5, -1.0, 0.0])
    soft = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    family = a.GLAD(2, Normal(0, 1), difficulty_spread=0.7, entropy_weight=1.5)
    entropy = np.array([0.0, np.log(2) / np.log(3), 1.0])
    easiness = np.exp(-(0.7 * deviation + 1.5 * entropy))
    scores = np.exp(np.outer(easiness, ability))
    right = scores / (scores + 2)
    with jax.enable_x64(True):
        fitted = family.fit(setting_of(3, 20))
        context = fitted.context(a.Sources(soft_label=soft), deviation)
        rows, people, labels = (np.ravel(it) for it in np.meshgrid(range(3), range(2), range(3), indexing="ij"))
        said = np.asarray(fitted.said(ability, context, rows, people, labels))
    expected = [symmetric(1 - right[row, who], 3)[label] for row, who, label in zip(rows, people, labels, strict=True)]
    np.testing.assert_allclose(said, expected, atol=1e-14)


def test_two_classes_have_one_link():
    both = [confusions(a.GLAD(1, 1.3, difficulty_spread=0.0, link=link), 2) for link in ("softmax", "glad")]
    np.testing.assert_allclose(*both, atol=1e-15)


# --- ordered classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 3, 100])
def test_ordinal_thresholds_are_normal_cdf_differences(size):
    bias, scale = np.array([0.0, 0.8, -0.2]), np.array([0.5, 1.0, 0.01])
    values = {"annotation.bias": bias, "annotation.scale": scale}
    found = confusions(a.OrdinalThresholds(3, scale=Beta(1, 1)), size, values)
    cuts = np.concatenate([[-np.inf], np.arange(size - 1) + 0.5, [np.inf]])
    for who, label in np.ndindex(3, size):
        expected = np.diff(stats.norm.cdf(cuts, loc=label + bias[who], scale=scale[who]))
        np.testing.assert_allclose(found[who, label], expected, atol=1e-12)
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)


def test_far_classes_keep_their_digits():
    # P(Z > 8) is 6.2e-16, which 1 - cdf(8) loses all but one digit of.
    found = confusions(a.OrdinalThresholds(1, bias=0.0, scale=0.1875), 3)
    np.testing.assert_allclose(found[0, 0, 2], stats.norm.sf(8.0), rtol=1e-9)


# --- noise nodes --------------------------------------------------------------------------------------


def test_nodes_are_the_annotators():
    family = a.NoiseNodes((n.Symmetric(0.3, name="ann"), n.Matrix(MATRIX, name="bob")))
    assert family.names == ("ann", "bob")
    np.testing.assert_allclose(confusions(family), [symmetric(0.3, 3), MATRIX], atol=1e-15)


def test_an_expert_says_what_they_see_whatever_the_label():
    setting = noise_setting(20)
    rule = g.Rules({"yes": "age > 45", "maybe": "income > 40000"}, otherwise="no")
    family = a.NoiseNodes((n.Expert(rule, sees=("age", "income"), name="bob"),))
    frame = setting.table.to_frame()
    expected = np.where(frame["age"] > 45, "yes", np.where(frame["income"] > 40_000, "maybe", "no"))
    with jax.enable_x64(True):
        fitted = family.fit(setting)
        context = fitted.context(a.Sources(features=setting.table.features), None)
        for label in range(3):
            said = fitted.said(
                fitted.sample_parameters(), context, np.arange(20), np.zeros(20, int), np.full(20, label)
            )
            assert [setting.classes[code] for code in np.asarray(said).argmax(1)] == expected.tolist()


def test_a_miscalibrated_person_votes_by_the_map():
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    with jax.enable_x64(True):
        node = n.Overextremity(0.3)
        fitted = a.NoiseNodes((node,)).fit(setting_of(3, 20))
        parameters = fitted.sample_parameters()
        context = fitted.context(a.Sources(noisy_soft_label=soft), None)
        law = fitted.push_forward(parameters, context, np.arange(20), np.zeros(20, int), soft)
        image = node.fit(setting_of(3, 20)).image(0.3, soft)
    np.testing.assert_allclose(law, image, atol=1e-14)


# --- all of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 100])
@pytest.mark.parametrize(
    "family",
    [
        a.HammerSpammer(3, 0.5),
        a.MACE(3),
        a.GLAD(3, difficulty_spread=0.0),
        a.DawidSkene(1, 0.9),
        a.NoiseNodes((n.RandomMatrix(0.2), n.NextClass(0.3))),
    ],
    ids=lambda family: family.kind,
)
def test_few_and_many_classes(family, size):
    found = confusions(family, size)
    assert found.shape == (family.size, size, size) and found.min() >= 0
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: a.OneCoin(0, 0.1), "count must be at least 1; got 0"),
        (lambda: a.OneCoin(3, 1.5), "rate must be a number from 0 to 1"),
        (lambda: a.DawidSkene(), "give one of the two"),
        (lambda: a.DawidSkene(3, matrices=(MATRIX,)), "give one of the two"),
        (lambda: a.DawidSkene(3, rate=0.0), "rate must be above 0 and below 1.*use one_coin"),
        (lambda: a.DawidSkene(3, concentration=0.0), "concentration must be above 0"),
        (lambda: a.DawidSkene(matrices=()), "a matrix for each annotator; got none"),
        (lambda: a.DawidSkene(matrices=(MATRIX, MATRIX[:2])), "matrix 2 is not 3 x 3"),
        (lambda: a.DawidSkene(matrices=(((0.5, 0.6), (0.5, 0.5)),)), "sum to 1; those of matrix 1 sum to 1.1, 1"),
        (lambda: a.DawidSkene(matrices=(((1.5, -0.5), (0.5, 0.5)),)), "probabilities; matrix 1 has -0.5"),
        (lambda: a.DawidSkene(matrices=(((0.9, 0.4), (0.1, 0.6)),)), "its columns do, so give its transpose"),
        (lambda: a.DawidSkene(matrices=(MATRIX,), rate=0.1), "leave them out"),
        (lambda: a.HammerSpammer(3, 0.5, {"no": 0.6}), "says must sum to 1; it sums to 0.6"),
        (lambda: a.MACE(3, concentration=-1.0), "concentration must be above 0"),
        (lambda: a.GLAD(3, link="logit"), "link must be one of 'softmax' or 'glad'"),
        (lambda: a.GLAD(3, difficulty_spread=-1.0), "difficulty_spread must be at least 0"),
        (lambda: a.OrdinalThresholds(3, scale=0.0), "scale must be above 0"),
        (lambda: a.OrdinalThresholds(3, scale=Normal(0, 1)), "scale must be a number of at least 0, or a law on"),
        (lambda: a.OrdinalThresholds(3, bias="high"), "bias must be a number or a law"),
        (lambda: a.NoiseNodes(()), "a noise node for each annotator; got none"),
        (lambda: a.NoiseNodes((n.Symmetric(0.1), n.Symmetric(0.2))), "two annotators called 'symmetric'"),
        (lambda: a.NoiseNodes((n.Symmetric(0.1, selection="exact_count"),)), "because votes are drawn each on its own"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(build, said):
    with pytest.raises(InputError) as caught:
        build()
    assert re.search(said, str(caught.value).replace("`", "")) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("family", "said"),
    [
        (a.DawidSkene(matrices=(((1.0, 0.0), (0.5, 0.5)),)), "must be 3 x 3 each.*got 2 x 2"),
        (a.HammerSpammer(3, 0.5, {"perhaps": 1.0}), "names the class 'perhaps'"),
        (a.NoiseNodes((n.ClassConditional({"perhaps": 0.1}),)), "`annotation.annotators.nodes.class_conditional"),
    ],
)
def test_what_does_not_fit_the_classes_is_named(family, said):
    (sentence,) = reported(family.report_problems, mixed_table(20), g.Linear(LINEAR))
    assert re.search(said, sentence)


def test_a_law_stands_for_a_number():
    assert mean_of(a.MACE(3).trust) == 0.5
    assert a.OneCoin(3, {"dist": "Beta", "concentration1": 2, "concentration0": 8}).rate == LAW
