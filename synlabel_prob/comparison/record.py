"""What a comparison came to."""

from __future__ import annotations

import dataclasses

import pandas as pd


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison:
    """Priors compared on held-out rows.

    Attributes:
        scores: a row for each prior, the best first; beside each number `name` stands its standard error `name_se`.
        differences: for each measure that has a better side and each prior that may be ranked: its paired difference to
            the best (`difference`, `standard_error`; 0 for the best itself).
        disagreement: total variation between the soft labels of each pair of priors (`first`, `second`), a row for each
            judged row.
        rows: a row for each judged row and each prior: its fold, scores, PIT values and soft label.
        verdict: sentences.
        num_rows: rows that are judged: all that miss no value.
        learned_only: rows that miss a value; the priors learn from them.
        folds: how many.
        hidden: names of the hidden features.
        evaluator: how soft labels were computed, in words.
        title: of the comparison.
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    disagreement: pd.DataFrame
    rows: pd.DataFrame
    verdict: tuple[str, ...]
    num_rows: int
    folds: int
    hidden: tuple[str, ...]
    evaluator: str
    learned_only: int = 0
    title: str = ""
