"""Observed sets of a run: what they are made of, whose random numbers they have, and plain NumPyro on the models."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import LAW, LINEAR, margin, mixed_table
from numpyro import handlers
from numpyro.infer import Predictive
from numpyro.infer.inspect import get_model_relations
from numpyro.infer.util import log_density

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.observations.missing import MissingByClass
from synlabel_prob.process import FittedProcess, FixedDraws, Generated, Process, fit, fixed_draws, generate
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec, to_toml
from synlabel_prob.testing import assert_frequencies

TRUTH = g.Linear(LINEAR, {"no": 2.0})
FEW = s.QuasiMonteCarlo(draws=64)
WIDE = p.Uniform({"age": (0, 100), "income": (0, 90_000)})
NOISE = (n.Symmetric(0.1),)

CASES: dict[str, tuple] = {
    "missing": (o.Missing(LAW), NOISE),
    "by entropy": (o.Missing(0.4, more_often=n.ByEntropy("soft_label")), NOISE),
    "by region": (o.Missing(0.4, more_often=n.ByRegion({"region == 'west'": 3.0}, 1.0)), (margin(0.1),)),
    "candidates": (o.Candidates(0.3, full_set="refused"), NOISE),
    "likely": (o.LikelyCandidates(0.8), (margin(0.1, source="soft_label"),)),
}


@functools.cache
def _fitted(name: str) -> FittedProcess:
    observation, nodes = CASES[name]
    return fit(Process(TRUTH, ("age", "income"), WIDE, nodes, observation=observation), mixed_table(40))


@functools.cache
def made(name: str) -> tuple[FittedProcess, Generated]:
    return _fitted(name), generate(_fitted(name), jax.random.key(0), FEW)


@pytest.mark.parametrize("name", CASES)
def test_every_set_holds_the_noisy_hard_label_and_is_possible(name):
    _, generated = made(name)
    rows, hard = np.arange(40), generated.observed_hard.hard_labels
    assert generated.observed_sets[rows, hard].all()
    assert (generated.set_chances[rows, hard] > 0).all()
    assert (generated.set_chances[~generated.observed_sets] == 0).all()
    assert len(set(generated.observed_sets.sum(1).tolist())) > 1


def test_the_observation_changes_nothing_else():
    _, generated = made("candidates")
    plain = generate(fit(Process(TRUTH, ("age", "income"), WIDE, NOISE), mixed_table(40)), jax.random.key(0), FEW)
    assert plain.observed_sets is None
    np.testing.assert_array_equal(generated.observed_hard.hard_labels, plain.observed_hard.hard_labels)
    np.testing.assert_array_equal(generated.observed_soft.soft_labels, plain.observed_soft.soft_labels)


@pytest.mark.parametrize("name", ["by region", "likely", "candidates"])
def test_permuting_rows_permutes_sets(name):
    observation, nodes = CASES[name]
    process = Process(TRUTH, ("age", "income"), WIDE, nodes, observation=observation)
    order = np.random.default_rng(0).permutation(40)
    mixed = generate(fit(process, mixed_table(40).take(order)), jax.random.key(0), FEW)
    plain = made(name)[1]
    np.testing.assert_array_equal(mixed.observed_sets, plain.observed_sets[order])
    np.testing.assert_allclose(mixed.set_chances, plain.set_chances[order], rtol=1e-9)
    again = generate(_fitted(name), jax.random.key(1), FEW)
    assert (again.observed_sets != plain.observed_sets).any()


def test_the_rate_of_a_run_is_reached_on_its_noisy_soft_labels():
    _, generated = made("by entropy")
    missing = generated.set_inclusion[:, [0, 1, 2], [1, 2, 0]]
    assert (generated.observed_soft.soft_labels * missing).sum(1).mean() == pytest.approx(0.4, abs=1e-12)
    soft = generated.partial.soft_labels
    entropy = -(soft * np.log(np.where(soft > 0, soft, 1))).sum(1)
    assert np.corrcoef(missing[:, 0], entropy)[0, 1] > 0.99
    assert "observation.rate" in made("missing")[1].parameters


def test_a_rate_out_of_reach_is_refused_by_the_run():
    observation = o.Missing(0.9, more_often=n.ByClass({"yes": 1.0}))
    process = Process(TRUTH, ("age", "income"), WIDE, observation=observation)
    with pytest.raises(InputError, match=r"`observation\.rate` is 0\.9, but only"):
        generate(fit(process, mixed_table(40)), jax.random.key(0), FEW)


# --- plain NumPyro --------------------------------------------------------------------------------------


def test_predictive_on_the_soft_model_gives_the_law_of_the_sets(key):
    # P(S | x) = sum_y (p T)_y P(S | y). False alarm 1e-6; 10,000 draws see a probability that is off by 0.03.
    fitted = _fitted("candidates")
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 40)
    drawn = Predictive(fitted.soft_model(soft), num_samples=10_000, return_sites=["observed_set"])(key)
    found = np.asarray(drawn["observed_set"])
    noisy = soft @ (0.85 * np.eye(3) + 0.05)
    every = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    counts = np.stack([(found == np.isin(np.arange(3), one)).all(-1).sum(0) for one in every], -1)
    # Without the full set: {y} at .49 / .91, {y, j} at .21 / .91.
    chances = {1: 0.49 / 0.91, 2: 0.21 / 0.91}
    law = np.stack([noisy[:, list(one)].sum(1) * chances[len(one)] for one in every], -1)
    assert_frequencies(counts, law, false_alarm=1e-6)


@pytest.mark.parametrize(
    ("name", "model", "there"),
    [
        ("missing", "model", True),
        ("candidates", "model", True),
        ("by entropy", "model", False),
        ("by region", "model", False),
        ("likely", "model", False),
        ("missing", "soft_model", True),
        ("by entropy", "soft_model", True),
        ("by region", "soft_model", True),
        ("likely", "soft_model", True),
    ],
)
def test_models_have_sets_where_they_have_what_these_need(name, model, there, key):
    fitted = _fitted(name)
    program = fitted.soft_model(np.full((40, 3), 1 / 3)) if model == "soft_model" else fitted.model
    sites = handlers.trace(handlers.seed(program, key)).get_trace()
    assert ("observed_set" in sites) == there
    if there:
        assert sites["observed_set"]["value"].shape == (40, 3)
        assert np.asarray(sites["observed_set"]["value"])[np.arange(40), sites["noisy_hard_label"]["value"]].all()


def test_sets_can_be_conditioned_on(key):
    fitted = _fitted("missing")
    sets = np.ones((40, 3), bool)
    conditioned = handlers.condition(fitted.soft_model(np.full((40, 3), 1 / 3)), {"observed_set": sets})
    sites = handlers.trace(handlers.seed(conditioned, key)).get_trace()
    logs = sites["observed_set"]["fn"].log_prob(sets)
    np.testing.assert_allclose(np.exp(logs), sites["observation.rate"]["value"], rtol=1e-6)


def test_the_graph_has_the_sets():
    relations = get_model_relations(_fitted("missing").soft_model(np.full((40, 3), 1 / 3)))
    assert "observed_set" in relations["plate_sample"]["row"]
    assert "observation.rate" in relations["sample_sample"]["observed_set"]


class Forgotten(o.Observation):
    """Half of everything is missing."""

    kind = "forgotten"
    summary = "half of everything"

    def fit(self, setting):
        return MissingByClass(0.5, (), setting.classes)

    def explain(self):
        return "half of everything is missing"


def test_an_observation_of_ones_own_works_from_python_and_is_refused_in_a_file(key):
    process = Process(TRUTH, ("age",), p.Uniform(), observation=Forgotten())
    generated = generate(fit(process, mixed_table(40)), key, FEW)
    assert 0 < generated.observed_sets.all(1).sum() < 40
    with pytest.raises(InputError, match=r"`observation` is a Forgotten, a class of your own"):
        to_toml(Spec(Data(table="wine"), process))


def test_names_of_the_model_are_refused_as_names_of_nodes():
    for name in ("observed_set", "observation"):
        with pytest.raises(InputError, match="which the model uses itself"):
            Process(TRUTH, ("age",), p.Uniform(), (n.Symmetric(0.1, name=name),))


def test_what_does_not_fit_the_table_is_found_before_a_run():
    process = Process(TRUTH, ("age",), p.Uniform(), observation=o.FixedCandidates(4))
    with pytest.raises(InputError, match="at most the number of classes, 3; got 4"):
        fit(process, mixed_table(40))


# --- sets as data ---------------------------------------------------------------------------------------


def _log_likelihood(fitted: FittedProcess, draws: FixedDraws, sets: np.ndarray, values: dict) -> float:
    with jax.enable_x64(True):
        model = fitted.marginal_model(draws, observed_sets=sets)
        total, trace = log_density(model, (), {}, values)
        prior = sum(float(trace[name]["fn"].log_prob(value)) for name, value in values.items())
        return float(total) - prior


def test_the_likelihood_of_sets_sums_over_labels(key):
    process = Process(TRUTH, ("age", "income"), WIDE, (n.Symmetric(LAW),), observation=o.Candidates(LAW))
    fitted = fit(process, mixed_table(40))
    draws = fixed_draws(fitted, key, points=16)
    sets = np.asarray(generate(fitted, key, FEW).observed_sets)
    for noise, rate in ((0.1, 0.3), (0.3, 0.2)):
        found = _log_likelihood(fitted, draws, sets, {"symmetric.rate": noise, "observation.rate": rate})
        noisy = draws.laws[0, 0] @ ((1 - 1.5 * noise) * np.eye(3) + noise / 2)
        expected = 0.0
        for row in range(40):
            wrong = sets[row].sum() - 1
            expected += np.log(noisy[row][sets[row]].sum() * rate**wrong * (1 - rate) ** (2 - wrong))
        assert found == pytest.approx(expected, rel=1e-9)


def test_labels_missing_at_random_tell_their_rate_and_nothing_else(key):
    # The posterior of the rate is Beta(2 + missing, 8 + observed), whatever the labels.
    fitted = _fitted("missing")
    draws, sets = fixed_draws(fitted, key, points=16), made("missing")[1].observed_sets
    missing = int(sets.all(1).sum())
    found = [_log_likelihood(fitted, draws, sets, {"observation.rate": rate}) for rate in (0.2, 0.4)]
    expected = [missing * np.log(rate) + (40 - missing) * np.log(1 - rate) for rate in (0.2, 0.4)]
    assert found[1] - found[0] == pytest.approx(expected[1] - expected[0], rel=1e-9)


def test_the_likelihood_of_sets_has_derivatives(key):
    fitted = _fitted("missing")
    draws, sets = fixed_draws(fitted, key, points=16), made("missing")[1].observed_sets

    def total(rate):
        return log_density(fitted.marginal_model(draws, observed_sets=sets), (), {}, {"observation.rate": rate})[0]

    with jax.enable_x64(True):
        slope = float(jax.grad(total)(0.3))
        assert slope == pytest.approx(float(total(0.3 + 1e-6) - total(0.3 - 1e-6)) / 2e-6, rel=1e-5)


def test_sets_that_cannot_be_observed_are_refused(key):
    fitted, sets = _fitted("missing"), np.ones((40, 3), bool)
    plain = fit(Process(TRUTH, ("age", "income"), WIDE, NOISE), mixed_table(40))
    draws = fixed_draws(fitted, key, points=4)
    for model, arguments, said in (
        (plain, {"observed_sets": sets}, "need a process with an `observation`"),
        (fitted, {"observed_sets": sets, "hard_labels": np.zeros(40, int)}, "take the place of `hard_labels`"),
        (fitted, {"observed_sets": sets[:3]}, r"must have shape \(40, 3\); got \(3, 3\)"),
    ):
        with pytest.raises(InputError, match=said):
            model.marginal_model(draws, **arguments)
    several = fixed_draws(fitted, key, points=4, theta_draws=2)
    with pytest.raises(InputError, match="theta_draws = 1"):
        fitted.marginal_model(several, observed_sets=sets)
