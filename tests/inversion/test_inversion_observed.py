"""What a user can get wrong about arrays, said in sentences."""

from __future__ import annotations

import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.inversion import Observed

CODES, SOFT = np.array([0, 1, 1]), np.array([[0.5, 0.5], [1.0, 0.0], [0.2, 0.8]])
VOTES = (np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 0]))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"classes": ["a"], "hard_labels": CODES}, "`classes` must name at least two classes"),
        ({"classes": ["a", "a"], "hard_labels": CODES}, "'a' occurs more than once"),
        ({}, "exactly one of `hard_labels`, `observed_soft` and `votes` must be given; got none"),
        ({"hard_labels": CODES, "observed_soft": SOFT}, "got hard_labels and observed_soft"),
        ({"hard_labels": CODES, "soft_labels": SOFT, "features": SOFT}, "give one of them"),
        ({"hard_labels": np.array([0, 1, 2])}, "must be codes 0 to 1; 1 of 3 are not, the first is 2"),
        ({"hard_labels": np.array([0, -1, 1])}, "leave rows without a label out"),
        ({"hard_labels": np.array(["a", "b"])}, "must be whole class codes"),
        ({"hard_labels": CODES[:, None]}, "must have shape"),
        ({"hard_labels": CODES[:0]}, "at least one row"),
        ({"hard_labels": CODES, "soft_labels": SOFT[:2]}, "`hard_labels` has 3, `soft_labels` has 2"),
        ({"hard_labels": CODES, "soft_labels": SOFT * 2}, "rows sum to 1; 3 of 3 rows are not"),
        ({"hard_labels": CODES, "soft_labels": np.full((3, 2), np.nan)}, "the first is row 1"),
        ({"hard_labels": CODES, "soft_labels": np.ones((3, 3)) / 3}, "must have shape \\(rows, 2\\)"),
        ({"hard_labels": CODES, "features": np.array([[1.0], [np.nan], [2.0]])}, "1 of 3 rows have a missing"),
        ({"hard_labels": CODES, "features": np.ones(3)}, "must have shape \\(rows, features\\)"),
        ({"hard_labels": CODES, "features": SOFT, "feature_names": ["x"]}, "`feature_names` must have 2 names"),
        ({"hard_labels": CODES, "row_ids": [1, 2]}, "`row_ids` has 2"),
        ({"observed_soft": SOFT, "panel_size": 0}, "`panel_size` must be a number above 0"),
        ({"votes": VOTES[:2]}, "must be three arrays"),
        ({"votes": (*VOTES[:2], np.array([0, 1]))}, "of one length"),
        ({"votes": (*VOTES[:2], np.array([0, 5, 1]))}, "`votes.label` must be codes 0 to 1"),
        ({"votes": VOTES, "row_ids": ["r"]}, "must name rows below 1"),
        ({"votes": VOTES, "row_ids": ["r", "s", "t"]}, "a vote on every row; 1 of 3 have none"),
        ({"votes": VOTES, "annotators": ["w"]}, "must name all 2 annotators"),
    ],
)
def test_wrong_arrays(fields, said):
    with pytest.raises(InputError, match=said):
        Observed(**{"classes": ["no", "yes"], **fields})


def test_several_problems_are_named_at_once():
    with pytest.raises(InputError) as error:
        Observed(list("ab"), hard_labels=np.array([7]), soft_labels=np.array([[0.3, 0.3]]))
    assert len(str(error.value).splitlines()) == 2


def test_counts_are_of_labels_panels_and_votes():
    np.testing.assert_array_equal(Observed(list("ab"), hard_labels=CODES).counts(), [[1, 0], [0, 1], [0, 1]])
    np.testing.assert_array_equal(Observed(list("ab"), observed_soft=SOFT, panel_size=10).counts(), 10 * SOFT)
    assert Observed(list("ab"), votes=VOTES).counts().tolist() == [[0, 2], [1, 0]]
