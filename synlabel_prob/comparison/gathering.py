"""Scores of rows gathered into frames: means with standard errors, paired differences, disagreement."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from .. import metrics
from .features import uniform_distance
from .heldout import HeldOut
from .labels import class_gap
from .measures import MEASURES, Measure
from .parts import Ground


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """The mean of values (rows,) and its standard error; an infinite mean has none (NaN)."""
    if not np.isfinite(values).all():
        return float(values.mean()), float("nan")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


# --- a row a prior ----------------------------------------------------------------------------------


def score_frame(found: Mapping[str, HeldOut], ground: Ground) -> pd.DataFrame:
    """All scores, the best prior first; what a prior cannot be asked for is NaN."""
    made = {name: _scores(own, ground) for name, own in found.items()}
    columns = list(dict.fromkeys(column for row in made.values() for column in row))
    frame = pd.DataFrame.from_dict(made, orient="index", columns=columns)
    frame.index.name = "prior"
    return frame.loc[sorted(found, key=lambda name: _place(found[name]))]


def _place(own: HeldOut) -> tuple:
    """By elpd; then those without a density, by energy score; last those that see the label."""
    if "log_score" in own.values:
        return own.sees_label, False, -own.values["log_score"].sum()
    return own.sees_label, True, own.values["energy_score"].mean()


def _scores(own: HeldOut, ground: Ground) -> dict[str, object]:
    made: dict[str, object] = {
        "kind": own.prior.kind,
        "conditions_on": own.prior.conditions_on,
        "sees_label": own.sees_label,
    }
    made |= _elpd(own)
    for measure in MEASURES:
        if measure.name in own.values:
            made[measure.name], made[f"{measure.name}_se"] = mean_and_error(own.values[measure.name])
        elif measure.name == "log_score":
            made |= {"log_score": np.nan, "log_score_se": np.nan}
        if measure.name == "energy_score":
            made["pit_deviation"], made["pit_deviation_se"] = _pit_deviation(own)
    gap = class_gap(own.soft, ground.labels[ground.judged])
    made |= {"class_gap": gap.difference, "class_gap_se": gap.standard_error, "class_gap_z": gap.in_standard_errors}
    return {**made, "class_gap_class": str(ground.function.classes[gap.place])}


def _elpd(own: HeldOut) -> dict[str, float]:
    nothing = (np.nan, np.nan)
    values = own.values.get("log_score")
    by_folds = nothing if values is None else tuple(len(values) * part for part in mean_and_error(values))
    loo = nothing if own.leave_one_out is None else own.leave_one_out[:2]
    return dict(zip(("elpd", "elpd_se", "elpd_loo", "elpd_loo_se"), (*by_folds, *loo), strict=True))


def _pit_deviation(own: HeldOut) -> tuple[float, float]:
    """Of the hidden feature that is farthest from uniform."""
    return (np.nan, np.nan) if own.pit is None else max(uniform_distance(values) for values in own.pit.T)


# --- differences ------------------------------------------------------------------------------------


def difference_frame(found: Mapping[str, HeldOut]) -> pd.DataFrame:
    """Paired differences to the best prior of each measure, among those that do not see the label."""
    ranked = {name: own for name, own in found.items() if not own.sees_label}
    parts = [part for measure in MEASURES if measure.better for part in _differences(measure, ranked)]
    columns = ["measure", "prior", "best", "difference", "standard_error"]
    return pd.DataFrame(parts, columns=columns)


def _differences(measure: Measure, ranked: Mapping[str, HeldOut]) -> list[tuple]:
    values = {name: own.values[measure.name] for name, own in ranked.items() if measure.name in own.values}
    sign = 1.0 if measure.better == "higher" else -1.0
    order = sorted(values, key=lambda name: -sign * values[name].mean())
    named = [(measure.name, name, order[0], *_paired(values[name], values[order[0]])) for name in order]
    if measure.name != "log_score":
        return named
    rows = len(values[order[0]]) if order else 0
    return [("elpd", *row[1:3], rows * row[3], rows * row[4]) for row in named] + named


def _paired(values: np.ndarray, best: np.ndarray) -> tuple[float, float]:
    """Mean difference by row; minus infinity without an error where only `values` excludes a row that occurred."""
    if not np.isfinite(best).all():
        return (0.0, 0.0) if values is best else (np.nan, np.nan)
    return mean_and_error(values - best)


def disagreement_frame(found: Mapping[str, HeldOut], ground: Ground) -> pd.DataFrame:
    """Total variation between soft labels of the same row, (rows, pairs)."""
    pairs = list(itertools.combinations(found, 2))
    values = [metrics.total_variation(found[first].soft, found[second].soft) for first, second in pairs]
    columns = pd.MultiIndex.from_tuples(pairs, names=["first", "second"])
    index = pd.Index(ground.table.row_ids[ground.judged], name=ground.table.row_id_name)
    return pd.DataFrame(np.stack(values, 1), index=index, columns=columns)


# --- a row a row and prior --------------------------------------------------------------------------


def row_frame(found: Mapping[str, HeldOut], ground: Ground, folds: np.ndarray) -> pd.DataFrame:
    """Every score of every judged row under every prior; NaN where a prior has none."""
    parts = [_rows(name, own, ground, folds) for name, own in found.items()]
    return pd.concat(parts, ignore_index=True)


def _rows(name: str, own: HeldOut, ground: Ground, folds: np.ndarray) -> pd.DataFrame:
    judged, classes = ground.judged, [str(value) for value in ground.function.classes]
    rows, ids = len(judged), ground.table.row_ids[judged]
    made: dict[str, object] = {"prior": np.full(rows, name, dtype=object), "row": ids, "fold": folds[judged]}
    made["ground_truth_label"] = np.array(classes, dtype=object)[ground.labels[judged]]
    nothing = np.full(rows, np.nan)
    measured = [measure.name for measure in MEASURES if measure.name != "truth_error" or measure.name in own.values]
    made |= {measure: own.values.get(measure, nothing) for measure in measured}
    pit = np.full((rows, len(ground.process.hidden)), np.nan) if own.pit is None else own.pit
    made |= {f"pit[{place + 1}]": values for place, values in enumerate(pit.T)}
    made |= {f"soft_label[{value}]": values for value, values in zip(classes, own.soft.T, strict=True)}
    errors = zip(classes, own.standard_error.T, strict=True)
    return pd.DataFrame({**made, **{f"soft_label_standard_error[{value}]": values for value, values in errors}})
