"""Section 6 of the paper: how much do soft labels leave open, beside noise of the same distance to the truth?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .. import metrics
from .._lazy import jax
from ..comparison.parts import complete_places, labelled
from ..errors import InputError
from ..ground_truth import GroundTruth
from ..noise import Noise, RandomMatrix, Setting, Symmetric, calibrate, push_forward, transition_at
from ..priors import Prior
from ..table import Table
from .feature_hiding import feature_hiding

HIDING = "hidden features"
DEFAULT_NOISE: Mapping[str, Noise] = {
    "NCAR": Symmetric(0.1),
    "NAR": RandomMatrix(0.1, spread=0.0, concentration=3.0, largest_rate=1.0),
}
"""Noise completely at random, and at random by class, with destinations about as uneven as the authors'."""


def noise_beside(
    ground_truth: GroundTruth,
    table: Table,
    priors: Mapping[str, Prior],
    key: Any = None,
    *,
    noise: Mapping[str, Noise] = DEFAULT_NOISE,
    **options: Any,
) -> pd.DataFrame:
    """Entropy of soft labels, and of hard labels after noise that moves them as far from the truth.

    For each prior and number of hidden features the strength of each noise is solved for, so that the mean total
    variation between the ground truth's labels and these after noise is that of the soft labels.

    Args:
        ground_truth: the function that labels.
        table: the rows.
        priors: by name.
        key: fixes every draw; seed 0 where there is none.
        noise: by name, nodes with a single strength.
        options: `steps`, `order`, `repeats`, `evaluator` and `progress` of `feature_hiding`.

    Returns:
        A row for each prior, number of hidden features, repeat and source (`hidden features`, then each noise):
        `prior`, `hidden`, `repeat`, `source`, `mtvd` to the ground truth, `mean_entropy` in nats. That of hidden
        features is Monte Carlo, that of noise exact given its random matrices.

    Raises:
        InputError: as `feature_hiding`; a noise has no single strength, or none reaches the distance.
    """
    key = jax.random.key(0) if key is None else key
    for name, node in noise.items():
        node.at_strength(0.5)
        if name == HIDING:
            raise InputError(f"`noise` must have names of its own; {HIDING!r} is what the study calls soft labels.")
    study = feature_hiding(ground_truth, table, priors, key, **options)
    function, labels = labelled(ground_truth, table)
    places = complete_places(table)
    setting = Setting(table.take(places), function, labels[places])
    found = []
    for number, row in enumerate(study.to_dict("records")):
        place = {name: row[name] for name in ("prior", "hidden", "repeat")}
        found.append({**place, "source": HIDING, "mtvd": row["mtvd"], "mean_entropy": row["mean_entropy"]})
        own = jax.random.fold_in(key, number)
        found += [{**place, "source": name, **_noisy(node, row["mtvd"], setting, own)} for name, node in noise.items()]
    return pd.DataFrame(found)


def _noisy(node: Noise, distance: float, setting: Setting, key: Any) -> dict[str, float]:
    """Distance and entropy of the ground truth's labels after the noise."""
    found = calibrate(node, distance, by="mtvd", setting=setting, key=key)
    with jax.enable_x64(True):
        soft = metrics.one_hot(setting.labels, len(setting.classes))
        noisy = np.asarray(push_forward(soft, transition_at(found.node, setting, soft, key)))
    return {"mtvd": metrics.mean_total_variation(soft, noisy), "mean_entropy": float(metrics.entropy(noisy).mean())}
