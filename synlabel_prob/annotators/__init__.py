"""Annotators: who labels the rows, what each makes of a label, and votes as a long table.

Exporting a description here is what registers it: the spec, its schema and `list` read `DESCRIPTIONS`.
"""

from .aggregation import plurality, plurality_law, vote_counts, vote_posterior, vote_shares
from .agreement import Agreement, agreement, annotator_accuracy, votes_a_row
from .annotation import Annotation, FittedAnnotation
from .base import Annotators, ConfusionAnnotators, FittedAnnotators, Sources, annotator_plate, each_annotator
from .dawid_skene import DawidSkene
from .design import Pairs, design
from .families import DESCRIPTIONS
from .glad import GLAD
from .hammer_spammer import HammerSpammer
from .mace import MACE
from .noise_nodes import NoiseNodes
from .one_coin import OneCoin
from .ordinal_thresholds import OrdinalThresholds
from .report import VotesReport, votes_report
from .votes import Votes, votes_from_frame, votes_to_frame

__all__ = [
    "DESCRIPTIONS",
    "GLAD",
    "MACE",
    "Agreement",
    "Annotation",
    "Annotators",
    "ConfusionAnnotators",
    "DawidSkene",
    "FittedAnnotation",
    "FittedAnnotators",
    "HammerSpammer",
    "NoiseNodes",
    "OneCoin",
    "OrdinalThresholds",
    "Pairs",
    "Sources",
    "Votes",
    "VotesReport",
    "agreement",
    "annotator_accuracy",
    "annotator_plate",
    "design",
    "each_annotator",
    "plurality",
    "plurality_law",
    "vote_counts",
    "vote_posterior",
    "vote_shares",
    "votes_a_row",
    "votes_from_frame",
    "votes_report",
    "votes_to_frame",
]
