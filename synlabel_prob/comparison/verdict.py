"""What a comparison says, in sentences; and when it does not say which prior is better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .heldout import HeldOut
from .measures import BY_NAME

ENOUGH_ERRORS = 2.0
"""A difference of fewer standard errors than this is undecided."""
SMALLEST_ELPD = 4.0
"""So is a difference in elpd below this, whose standard error cannot be trusted (Sivula et al., arXiv 2008.10296)."""


def verdict(
    scores: pd.DataFrame, differences: pd.DataFrame, found: Mapping[str, HeldOut], exact_error: float | None = None
) -> tuple[str, ...]:
    """The sentences; `exact_error` is the largest standard error of the exact soft labels where they are known."""
    measures = list(dict.fromkeys(differences["measure"]))
    ranked = [name for name in scores.index if not found[name].sees_label]
    without = [name for name in ranked if "log_score" not in found[name].values]
    said = [_ranking(differences, "elpd")] if "elpd" in measures else []
    if without and ranked:
        said.append(
            f"{_listed(without)} {_has(without)} no density, because observed values have a probability of their own, "
            "and so no elpd: the energy score ranks all."
        )
        said.append(_ranking(differences, "energy_score"))
    said += _label_seeing([name for name in scores.index if found[name].sees_label])
    said += _excluded(found) + _pareto(found)
    said += [_ranking(differences, name) for name in ("label_log_score", "truth_error") if name in measures]
    if exact_error is not None:
        said.append(f"The exact soft labels have a standard error of at most {exact_error:.2g} of their own.")
    return tuple(sentence for sentence in said if sentence)


def is_decided(measure: str, difference: float, standard_error: float) -> bool:
    """Whether a paired difference tells two priors apart; an infinite one does."""
    if np.isnan(difference):
        return False
    if np.isinf(difference):
        return True
    large = measure != "elpd" or abs(difference) >= SMALLEST_ELPD
    return bool(large and abs(difference) > 0 and abs(difference) >= ENOUGH_ERRORS * standard_error)


def _ranking(differences: pd.DataFrame, measure: str) -> str:
    """The best by a measure, by how much, and whether that decides; empty where there is nobody else."""
    own: Any = differences[differences["measure"] == measure]
    if len(own) < 2:
        return ""
    best, words = own["best"].iloc[0], "elpd" if measure == "elpd" else BY_NAME[measure].words
    others = own[own["prior"] != best]
    close = [
        name
        for name, difference, error in zip(others["prior"], others["difference"], others["standard_error"], strict=True)
        if not is_decided(measure, difference, error)
    ]
    second = others.iloc[0]
    ahead = f"{best} is ahead of {second['prior']} by {_amount(second)}"
    if not close:
        return f"By {words} {best} is best: {ahead}."
    reason = _reason(measure, second) if second["prior"] in close else ""
    return f"By {words} it is undecided between {_listed([best, *close])}: {ahead}{reason}."


def _reason(measure: str, second: Any) -> str:
    if measure == "elpd" and abs(second["difference"]) >= ENOUGH_ERRORS * second["standard_error"]:
        return f", and a difference below {SMALLEST_ELPD:g} has a standard error that cannot be trusted"
    return f", which is below {ENOUGH_ERRORS:g} standard errors"


def _amount(row: Any) -> str:
    if not np.isfinite(row["difference"]):
        return "an infinite difference"
    return f"{abs(row['difference']):.3g} (standard error {row['standard_error']:.2g})"


def _label_seeing(names: list[str]) -> list[str]:
    if not names:
        return []
    return [
        f"{_listed(names)} {'conditions' if len(names) == 1 else 'condition'} on the ground-truth label that the other "
        "priors have to do without, so it is shown and not ranked: its soft labels are p(y given observed and label), "
        "no prediction."
    ]


def _excluded(found: Mapping[str, HeldOut]) -> list[str]:
    said = []
    for name, own in found.items():
        count = int(np.isneginf(own.values["log_score"]).sum()) if "log_score" in own.values else 0
        if count:
            rows = "1 held-out row" if count == 1 else f"{count} held-out rows"
            said.append(f"{name} gives {rows} density 0, so its elpd is minus infinity.")
    return said


def _pareto(found: Mapping[str, HeldOut]) -> list[str]:
    said = []
    for name, own in found.items():
        loo = own.leave_one_out
        if loo is not None and loo.bad_rows:
            rows = "1 row" if loo.bad_rows == 1 else f"{loo.bad_rows} rows"
            said.append(
                f"PSIS-LOO of {name} is not reliable for {rows} (Pareto k above {loo.good_k:.2f}): go by the elpd of "
                "the folds."
            )
    return said


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _has(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"
