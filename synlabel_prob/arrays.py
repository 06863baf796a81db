"""Shapes of the arrays that signatures speak of, NumPy's or JAX's; the tests check them (jaxtyping, beartype).

Names of axes that occur twice in one signature have one size there.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Bool, Float, Integer, Real, UInt32

Codes = Integer[Any, "rows"]
"""Class codes, or counts, a row each."""
RowValues = Float[Any, "rows"]
RowFlags = Bool[Any, "rows"]
RowHashes = UInt32[Any, "rows 2"]
SoftLabelArray = Float[Any, "rows classes"]
"""Class probabilities; rows sum to 1."""
Law = Float[Any, "*batch classes"]
"""Class probabilities with any leading axes."""
LawValues = Float[Any, "*batch"]
Transition = Float[Any, "*#batch classes classes"]
"""Rows are true classes and sum to 1; one for all, or one for each row."""
ReverseTransition = Float[Any, "*batch classes classes"]
Counts = Real[Any, "rows groups classes"]
"""Of labels; or sums of probabilities, where these are averaged in place of labels."""
NodeLaws = Float[Any, "rows nodes classes"]
NodeValues = Float[Any, "rows nodes"]
LawsBefore = Float[Any, "rows nodes_and_start classes"]
FeatureArray = Float[Any, "rows features"]
Observed = Float[Any, "rows observed"]
PointLaws = Float[Any, "theta points rows classes"]
PairCodes = Integer[Any, "pairs"]
"""Class codes, or places of rows or annotators, one for each pair of a row and an annotator."""
PairLaws = Float[Any, "pairs classes"]
Confusions = Float[Any, "annotators classes classes"]
"""One for each annotator; rows are true classes and sum to 1."""
Scores = Float[Any, "rows annotators"]
SetArray = Bool[Any, "rows classes"]
"""Which classes are in a set, one for each row."""
