"""Nodes one after another: products of transitions, whatever the nodes; few and many classes; exact counts."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contracts import NOISE, noise_setting
from noise_examples import dirichlet, setting_of

from synlabel_prob import noise as n
from synlabel_prob.distributions import NoisyLabel
from synlabel_prob.testing import assert_frequencies

COMPOSED = sorted(NOISE)


@functools.cache
def transitions() -> dict[str, np.ndarray]:
    """Of every node of the contract table, for the rows of one setting, (rows, classes, classes)."""
    soft, key = dirichlet(3, 80), jax.random.key(2)
    with jax.enable_x64(True):
        found = {name: n.transition_at(NOISE[name].build(), NOISE[name].setting(), soft, key) for name in COMPOSED}
    return {name: np.broadcast_to(np.asarray(matrix), (80, 3, 3)) for name, matrix in found.items()}


def chains(length: int = 4, number: int = 40) -> list[list[str]]:
    """Random compositions, the same every time."""
    generator = np.random.default_rng(0)
    return [generator.choice(COMPOSED, length).tolist() for _ in range(number)]


@pytest.mark.slow
def test_any_composition_is_the_product_and_its_rows_sum_to_one():
    soft = dirichlet(3, 80)
    for chain in chains():
        product, law = np.broadcast_to(np.eye(3), (80, 3, 3)), jnp.asarray(soft)
        with jax.enable_x64(True):
            law = jnp.asarray(soft)
            for name in chain:
                product = product @ transitions()[name]
                law = n.push_forward(law, jnp.asarray(transitions()[name]))
        np.testing.assert_allclose(product.sum(-1), 1.0, atol=1e-12, err_msg=str(chain))
        np.testing.assert_allclose(np.asarray(law), np.einsum("ri,rij->rj", soft, product), atol=1e-13)
        np.testing.assert_allclose(np.asarray(law).sum(-1), 1.0, atol=1e-12)


def test_the_posterior_through_a_composition_averages_to_the_soft_label():
    soft = dirichlet(3, 80)
    with jax.enable_x64(True):
        for chain in chains(3, 10):
            product = functools.reduce(np.matmul, [transitions()[name] for name in chain])
            noisy = np.asarray(n.push_forward(soft, product))
            posterior = np.asarray(n.reverse(soft, product))
            back = np.einsum("rj,rji->ri", noisy, np.nan_to_num(posterior))
            np.testing.assert_allclose(back, soft, atol=1e-12)


@pytest.mark.parametrize("chain", chains(3, 4), ids=", ".join)
def test_labels_drawn_one_after_another_follow_the_product(chain):
    # An exact binomial test of each cell, false alarm 1e-6; 60,000 draws see a probability that is off by 0.03.
    product = functools.reduce(np.matmul, [transitions()[name][:3] for name in chain])
    key = jax.random.key(11)
    for before in range(3):
        label = jnp.full((3, 60_000), before)
        for place, name in enumerate(chain):
            rows = jnp.asarray(transitions()[name][:3])
            own = jnp.take_along_axis(rows, label[..., None], 1)
            label = NoisyLabel(own, label).sample(jax.random.fold_in(key, 10 * before + place))
        counts = np.stack([(np.asarray(label) == code).sum(1) for code in range(3)], -1)
        assert_frequencies(counts, product[:, before])


def test_what_commutes_and_what_does_not():
    setting = setting_of(4)
    with jax.enable_x64(True):
        one, other, third = (
            np.asarray(n.transition_at(node, setting, dirichlet(4, 200), jax.random.key(0)))
            for node in (n.Symmetric(0.2), n.Flips(0.3, None, n.ToNext()), n.ClassConditional({"c0": 0.5}))
        )
    np.testing.assert_allclose(one @ other, other @ one, atol=1e-15)
    assert np.abs(third @ other - other @ third).max() > 0.05


# --- two classes and a hundred --------------------------------------------------------------------------


def nodes_for(classes: int) -> list[n.Noise]:
    """A node of each kind for classes c0, c1, ..., the expert aside, whose own tests have several sizes."""
    names = [f"c{code}" for code in range(classes)]
    shifted = 0.6 * np.eye(classes) + 0.4 * np.roll(np.eye(classes), 1, 1)
    destinations = [n.ToClasses({"c0": {"c1": 1.0}}), n.ToGroup((("c0", "c1"),)), n.ToDefault("c1")]
    destinations += [n.ToOthers(), n.ToFrequent(), n.ToNext(), n.ToNear(), n.ToFar(), n.ToSides(), n.ToSimilar()]
    destinations += [n.ToSecond("soft_label"), n.ToLikely("soft_label"), n.ToEnemy(2), n.ToScores(), n.ToParts(3)]
    weights = [n.ByClass({"c0": 1.0}), n.ByRarity(), n.ByMargin("soft_label"), n.ByPolynomialMargin("soft_label")]
    weights += [n.ByEntropy("soft_label"), n.ByBoundary(), n.ByNeighbours(), n.ByDensity(), n.ByScore()]
    return [
        n.Symmetric(0.2),
        n.ClassConditional({"c1": 0.3}),
        n.Matrix(tuple(map(tuple, shifted))),
        n.RandomMatrix(0.2),
        n.RandomOutcome(0.2),
        *(n.Flips(1e-4, None, destination) for destination in destinations),
        *(n.Flips(1e-4, weight) for weight in weights),
        *(kind(0.2) for kind in (n.Overprediction, n.Underprediction, n.Overextremity, n.Underextremity)),
        n.Temperature(2.0),
        n.LogOdds(intercepts={"c0": 1.0}),
        n.ClassBias({"c0": 1.0}),
        n.RatingScale(10),
        n.RatingScale(10, "random"),
        n.DirichletPerturbation(5.0),
        n.Panel(5),
        n.LogisticNormal(0.5),
        n.GaussianPerturbation(0.1),
        n.Varying(n.Symmetric(0.2)),
        n.PriorShift(dict.fromkeys(names, 1 / classes)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 100])
def test_every_node_works_for_few_and_many_classes(classes):
    own = setting_of(classes)
    setting = n.Setting(own.table, own.ground_truth, np.arange(200) % classes)
    soft = np.random.default_rng(3).dirichlet(np.full(classes, 0.3), 200)
    with jax.enable_x64(True):
        for node in nodes_for(classes):
            matrix = np.asarray(n.transition_at(node, setting, soft, jax.random.key(0)))
            assert matrix.shape[-2:] == (classes, classes), node.kind
            assert matrix.min() >= 0, node.kind
            np.testing.assert_allclose(matrix.sum(-1), 1.0, atol=1e-11, err_msg=str(node))


# --- rates on hard labels -----------------------------------------------------------------------------------

RATED = sorted(name for name in COMPOSED if name.startswith(("symmetric", "class_cond", "flips", "matrix", "random")))


@pytest.mark.parametrize("name", RATED)
def test_exact_counts_hit_the_target_and_independent_flips_are_binomial(name):
    """200 seeds: the count is the sum of the rates rounded up or down; the independent one is within 5 deviations.

    The mean of 200 independent counts then misses its expectation by more than that with probability 6e-7.
    """
    labels = noise_setting().labels
    rates = 1 - transitions()[name][np.arange(80), labels, labels]
    order, independent = np.random.default_rng(1).permutation(80), []
    for number in range(200):
        generator = np.random.default_rng([5, number])
        count = n.systematic_selection(rates, generator.random(), order).sum()
        assert np.floor(rates.sum() - 1e-9) <= count <= np.ceil(rates.sum() + 1e-9)
        independent.append((generator.random(80) < rates).sum())
    deviation = np.sqrt((rates * (1 - rates)).sum() / 200)
    assert abs(np.mean(independent) - rates.sum()) <= 5 * deviation + 1e-9
