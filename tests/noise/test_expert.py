"""An expert labels by a rule of their own, from what they see."""

from __future__ import annotations

import numpy as np
import pytest
from contracts import EXPERT, LINEAR, mixed_table, noise_setting
from noise_examples import transition_of

from synlabel_prob import ground_truth as g
from synlabel_prob import noise
from synlabel_prob.errors import InputError, Problems

TRUTH = g.Linear(LINEAR, {"no": 2.0})


def test_the_label_is_the_expert_s():
    setting = noise_setting()
    transition = transition_of(noise.Expert(EXPERT), setting, source=setting.table.features)
    frame = setting.table.to_frame()
    said = np.select([frame["income"] > 45000, frame["region"] == "west"], ["yes", "maybe"], "no")
    expected = np.array([setting.classes.index(value) for value in said])
    for true in range(3):
        np.testing.assert_array_equal(transition[:, true], np.eye(3)[expected])


def test_a_share_of_labels_is_the_expert_s():
    setting = noise_setting()
    whole, part = (
        transition_of(noise.Expert(EXPERT, share=share), setting, source=setting.table.features) for share in (1.0, 0.3)
    )
    np.testing.assert_allclose(part, 0.7 * np.eye(3) + 0.3 * whole, atol=1e-15)


def test_an_expert_cannot_use_what_they_do_not_see():
    setting = noise_setting()
    learned = g.Learned("DecisionTreeClassifier")
    node = noise.Expert(learned, sees=("age", "region"))
    features = setting.table.features.copy()
    before = transition_of(node, setting, source=features)
    unseen = setting.table.index(("income", "height", "size"))
    features[:, unseen] = features[::-1][:, unseen]
    np.testing.assert_array_equal(transition_of(node, setting, source=features), before)


def test_what_does_not_fit_is_reported():
    table = mixed_table()
    for node, said in [
        (noise.Expert(EXPERT, sees=("age", "regoin")), "'regoin'"),
        (noise.Expert(EXPERT, sees=("age",)), "income"),
        (noise.Expert(g.Rules({"perhaps": "age > 30"}, otherwise="no")), "'perhaps'"),
    ]:
        problems = Problems()
        node.report_problems(table, TRUTH, problems)
        assert any(said in sentence for sentence in problems.sentences), problems.sentences


def test_an_expert_sees_something():
    with pytest.raises(InputError, match="at least one feature"):
        noise.Expert(EXPERT, sees=())
