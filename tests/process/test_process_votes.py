"""Votes of a run: what they start from, whose random numbers they have, and plain NumPyro on the same models."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import EXPERT, LAW, LINEAR, margin, mixed_table, next_class
from numpyro import handlers
from numpyro.infer import Predictive
from numpyro.infer.inspect import get_model_relations
from quick import only

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.annotators.dawid_skene import GivenConfusions
from synlabel_prob.errors import InputError
from synlabel_prob.process import FittedProcess, Generated, Process, fit, generate
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec, to_toml
from synlabel_prob.testing import assert_frequencies

TRUTH = g.Linear(LINEAR, {"no": 2.0})
FEW = s.QuasiMonteCarlo(draws=64)
NOISE = (n.Symmetric(0.1),)
DEPENDENT = (margin(0.05), margin(0.1, source="soft_label", name="unclear"))
ITSELF = a.NoiseNodes((n.Expert(TRUTH, name="themselves"), n.Symmetric(0.2)))
PEOPLE = a.NoiseNodes((n.Expert(EXPERT, sees=("income", "region"), name="bob"), n.Overextremity(0.3), next_class(0.2)))


@functools.cache
def _fitted(name: str, rows: int) -> FittedProcess:
    annotation, nodes, hard_from = CASES[name]
    process = Process(TRUTH, ("age", "income"), p.GaussianRegression(), nodes, hard_from, annotation)
    return fit(process, mixed_table(rows))


@functools.cache
def made(name: str, rows: int = 40, number: int = 0) -> tuple[FittedProcess, Generated]:
    fitted = _fitted(name, rows)
    return fitted, generate(fitted, jax.random.key(number), FEW)


CASES: dict[str, tuple] = {
    "shared": (a.Annotation(a.DawidSkene(4, rate=LAW), labels_a_row=3), NOISE, "soft_label"),
    "own": (a.Annotation(a.GLAD(4, entropy_weight=1.0), "own", copying=0.2), NOISE, "soft_label"),
    "of the truth": (a.Annotation(a.OneCoin(4, 0.0)), (), "ground_truth"),
    "experts": (a.Annotation(PEOPLE), NOISE, "soft_label"),
    "themselves": (a.Annotation(ITSELF), (), "soft_label"),
    "themselves after noise": (a.Annotation(ITSELF), DEPENDENT, "soft_label"),
    "themselves at the truth": (a.Annotation(ITSELF), NOISE, "ground_truth"),
    "limited": (
        a.Annotation(a.MACE(5), labels_a_row=2, labels_an_annotator=17, answers={"yes": 0.0, "no": 0.5}), NOISE,
        "soft_label",
    ),
}  # fmt: skip


def labels_of(votes: a.Votes, name: str) -> np.ndarray:
    """What one annotator who labels every row says, (rows,)."""
    return votes.labels[votes.annotators == votes.names.index(name)]


def test_shared_votes_start_from_the_noisy_hard_label():
    _, generated = made("shared")
    votes = generated.votes
    np.testing.assert_array_equal(generated.vote_starts, generated.observed_hard.hard_labels[votes.rows])
    assert a.votes_a_row(votes).tolist() == [3] * 40
    assert generated.annotator_transitions.shape == (4, 3, 3)
    confusion = generated.parameters["annotation.confusion"]
    np.testing.assert_allclose(generated.annotator_transitions, confusion, atol=1e-15)


@pytest.mark.slow
def test_own_votes_start_from_labels_of_their_own():
    _, generated = made("own")
    certain = generated.observed_soft.soft_labels.max(1) < 0.999
    starts = generated.vote_starts.reshape(40, 4)
    assert (starts[certain] != starts[certain][:, :1]).any()


def test_people_who_never_err_say_the_truth():
    fitted, generated = made("of the truth")
    np.testing.assert_array_equal(generated.votes.labels, np.repeat(fitted.labels, 4))
    np.testing.assert_array_equal(a.vote_shares(generated.votes), np.eye(3)[fitted.labels])


@pytest.mark.parametrize("name", only(["themselves after noise"], ["themselves", "themselves after noise"]))
def test_an_expert_sees_the_features_that_gave_the_row_its_label(name):
    # The expert's rule is the ground truth's, so they say the label before noise if they see the same draw.
    fitted, generated = made(name)
    np.testing.assert_array_equal(labels_of(generated.votes, "themselves"), generated.drawn_label)
    assert (generated.drawn_label != fitted.labels).any()


def test_an_expert_sees_the_rows_own_features_where_labels_are_of_the_ground_truth():
    fitted, generated = made("themselves at the truth")
    np.testing.assert_array_equal(labels_of(generated.votes, "themselves"), fitted.labels)


def test_limits_and_answers():
    _, generated = made("limited")
    votes = generated.votes
    assert 0 < len(votes) < 80
    assert votes.classes[votes.labels.max()] != "yes" and "yes" not in np.array(votes.classes)[votes.labels]
    assert np.bincount(votes.annotators).max() <= 17
    assert (a.votes_a_row(votes) == 0).any()


def test_the_annotation_changes_nothing_else():
    _, generated = made("shared")
    process = Process(TRUTH, ("age", "income"), p.GaussianRegression(), NOISE)
    plain = generate(fit(process, mixed_table(40)), jax.random.key(0), FEW)
    assert plain.votes is None
    np.testing.assert_array_equal(generated.observed_hard.hard_labels, plain.observed_hard.hard_labels)
    np.testing.assert_array_equal(generated.observed_soft.soft_labels, plain.observed_soft.soft_labels)


@pytest.mark.parametrize("name", ["own", "experts"])
def test_permuting_rows_permutes_votes(name):
    # A prior of the rows' own range and a rule, neither of which depends on their order.
    annotation, nodes, hard_from = CASES[name]
    prior = p.Uniform({"age": (0, 100), "income": (0, 90_000)})
    process = Process(g.Linear(LINEAR, {"no": 2.0}), ("age", "income"), prior, nodes, hard_from, annotation)
    table, order = mixed_table(40), np.random.default_rng(0).permutation(40)
    plain, mixed = (generate(fit(process, it), jax.random.key(0), FEW).votes for it in (table, table.take(order)))
    labels = [it.labels.reshape(40, -1) for it in (plain, mixed)]
    np.testing.assert_array_equal(labels[1], labels[0][order])
    again = generate(fit(process, table), jax.random.key(1), FEW).votes
    assert (again.labels != plain.labels).any()


# --- plain NumPyro --------------------------------------------------------------------------------------


def test_predictive_on_the_soft_model_gives_the_law_of_the_votes(key):
    # False alarm 1e-6; 10,000 draws of 90 votes see a probability that is off by 0.04.
    annotation = a.Annotation(a.DawidSkene(matrices=((((0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.0, 0.5, 0.5))),) * 3))
    process = Process(TRUTH, ("age", "income"), p.GaussianRegression(), NOISE, annotation=annotation)
    fitted = fit(process, mixed_table(30))
    soft = np.random.default_rng(0).dirichlet(np.ones(3), 30)
    found = np.asarray(Predictive(fitted.soft_model(soft), num_samples=10_000, return_sites=["votes"])(key)["votes"])
    law = soft @ (0.85 * np.eye(3) + 0.05) @ np.array(annotation.annotators.matrices[0])
    counts = np.stack([(found == code).sum(0) for code in range(3)], -1)
    assert_frequencies(counts, np.repeat(law, 3, 0), false_alarm=1e-6)


@pytest.mark.slow
def test_predictive_on_the_ancestral_model_agrees_with_a_run_for_experts(key):
    # Draw by draw the expert agrees with the label: the joint law, not the marginal one alone.
    fitted = _fitted("themselves", 40)
    sites = ("label", "votes", "vote_start")
    found = {name: np.asarray(value) for name, value in Predictive(fitted.model, num_samples=200)(key).items()
             if name in sites}  # fmt: skip
    votes = found["votes"].reshape(200, 40, 2)
    np.testing.assert_array_equal(votes[..., 0], found["label"])
    # Symmetric noise at 0.2 of the second; 8,000 votes; exact test, false alarm 1e-6.
    changed = int((votes[..., 1] != found["label"]).sum())
    assert_frequencies([changed, 8000 - changed], [0.2, 0.8])


@pytest.mark.parametrize(
    ("name", "model", "there"),
    [
        pytest.param("shared", "model", True, marks=pytest.mark.slow),
        ("own", "model", False),
        ("themselves", "model", True),
        ("themselves after noise", "model", False),
        pytest.param("shared", "soft_model", True, marks=pytest.mark.slow),
        pytest.param("own", "soft_model", True, marks=pytest.mark.slow),
        ("themselves", "soft_model", False),
    ],
)
def test_models_have_votes_where_they_have_what_annotators_need(name, model, there, key):
    fitted = _fitted(name, 40)
    program = fitted.soft_model(np.full((40, 3), 1 / 3)) if model == "soft_model" else fitted.model
    sites = handlers.trace(handlers.seed(program, key)).get_trace()
    assert ("votes" in sites) == there
    if there:
        assert sites["votes"]["value"].shape == (len(fitted.annotation.rows),)


@pytest.mark.slow
def test_votes_can_be_conditioned_on(key):
    fitted = _fitted("shared", 40)
    votes = np.zeros(len(fitted.annotation.rows), dtype=int)
    conditioned = handlers.condition(fitted.soft_model(np.full((40, 3), 1 / 3)), {"votes": votes})
    sites = handlers.trace(handlers.seed(conditioned, key)).get_trace()
    assert sites["votes"]["is_observed"] and sites["votes"]["fn"].log_prob(votes).shape == votes.shape


@pytest.mark.parametrize("model", ["model", "soft_model"])
def test_the_graph_has_the_votes_and_who_gave_them(model):
    fitted = _fitted("shared", 40)
    program = fitted.soft_model(np.full((40, 3), 1 / 3)) if model == "soft_model" else fitted.model
    relations = get_model_relations(program)
    assert relations["plate_sample"]["vote"] == ["vote_start", "votes"]
    assert set(relations["plate_sample"]["annotator"]) == {"annotation.rate", "annotation.confusion"}
    assert "annotation.confusion" in relations["sample_sample"]["votes"]


class Contrary(a.Annotators):
    """Somebody who always says the first class that the label is not."""

    kind = "contrary"
    summary = "never the label"
    size = 1

    def fit(self, setting):
        size = len(setting.classes)
        wrong = np.eye(size)[[1 if code == 0 else 0 for code in range(size)]]
        return GivenConfusions(wrong[None], self.names)

    def explain(self):
        return "somebody who contradicts"


def test_a_family_of_ones_own_works_from_python_and_is_refused_in_a_file(key):
    process = Process(TRUTH, ("age",), p.Uniform(), annotation=a.Annotation(Contrary()))
    generated = generate(fit(process, mixed_table(40)), key, FEW)
    assert (generated.votes.labels != generated.vote_starts).all()
    with pytest.raises(InputError, match=r"`annotation\.annotators` is a Contrary, a class of your own"):
        to_toml(Spec(Data(table="wine"), process))


def test_names_of_the_model_are_refused_as_names_of_nodes():
    for name in ("votes", "annotation"):
        with pytest.raises(InputError, match="which the model uses itself"):
            Process(TRUTH, ("age",), p.Uniform(), (n.Symmetric(0.1, name=name),))


def test_what_does_not_fit_the_table_is_found_before_a_run():
    annotation = a.Annotation(a.OneCoin(4, 0.1), labels_an_annotator=5)
    process = Process(TRUTH, ("age",), p.GaussianRegression(), annotation=annotation)
    with pytest.raises(InputError, match="must be at least 40"):
        fit(process, mixed_table(40))
