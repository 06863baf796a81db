"""One run of a process: what belongs together stays together, and the records say what happened."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import oracles
import pandas as pd
import pytest
from contracts import LINEAR, margin, mixed_table, next_class
from hypothesis import given, settings
from hypothesis import strategies as st
from quick import only

from synlabel_prob import datasets, metrics
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.laws import Beta, Uniform
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_frequencies

PROPERTY = settings(max_examples=6)
FEW = s.QuasiMonteCarlo(draws=64)
TRUTH = g.Linear(LINEAR, {"no": 2.0})
NODES = (
    n.Symmetric(0.1),
    margin(0.02, name="near"),
    n.RandomMatrix(Uniform(0.1, 0.3), selection="exact_count"),
    margin(0.1, source="soft_label", largest_rate=0.6, name="unclear"),
    n.ClassConditional({"no": 0.2, "yes": Beta(2, 8)}),
)


_KNOWN: dict[str, object] = {}


def known(name: str, build):
    """Made once; descriptions that hold a dict have no hash, but a `repr` that tells them apart."""
    if name not in _KNOWN:
        _KNOWN[name] = build()
    return _KNOWN[name]


def fitted_with(nodes=NODES, hard_from="soft_label", rows=60):
    process = Process(TRUTH, ("age", "income"), p.GaussianRegression(), nodes, hard_from)
    return known(f"{process} {rows}", lambda: fit(process, mixed_table(rows)))


def made_with(nodes=NODES, hard_from="soft_label", rows=60, number=0):
    fitted = fitted_with(nodes, hard_from, rows)
    return known(f"{fitted.process} {rows} {number}", lambda: generate(fitted, jax.random.key(number), FEW))


def arrays(made) -> dict[str, np.ndarray]:
    """Everything of a run that has a row each."""
    soft = {
        name: getattr(made.soft, name) for name in ("probabilities", "standard_error", "counts", "stages", "changes")
    }
    ledger = {
        f"{entry.name}.{name}": getattr(entry, name)
        for entry in made.ledger
        for name in ("before", "after", "flip_probability")
    }
    own = {
        "features": made.ground_truth.view.features,
        "noisy_soft": made.observed_soft.soft_labels,
        "noisy_hard": made.observed_hard.hard_labels,
        "drawn": made.drawn_label,
        "laws": made.laws,
        "expected_changes": made.expected_changes,
    }
    return {**soft, **ledger, **own}


def assert_same(first: dict, second: dict, places=slice(None)) -> None:
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name][places], second[name], name)


# --- bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hard_from", ["soft_label", "ground_truth"])
def test_the_same_key_gives_the_same_bytes_and_another_key_others(hard_from):
    first = made_with(hard_from=hard_from)
    again = generate(fitted_with(hard_from=hard_from), jax.random.key(0), FEW, memory_budget=2**20)
    assert_same(arrays(first), arrays(again))
    np.testing.assert_equal(first.parameters, again.parameters)
    other = made_with(hard_from=hard_from, number=1)
    assert not np.array_equal(first.observed_hard.hard_labels, other.observed_hard.hard_labels)
    assert not np.array_equal(first.soft.counts, other.soft.counts)


@PROPERTY
@given(seed=st.integers(0, 2**31), hard_from=st.sampled_from(["soft_label", "ground_truth"]))
def test_rows_and_their_ids_permute_together(seed, hard_from):
    fitted, order = fitted_with(hard_from=hard_from), np.random.default_rng(seed).permutation(60)
    moved = dataclasses.replace(fitted, table=fitted.table.take(order), labels=fitted.labels[order])
    assert_same(arrays(made_with(hard_from=hard_from)), arrays(generate(moved, jax.random.key(0), FEW)), order)


def test_other_ids_are_other_rows():
    fitted = fitted_with()
    renamed = dataclasses.replace(fitted, table=dataclasses.replace(fitted.table, row_ids=np.arange(60) + 1000))
    assert not np.array_equal(generate(renamed, jax.random.key(0), FEW).soft.counts, made_with().soft.counts)


@pytest.mark.parametrize("place", range(len(NODES)))
def test_processes_that_differ_in_one_node_share_the_numbers_of_the_others(place):
    # Without noise that depends on hidden features hard labels start elsewhere, so its place is taken by its like.
    replaced = margin(0.03, name="other") if place == 1 else n.Symmetric(0.25, name="other")
    nodes = (*NODES[:place], replaced, *NODES[place + 1 :])
    first, second = made_with(), made_with(nodes)
    np.testing.assert_array_equal(first.soft.counts, second.soft.counts)
    np.testing.assert_array_equal(first.laws[:, : place + 1], second.laws[:, : place + 1])
    for earlier, own in list(zip(first.ledger, second.ledger, strict=True))[:place]:
        np.testing.assert_array_equal(earlier.before, own.before)
        np.testing.assert_array_equal(earlier.after, own.after)
    for name in set(first.parameters) & set(second.parameters):
        np.testing.assert_array_equal(first.parameters[name], second.parameters[name])


def test_a_higher_rate_changes_the_same_labels_and_more():
    fewer, more = (made_with((n.Symmetric(rate),), rows=400) for rate in (0.1, 0.3))
    np.testing.assert_array_equal(fewer.drawn_label, more.drawn_label)
    changed = fewer.ledger[0].after != fewer.ledger[0].before
    assert 0 < changed.sum() < 400
    np.testing.assert_array_equal(more.ledger[0].after[changed], fewer.ledger[0].after[changed])


def test_the_process_knows_no_seed():
    assert fitted_with().process == Process(TRUTH, ("age", "income"), p.GaussianRegression(), NODES)
    before = np.asarray(fitted_with().prior.theta_at(0).coefficients)
    made_with(number=3)
    np.testing.assert_array_equal(before, fitted_with().prior.theta_at(0).coefficients)


# --- records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hard_from", ["soft_label", "ground_truth"])
def test_the_ledger_is_a_chain(hard_from):
    made = made_with(hard_from=hard_from)
    start = made.ground_truth.hard_labels if hard_from == "ground_truth" else made.drawn_label
    np.testing.assert_array_equal(made.drawn_label, start)
    for entry in made.ledger:
        np.testing.assert_array_equal(entry.before, start)
        assert not (entry.after != entry.before)[entry.flip_probability == 0].any()
        start = entry.after
    np.testing.assert_array_equal(made.observed_hard.hard_labels, start)
    assert [entry.name for entry in made.ledger] == [node.label for node in NODES]


def test_laws_are_the_exact_push_forward_of_the_parameters_drawn():
    made = made_with()
    np.testing.assert_array_equal(made.laws[:, 0], made.partial.soft_labels)
    np.testing.assert_array_equal(made.laws[:, -1], made.observed_soft.soft_labels)
    np.testing.assert_allclose(made.laws.sum(-1), 1.0, atol=1e-12)
    for place in (2, 3, 4):
        transition = np.broadcast_to(made.transitions[place], (60, 3, 3))
        pushed = np.einsum("rk,rkj->rj", made.laws[:, place], transition)
        np.testing.assert_allclose(made.laws[:, place + 1], pushed, atol=1e-13)
        leaves = (made.laws[:, place] * (1 - np.diagonal(transition, axis1=1, axis2=2))).sum(1)
        np.testing.assert_allclose(made.expected_changes[:, place], leaves, atol=1e-13)
    np.testing.assert_allclose(made.transitions[0], 0.85 * np.eye(3) + 0.05, atol=1e-15)
    np.testing.assert_allclose(made.expected_changes[:, 0], 0.1, atol=1e-12)


def test_parameters_are_drawn_once_and_shared_by_soft_and_hard_labels():
    made = made_with()
    assert set(made.parameters) == {
        "random_matrix.rate",
        "random_matrix.scores",
        "random_matrix.shares",
        "class_conditional.rate.yes",
    }
    rate, code = float(made.parameters["class_conditional.rate.yes"]), made.observed_soft.classes.index("yes")
    np.testing.assert_allclose(1 - made.transitions[4][code, code], rate, rtol=1e-12)
    flips = made.ledger[4].flip_probability[made.ledger[4].before == code]
    np.testing.assert_allclose(flips, rate, rtol=1e-12)
    marginal = np.bincount(made.ground_truth.hard_labels, minlength=3) / 60
    expected = marginal @ (1 - np.diag(made.transitions[2]))
    np.testing.assert_allclose(expected, float(made.parameters["random_matrix.rate"]), rtol=1e-9)


def test_rates_by_soft_labels_reach_their_target_on_them():
    made = made_with()
    rates = 1 - made.transitions[3][:, 0, 0]
    np.testing.assert_allclose(rates.mean(), 0.1, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_exact_count_is_as_many_as_the_rates_add_up_to(seed):
    nodes = (n.Symmetric(0.25, selection="exact_count"),)
    made = made_with(nodes, rows=60, number=seed)
    assert (made.ledger[0].after != made.ledger[0].before).sum() == 15
    uneven = made_with((margin(0.05, source="soft_label", selection="exact_count"),), rows=60, number=seed)
    changed = (uneven.ledger[0].after != uneven.ledger[0].before).sum()
    assert abs(changed - uneven.ledger[0].flip_probability.sum()) < 1


def test_exact_counts_of_two_nodes_are_independent():
    # Each node changes 30 of 60 rows of two classes, so 60 - 2 X differ in the end, X hypergeometric with mean 15 and
    # deviation 1.95: outside of 7 to 23 once in 20,000. One order for both nodes gave 0 or 60.
    nodes = tuple(n.Symmetric(0.5, name=name, selection="exact_count") for name in ("first", "second"))
    for number in range(4):
        made = made_with(nodes, number=number)
        twice = (made.ledger[0].before != made.ledger[0].after) & (made.ledger[1].before != made.ledger[1].after)
        assert 7 <= twice.sum() <= 23
    chosen = {tuple(made_with(nodes, number=number).ledger[0].after) for number in range(4)}
    assert len(chosen) == 4


def test_a_key_of_another_generator_gives_rows_their_own_numbers():
    fitted = fitted_with((n.Symmetric(0.3),), "soft_label", 60)
    order = np.random.default_rng(0).permutation(60)
    mixed = dataclasses.replace(fitted, table=fitted.table.take(order), labels=fitted.labels[order])
    key = jax.random.key(3, impl="rbg")
    one, other = (generate(process, key, FEW).observed_hard.hard_labels for process in (fitted, mixed))
    np.testing.assert_array_equal(one[order], other)


def test_without_noise_nothing_happens():
    made = made_with(())
    np.testing.assert_array_equal(made.observed_soft.soft_labels, made.partial.soft_labels)
    np.testing.assert_array_equal(made.observed_hard.hard_labels, made.drawn_label)
    assert made.ledger == () and made.expected_changes.shape == (60, 0)


def test_noise_of_rate_nothing_changes_no_bit():
    quiet = made_with((n.Symmetric(0.0), margin(0.0), next_class(0.0), n.RandomOutcome(0.0)))
    clean = made_with(())
    np.testing.assert_array_equal(quiet.observed_soft.soft_labels, clean.observed_soft.soft_labels)
    assert all((entry.before == entry.after).all() for entry in quiet.ledger)


def test_a_target_rate_out_of_reach_is_said():
    table = mixed_table(40)
    certain = Process(
        g.Rules({"yes": "region == 'north'"}, otherwise="no"),
        ("height",),
        p.Uniform(),
        (margin(0.3, source="soft_label"),),
    )
    with pytest.raises(InputError, match=r"`noise\.margin\.rate` is 0\.3, but only 0\.0% of labels"):
        generate(fit(certain, table), jax.random.key(0), FEW)


def test_the_four_datasets():
    made = made_with()
    table = fitted_with().table
    np.testing.assert_array_equal(made.ground_truth.view.features, table.features)
    for dataset in (made.partial, made.observed_soft, made.observed_hard):
        assert dataset.view.feature_names == ("height", "size", "region")
        assert dataset.hidden.feature_names == ("age", "income")
        np.testing.assert_array_equal(dataset.view.row_ids, table.row_ids)
        assert dataset.classes == ("yes", "no", "maybe")
    assert made.observed_hard.provenance.arrows == ("hide_features", "inject_noise", "draw_labels")
    assert not made.partial.provenance.conditions_on_label
    frame = datasets.to_frame(made.partial)
    np.testing.assert_array_equal(frame[["p[yes]", "p[no]", "p[maybe]"]], made.partial.soft_labels)


def test_a_prior_that_sees_the_label_is_marked():
    process = Process(TRUTH, ("age",), p.GaussianRegression("observed_and_label"))
    made = generate(fit(process, mixed_table(40)), jax.random.key(0), FEW)
    assert made.partial.provenance.conditions_on_label


# --- laws -------------------------------------------------------------------------------------------


def repeated(build, rows=4, times=15_000):
    """The fitted process on its rows over and over, each time under other ids: as many runs at once."""
    fitted = build()
    few = fitted.table.take(np.arange(rows))
    features = np.repeat(few.features, times, 0)
    table = dataclasses.replace(few, features=features, target=None, row_ids=np.arange(rows * times))
    return dataclasses.replace(fitted, table=table, labels=np.repeat(fitted.labels[:rows], times))


def shares(codes, size, rows=4):
    return np.stack([(codes.reshape(rows, -1) == code).sum(1) for code in range(size)], -1)


CASES = {
    "linear": lambda hard: oracles.half_space(50, 2, "exact", (n.Symmetric(0.2), next_class(0.1)), hard_from=hard)[0],
    "dependent": lambda hard: fit(
        Process(TRUTH, ("age", "income"), p.GaussianRegression(), (n.Symmetric(0.1), margin(0.05)), hard),
        mixed_table(60),
    ),
    "expert": lambda hard: fit(
        Process(
            TRUTH, ("age", "income"), p.GaussianRegression(),
            (n.Expert(g.Rules({"yes": "income > 40000"}, otherwise="no"), share=0.5), n.RandomOutcome(0.2)), hard,
        ),
        mixed_table(60),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", only(["linear"], CASES))
def test_hard_labels_follow_the_noisy_soft_labels(name, key):
    # False alarm 1e-6; 15,000 runs of 4 rows see a probability that is off by 0.03. What the soft labels of the runs
    # are off by averages out over the runs: below 0.001.
    fitted = repeated(lambda: CASES[name]("soft_label"))
    made = generate(fitted, key, s.QuasiMonteCarlo(draws=256))
    size = len(fitted.classes)
    laws = made.laws.reshape(4, 15_000, -1, size).mean(1)
    assert_frequencies(shares(made.drawn_label, size), (laws[:, 0] + 1e-4) / (1 + size * 1e-4))
    for place, entry in enumerate(made.ledger):
        assert_frequencies(shares(entry.after, size), (laws[:, place + 1] + 1e-4) / (1 + size * 1e-4))
    changed = np.stack([(entry.after != entry.before).reshape(4, -1).sum(1) for entry in made.ledger])
    expected = made.expected_changes.T.reshape(len(made.ledger), 4, -1).mean(-1)
    assert_frequencies(np.stack([changed, 15_000 - changed], -1), np.stack([expected, 1 - expected], -1))


@pytest.mark.parametrize("name", only(["linear", "expert"], CASES))
def test_hard_labels_from_the_ground_truth_follow_its_noise(name, key):
    # False alarm 1e-6; 15,000 runs of 4 rows see a probability that is off by 0.03. Every node is at the true features.
    fitted = repeated(lambda: CASES[name]("ground_truth"))
    made = generate(fitted, key, FEW)
    size = len(fitted.classes)
    law = np.eye(size)[fitted.labels[::15_000]]
    np.testing.assert_array_equal(made.ledger[0].before, fitted.labels)
    for entry, transition in zip(made.ledger, made.transitions, strict=True):
        own = np.broadcast_to(transition, (60_000, size, size))[::15_000]
        law = np.einsum("rk,rkj->rj", law, own)
        assert_frequencies(shares(entry.after, size), law)


def test_exact_count_keeps_the_law_of_each_row(key):
    # False alarm 1e-6: systematic counts vary less than binomial ones. About 30,000 labels see a rate off by 0.02.
    fitted = repeated(
        lambda: oracles.half_space(50, 2, "exact", (n.ClassConditional({"up": 0.3}, selection="exact_count"),))[0]
    )
    made = generate(fitted, key, s.QuasiMonteCarlo(draws=256))
    entry = made.ledger[0]
    picked = entry.after != entry.before
    total = entry.flip_probability.sum()
    assert picked.sum() in (np.floor(total), np.ceil(total))
    up = entry.before == 0
    assert not picked[~up].any()
    assert_frequencies(np.array([picked[up].sum(), (~picked[up]).sum()]), np.array([0.3, 0.7]))


def test_soft_labels_of_the_run_are_the_closed_form(key):
    fitted, probability = oracles.ball(500, 2, (n.Symmetric(0.2),))
    made = generate(fitted, key, s.QuasiMonteCarlo(draws=2**12))
    noisy = 0.8 * probability + 0.2 * (1 - probability)
    assert np.abs(made.observed_soft.soft_labels[:, 0] - noisy).max() < 0.01
    change = metrics.mean_total_variation(made.partial.soft_labels, made.observed_soft.soft_labels)
    uniform = np.full((500, 2), 0.5)
    np.testing.assert_allclose(change, 0.4 * metrics.mean_total_variation(made.partial.soft_labels, uniform), rtol=1e-9)


def test_a_class_that_never_occurs_keeps_its_column(key):
    frame = pd.DataFrame({"x": np.linspace(0, 1, 20), "h": np.linspace(1, 0, 20) ** 2})
    truth = g.Rules({"never": "x > 5", "often": "x + h > 0.9"}, otherwise="else")
    process = Process(truth, ("h",), p.Uniform(), (next_class(0.1), n.RandomMatrix(0.2), n.RandomOutcome(0.1)))
    made = generate(fit(process, Table.from_frame(frame)), key, FEW)
    assert made.partial.soft_labels.shape == made.observed_soft.soft_labels.shape == (20, 3)
    assert (made.partial.soft_labels[:, 0] == 0).all()
    assert made.observed_hard.classes == ("never", "often", "else")
