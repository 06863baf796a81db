from __future__ import annotations

import numpy as np
import pytest
from observation_examples import by_loops, chances, sets_of

from synlabel_prob import observations as o
from synlabel_prob.errors import InputError


@pytest.mark.parametrize("full_set", ["allowed", "refused"])
def test_in_proportion_to_the_soft_label(full_set):
    soft = np.random.default_rng(3).dirichlet(np.ones(4), 20)
    soft[0] = [0.0, 0.5, 0.5, 0.0]
    found = chances(o.LikelyCandidates(0.7, full_set), 4, soft=soft)
    for row in range(20):
        rates = np.zeros((4, 4))
        for label in range(4):
            others = [code for code in range(4) if code != label]
            top = max(soft[row, code] for code in others)
            for code in others:
                rates[label, code] = 0.7 * soft[row, code] / top
        expected = by_loops(rates, refused=full_set == "refused")
        for one in sets_of(4):
            np.testing.assert_allclose(found[one][row], expected[one], atol=1e-14)


def test_at_rate_1_the_likeliest_wrong_class_always_comes_along():
    soft = np.tile([0.6, 0.3, 0.1], (20, 1))
    found = chances(o.LikelyCandidates(1.0), soft=soft)
    np.testing.assert_allclose(found[(0, 1)][0], [2 / 3, 1 - 1 / 6, 0])
    np.testing.assert_allclose(found[(0, 1, 2)][0], [1 / 3, 1 / 6, 1 / 2])
    assert (found[(0,)] == 0).all()


def test_a_certain_label_is_observed_as_it_is():
    soft = np.tile([1.0, 0.0, 0.0], (20, 1))
    found = chances(o.LikelyCandidates(0.7), soft=soft)
    np.testing.assert_allclose(found[(0,)][0], [1, 0, 0])


def test_where_no_set_might_be_left_is_refused():
    with pytest.raises(InputError, match='`rate` must be below 1 with full_set = "refused"'):
        o.LikelyCandidates(1.0, "refused")
