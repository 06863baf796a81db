"""Noise nodes as annotators."""

from __future__ import annotations

import jax
import numpy as np
from annotator_examples import confusions, symmetric
from contracts import MATRIX, noise_setting, setting_of

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n


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
