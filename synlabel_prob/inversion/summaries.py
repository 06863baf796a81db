"""Draws as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..inference import Diagnostics
from .observed import Observed
from .record import INTERVAL, Interval
from .rows import RowPass

LARGEST_R_HAT = 1.01
SMALLEST_SIZE_A_CHAIN = 100
_TAILS = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)


def entries(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Mean, standard deviation and interval of every entry of (draws, ...), flat."""
    flat = draws.reshape(len(draws), -1)
    lower, upper = np.quantile(flat, _TAILS, axis=0)
    return {"mean": flat.mean(0), "sd": flat.std(0), "lower": lower, "upper": upper}


def transition_table(draws: np.ndarray, classes: Sequence, annotators: Sequence | None = None) -> pd.DataFrame:
    """A row an entry of (draws, [annotators,] true, observed)."""
    names = [list(classes), list(classes)]
    columns = ["true_class", "observed_class"]
    if annotators is not None:
        names, columns = [list(annotators), *names], ["annotator", *columns]
    index = pd.MultiIndex.from_product(names, names=columns)
    return pd.DataFrame(entries(draws), index=index).reset_index()


def row_table(observed: Observed, found: RowPass) -> pd.DataFrame:
    """A row for each row, in the order of the user's."""
    shown = observed.counts().argmax(1)
    wrong = found.wrong if observed.observed_soft is not None else 1 - found.label_law[np.arange(len(shown)), shown]
    wrong = np.clip(wrong, 0.0, 1.0)
    rank = np.empty(len(wrong), np.int64)
    rank[np.argsort(-wrong, kind="stable")] = np.arange(1, len(wrong) + 1)
    return pd.DataFrame(
        {
            "row_id": list(observed.row_ids),
            "observed_label": pd.Categorical.from_codes(shown, categories=list(observed.classes)),
            **{f"probability[{name}]": found.label_law[:, code] for code, name in enumerate(observed.classes)},
            "wrong_probability": wrong,
            "rank": rank,
        }
    )


def accuracy_table(observed: Observed, accuracy: np.ndarray, told: np.ndarray) -> pd.DataFrame:
    """A row for each annotator; one whose matrix cannot be told has no numbers."""
    numbers = {name: np.where(told, values, np.nan) for name, values in entries(accuracy).items() if name != "sd"}
    found = pd.DataFrame(numbers)
    votes = np.bincount(observed.votes.annotator, minlength=len(observed.annotators))
    found.insert(0, "votes", votes)
    found.insert(0, "annotator", list(observed.annotators))
    return found.assign(told=told)


def findings(observed: Observed, wrong_share: Interval, draws: np.ndarray, law: np.ndarray) -> tuple[str, ...]:
    """How many labels are wrong, and the likeliest mistake.

    Args:
        observed: the labels.
        wrong_share: of all labels.
        draws: (draws, true, observed) of the transition, the mean over annotators where there are several.
        law: (classes,) how often each class is the true one.
    """
    what = "votes" if observed.votes is not None else "labels"
    lower, upper = percentages(wrong_share.lower, wrong_share.upper)
    first = f"Between {lower} and {upper} of the {what} are wrong (90% interval)."
    joint = draws.mean(0) * law[:, None] * (1 - np.eye(len(law)))
    true, said = divmod(int(joint.argmax()), len(law))
    lower, upper = percentages(*np.quantile(draws[:, true, said], _TAILS))
    return (
        first,
        f"The commonest mistake is {observed.classes[said]!r} for {observed.classes[true]!r}: between {lower} and "
        f"{upper} of {observed.classes[true]!r} are called so (90% interval).",
    )


def percentages(lower: float, upper: float) -> tuple[str, str]:
    """The ends of an interval, with so many digits that they differ where they can."""
    digits = 0 if upper - lower > 0.02 else 1
    return f"{lower:.{digits}%}", f"{upper:.{digits}%}"


def warnings(diagnostics: Diagnostics) -> tuple[str, ...]:
    """Why draws of Markov chains should not be trusted, a sentence each."""
    found = []
    if not diagnostics.largest_r_hat <= LARGEST_R_HAT:
        found.append(
            f"The chains disagree (R-hat {diagnostics.largest_r_hat:.3f}, above {LARGEST_R_HAT}): take more draws; if "
            "that does not help, the posterior has several peaks."
        )
    if diagnostics.divergences:
        found.append(
            f"{diagnostics.divergences} of {diagnostics.draws} draws diverged: intervals may leave something out. "
            "Another seed, or more rows, can help."
        )
    size, least = diagnostics.smallest_effective_sample_size, SMALLEST_SIZE_A_CHAIN * diagnostics.chains
    if size < least:
        found.append(
            f"The draws are worth {size:.0f} independent ones of the worst parameter, below {least}: take more draws "
            "before quoting ends of intervals."
        )
    return tuple(found)


def parameter_table(by_site: dict[str, Any]) -> pd.DataFrame:
    """A row for each entry of each site, (draws, ...)."""
    frames = []
    for name, values in by_site.items():
        places = list(np.ndindex(*values.shape[1:]))
        names = [f"{name}{list(place)}" if place else name for place in places]
        frames.append(pd.DataFrame({"parameter": names, **entries(values)}))
    return pd.concat(frames, ignore_index=True)
