"""Noise on features of a run: what gets it, what keeps the true features, and whose random numbers it has."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import LINEAR, mixed_table
from numpyro.handlers import seed, trace
from runs import incomplete_with_noise

from synlabel_prob import annotators as a
from synlabel_prob import arrows
from synlabel_prob import feature_noise as f
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.datasets import GroundTruthDataset
from synlabel_prob.errors import InputError
from synlabel_prob.process import FittedProcess, Generated, Process, fit, generate, report_problems
from synlabel_prob.randomness import site_key

TRUTH = g.Linear(LINEAR, {"no": 2.0})
HIDDEN = ("income",)
FEW = s.QuasiMonteCarlo(draws=64)
KEY = jax.random.key(0)
NOISE = (
    f.Gaussian(0.5, features=("age",)),
    f.LevelFlips(0.3),
    f.Swapped(0.4, features=("height", "region")),
    f.MissingValues(0.2, features=("height",)),
)


def process(feature_noise: tuple = NOISE, **parts) -> Process:
    nodes = (n.Symmetric(0.1),)
    return Process(TRUTH, HIDDEN, p.GaussianRegression(), nodes, feature_noise=feature_noise, **parts)


@functools.cache
def made(with_noise: bool = True) -> tuple[FittedProcess, Generated]:
    fitted = fit(process(NOISE if with_noise else ()), mixed_table(60))
    return fitted, generate(fitted, KEY, FEW)


def test_observed_datasets_have_noisy_features_and_the_others_true_ones():
    _, generated = made()
    table = mixed_table(60)
    observed = ("age", "height", "size", "region")
    np.testing.assert_array_equal(generated.ground_truth.view.features, table.features)
    assert generated.partial.view.sha256() == table.select(observed).sha256()
    soft, hard = generated.observed_soft.view, generated.observed_hard.view
    assert soft.feature_names == hard.feature_names == observed
    assert soft.sha256() == hard.sha256()
    changed = soft.features != generated.partial.view.features
    assert changed[:, 0].all() and 0 < changed[:, 1].mean() < 1
    assert 0 < changed[:, 2].mean() < 0.7 and 0 < changed[:, 3].mean() < 0.9
    assert soft.missing() == ("height",)
    for dataset in (generated.partial, generated.observed_soft, generated.observed_hard):
        np.testing.assert_array_equal(dataset.hidden.features, table.select(HIDDEN).features)
        np.testing.assert_array_equal(dataset.view.row_ids, table.row_ids)


def test_provenance_says_so():
    _, generated = made()
    assert generated.partial.provenance.arrows == ("hide_features",)
    assert generated.observed_soft.provenance.arrows == ("hide_features", "inject_noise", "inject_feature_noise")
    assert generated.observed_hard.provenance.arrows[-2:] == ("inject_feature_noise", "draw_labels")


def test_it_changes_no_label_vote_or_set():
    people = a.Annotation(a.NoiseNodes((n.Expert(g.Rules({"yes": "age > 40"}, otherwise="no"), name="ann"),)))
    recorded = o.Missing(0.3, more_often=n.ByRegion({"region == 'west'": 3.0}, 1.0))
    parts = {"annotation": people, "observation": recorded}
    noisy, plain = (generate(fit(process(noise, **parts), mixed_table(60)), KEY, FEW) for noise in (NOISE, ()))
    for one in ("partial", "observed_soft"):
        np.testing.assert_array_equal(getattr(noisy, one).soft_labels, getattr(plain, one).soft_labels)
    np.testing.assert_array_equal(noisy.observed_hard.hard_labels, plain.observed_hard.hard_labels)
    np.testing.assert_array_equal(noisy.votes.labels, plain.votes.labels)
    np.testing.assert_array_equal(noisy.observed_sets, plain.observed_sets)
    assert plain.observed_hard.view.sha256() == plain.partial.view.sha256()
    assert "inject_feature_noise" not in plain.observed_hard.provenance.arrows


def test_it_is_the_arrow_of_the_same_key():
    _, generated = made()
    start = made(with_noise=False)[1].observed_soft
    after = arrows.inject_feature_noise(start, NOISE, site_key(KEY, "feature_noise"))
    assert after.view.sha256() == generated.observed_soft.view.sha256()
    np.testing.assert_array_equal(after.soft_labels, generated.observed_soft.soft_labels)


def test_the_same_key_gives_the_same_bytes_and_another_key_others():
    fitted, generated = made()
    view = generated.observed_hard.view
    assert generate(fitted, KEY, FEW).observed_hard.view.sha256() == view.sha256()
    other = generate(fitted, jax.random.key(1), FEW).observed_hard.view
    assert (other.features != view.features)[:, 0].all()


def test_permuting_rows_permutes_their_features():
    order = np.random.default_rng(0).permutation(60)
    moved = generate(fit(process(), mixed_table(60).take(order)), KEY, FEW).observed_hard.view
    np.testing.assert_array_equal(moved.features, made()[1].observed_hard.view.features[order])
    np.testing.assert_array_equal(moved.row_ids, np.arange(60)[order])


@pytest.mark.parametrize("left_out", range(len(NOISE)))
def test_one_noise_less_leaves_the_numbers_of_the_others(left_out):
    fewer = (*NOISE[:left_out], *NOISE[left_out + 1 :])
    view = made()[0].observed_table
    key = site_key(KEY, "feature_noise")
    plain, every = f.noisy_table(view, fewer, key), made()[1].observed_hard.view
    alone = set(NOISE[left_out].acts_on(view))
    for name in set(view.feature_names) - alone:
        place = view.index([name])
        np.testing.assert_array_equal(plain.features[:, place], every.features[:, place])


def test_names_of_noise_on_labels_are_free_for_noise_on_features():
    # They are drawn from other keys: a node and a noise of one name and one parameter do not act on the same rows.
    both = process((f.Swapped(0.5, name="symmetric", features=("age",)),))
    generated = generate(fit(both, mixed_table(60)), KEY, FEW)
    np.testing.assert_array_equal(
        generated.observed_hard.hard_labels, made(with_noise=False)[1].observed_hard.hard_labels
    )
    assert (generated.observed_hard.view.features != generated.partial.view.features).any()


def test_noise_of_rate_nothing_changes_no_bit():
    quiet = (f.Replaced(0.0), f.Swapped(0.0), f.LevelFlips(0.0), f.MissingValues(0.0), f.Gaussian(0.0))
    view = generate(fit(process(quiet), mixed_table(60)), KEY, FEW).observed_hard.view
    np.testing.assert_array_equal(view.features, made()[0].observed_table.features)


def test_labels_may_be_derived_anew_from_the_noisy_features():
    # Of a rule of one observed feature: the label changes exactly where noise moves the feature over its edge.
    rule = g.Rules({"old": "age > 40 and income > 0"}, otherwise="young")
    noisy = Process(rule, HIDDEN, p.GaussianRegression(), feature_noise=(f.Gaussian(0.5, features=("age",)),))
    fitted = fit(noisy, mixed_table(60))
    generated = generate(fitted, KEY, FEW)
    function = arrows.LabelFunction(fitted.ground_truth, fitted.table.feature_names)
    anew = arrows.relabel(generated.observed_hard, function, GroundTruthDataset)
    ages = generated.observed_hard.view.features[:, 0]
    np.testing.assert_array_equal(anew.hard_labels == 0, ages > 40)
    assert (anew.hard_labels != generated.ground_truth.hard_labels).any()


@pytest.mark.slow
def test_cells_that_miss_their_value_keep_missing_it():
    fitted, generated = incomplete_with_noise()
    before, after = fitted.observed_table.features, generated.observed_hard.view.features
    np.testing.assert_array_equal(np.isnan(after), np.isnan(before))
    assert (after != before)[~np.isnan(before)].any()
    assert generated.ground_truth.view.missing() == ()


@pytest.mark.slow
def test_the_models_know_nothing_of_it():
    first, second = (
        set(trace(seed(made(with_noise)[0].model, jax.random.key(0))).get_trace()) for with_noise in (True, False)
    )
    assert first == second


class Worn(f.Replaced):
    """Noise of a user's own."""

    def noisy(self, values, uniforms, column):
        return np.minimum(values, np.median(values))


def test_noise_of_ones_own_works_from_python():
    generated = generate(fit(process((Worn(0.5, features=("age",)),)), mixed_table(60)), KEY, FEW)
    ages = generated.observed_hard.view.features[:, 0]
    np.testing.assert_array_equal(ages, np.minimum(mixed_table(60).features[:, 0], ages.max()))
    assert ages.max() == np.median(mixed_table(60).features[:, 0])


@pytest.mark.parametrize(
    ("noise", "said"),
    [
        ((f.Swapped(0.1, features=("income",)),), "`feature_noise.swapped.features` names 'income', which is hidden"),
        ((f.Swapped(0.1, features=("agee",)),), "`feature_noise.swapped.features`: 'agee' is not a feature.*'age'"),
        ((f.Gaussian(0.1, features=("size",)),), "takes continuous features, but 'size' is ordinal"),
    ],
)
def test_what_does_not_fit_the_table(noise, said):
    (sentence,) = report_problems(process(noise), mixed_table(60)).sentences
    with pytest.raises(InputError, match=said):
        raise InputError(sentence)
    with pytest.raises(InputError, match=said):
        fit(process(noise), mixed_table(60))


def test_two_of_one_name_are_refused():
    with pytest.raises(InputError, match=r"`feature_noise` has two parts called 'swapped'"):
        process((f.Swapped(0.1), f.Swapped(0.2)))
    process((f.Swapped(0.1), f.Swapped(0.2, name="again")))


def test_an_unknown_hidden_feature_is_said_alone():
    wrong = Process(TRUTH, ("incme",), p.GaussianRegression(), feature_noise=(f.Swapped(0.1, features=("income",)),))
    (sentence,) = report_problems(wrong, mixed_table(60)).sentences
    assert sentence.startswith("`hidden`: 'incme'")
