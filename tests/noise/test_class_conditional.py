"""Class-conditional noise: rates by name."""

from __future__ import annotations

import numpy as np
import pytest
from noise_examples import setting_of, transition_of

from synlabel_prob import ground_truth, noise
from synlabel_prob.errors import InputError, Problems


def test_rates_belong_to_the_named_classes():
    transition = transition_of(noise.ClassConditional({"c2": 0.4, "c0": 0.1}), setting_of(3))
    np.testing.assert_allclose(transition, [[0.9, 0.05, 0.05], [0, 1, 0], [0.2, 0.2, 0.6]], atol=1e-15)


def test_equal_rates_are_symmetric_noise():
    equal = noise.ClassConditional({f"c{code}": 0.3 for code in range(4)})
    expected = transition_of(noise.Symmetric(0.3), setting_of(4))
    np.testing.assert_allclose(transition_of(equal, setting_of(4)), expected, atol=1e-15)


def test_unknown_classes_are_reported():
    problems = Problems()
    truth = ground_truth.Linear({"c0": {}, "c1": {}})
    noise.ClassConditional({"c0": 0.1, "c3": 0.2}).report_problems(setting_of(2).table, truth, problems)
    assert len(problems.sentences) == 1
    assert "'c3'" in problems.sentences[0]


def test_no_rates_at_all():
    with pytest.raises(InputError, match="at least one class"):
        noise.ClassConditional({})
