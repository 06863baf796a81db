"""Labels of all draws through boosting that was read from XGBoost and LightGBM, against tiling and their `predict`.

As for forests: the same hidden values on both sides, the same shares of each class, all threads on one core.
"""

from __future__ import annotations

import pytest
from draws_through_trees import measured_draws
from measuring import DRAWS, FEATURES, show

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")
pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_core")]

LIBRARIES = {
    "XGBoost": lambda: xgboost.XGBClassifier(n_estimators=100, n_jobs=1),
    "LightGBM": lambda: lightgbm.LGBMClassifier(n_estimators=100, n_jobs=1, verbose=-1),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_boosting_is_faster_than_the_library_itself(name: str, capsys: pytest.CaptureFixture):
    rows, ratios = measured_draws(LIBRARIES[name](), (1, 5, 10), 5)
    show(capsys, f"{DRAWS} draws a row, {name} of 100 rounds, of {FEATURES} features", rows)
    assert min(ratios) >= 1
