"""Labels of all draws through all trees by leaf masks, against tiling the rows and asking scikit-learn for them.

Both sides start from the same hidden values (rows, draws, hidden) and end with the same shares of each class of every
row, which are compared first. Theirs: rows repeated, hidden values written over, `predict` on an array, and a count.
Ours: one compiled program on the observed and the hidden values; compilation and the making of the masks are left out
and shown. All threads of the process are kept on one core while the two take turns; the ratio is that of medians.
"""

from __future__ import annotations

import numpy as np
import pytest
from draws_through_trees import measured_draws
from measuring import DRAWS, FEATURES, VEHICLE, show
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not VEHICLE.is_file(), reason="the authors' table is not beside the checkout"),
    pytest.mark.usefixtures("one_core"),
]

HIDDEN = (1, 5, 10, 17)


def test_a_forest_of_100_is_at_least_20_8_6_4_times_faster(capsys: pytest.CaptureFixture):
    rows, ratios = measured_draws(RandomForestClassifier(100, random_state=0), HIDDEN, 7)
    show(capsys, f"vehicle, {DRAWS} draws a row, forest of 100, of {FEATURES} features", rows)
    assert (np.array(ratios) >= [20, 8, 6, 4]).all()


BOOSTING = {"gradient boosting": GradientBoostingClassifier, "histogram boosting": HistGradientBoostingClassifier}


@pytest.mark.parametrize("name", BOOSTING)
def test_boosting_is_at_least_twice_as_fast(name: str, capsys: pytest.CaptureFixture):
    rows, ratios = measured_draws(BOOSTING[name](random_state=0), HIDDEN, 5)
    show(capsys, f"vehicle, {DRAWS} draws a row, {name} of 100 rounds, of {FEATURES} features", rows)
    assert min(ratios) >= 2
