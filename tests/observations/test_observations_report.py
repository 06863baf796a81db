import numpy as np
import pytest

from synlabel_prob import observations as o


def test_sets_in_numbers():
    sets = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1]], bool)
    inclusion = np.array([[1, 0.5, 0.2], [0.1, 1, 0.3], [0.4, 0.9, 1]])
    soft = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0], [0.5, 0.5, 0]])
    found = o.observation_report("candidates", sets, inclusion, soft)
    assert found == o.ObservationReport("candidates", 0.5, 0.25, 1.75, 0.5)
    # The class of the largest inclusion has no probability in any row; with some it counts.
    assert o.ambiguity(inclusion, np.array([[0.5, 0.4, 0.1]])) == 0.9


def test_ambiguity_is_looked_up_row_by_row():
    inclusion = np.tile(np.eye(3), (2, 1, 1))
    inclusion[0, 2, 1], inclusion[1, 0, 1] = 0.9, 0.4
    assert o.ambiguity(inclusion, np.array([[1.0, 0, 0], [1.0, 0, 0]])) == pytest.approx(0.4)
