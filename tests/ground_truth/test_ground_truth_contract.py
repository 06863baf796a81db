"""Every ground-truth function keeps its contract."""

from __future__ import annotations

import pytest
from contracts import GROUND_TRUTHS, marked

from synlabel_prob import ground_truth
from synlabel_prob.testing import check_ground_truth


@pytest.mark.parametrize("name", marked(GROUND_TRUTHS))
def test_contract(name):
    case = GROUND_TRUTHS[name]
    check_ground_truth(case.build(), case.table(), written=case.written)


def test_every_ground_truth_is_in_the_table():
    assert {type(case.build()) for case in GROUND_TRUTHS.values()} == set(ground_truth.DESCRIPTIONS)
