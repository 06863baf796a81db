"""The votes of a run: those of its sites that were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..annotators import Votes
from .fitted import FittedProcess


def given_votes(fitted: FittedProcess, trace: Mapping[str, Any]) -> dict[str, Any]:
    """`votes`, and `vote_starts (votes,)`, the labels that they start from, out of the trace of a model with votes."""
    annotation = fitted.annotation
    assert annotation is not None
    start, said = (np.asarray(trace[name]["value"]).astype(np.int64) for name in ("vote_start", "votes"))
    given = np.ones(len(said), bool)
    if "votes_given" in trace:
        given = np.asarray(trace["votes_given"]["value"]) == 1
    chosen = (annotation.rows[given], annotation.annotators[given], said[given])
    votes = Votes(*chosen, fitted.table.row_ids, annotation.names, fitted.classes)
    return {"votes": votes, "vote_starts": start[given]}
