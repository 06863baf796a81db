"""Annotators: who labels the rows, what each makes of a label, and votes as a long table.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .aggregation import plurality, plurality_law, vote_counts, vote_posterior, vote_shares
from .agreement import Agreement, agreement, annotator_accuracy, votes_a_row
from .annotation import Annotation, FittedAnnotation
from .base import Annotators, ConfusionAnnotators, FittedAnnotators, Sources
from .design import Pairs, design
from .families import DESCRIPTIONS
from .one_coin import OneCoin
from .votes import Votes, votes_from_frame, votes_to_frame

__all__ = [
    "DESCRIPTIONS",
    "Agreement",
    "Annotation",
    "Annotators",
    "ConfusionAnnotators",
    "FittedAnnotation",
    "FittedAnnotators",
    "OneCoin",
    "Pairs",
    "Sources",
    "Votes",
    "agreement",
    "annotator_accuracy",
    "design",
    "plurality",
    "plurality_law",
    "vote_counts",
    "vote_posterior",
    "vote_shares",
    "votes_a_row",
    "votes_from_frame",
    "votes_to_frame",
]
