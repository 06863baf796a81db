"""Noise on the observed features, paired with labels at the true ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ..datasets import GroundTruthDataset, ObservedHardDataset, ObservedSoftDataset, PartialGroundTruthDataset
from ..errors import InputError
from ..feature_noise import FeatureNoise, noisy_table
from .parts import SYMBOLS, require

_STARTS = (PartialGroundTruthDataset, ObservedSoftDataset, ObservedHardDataset)
Start = PartialGroundTruthDataset | ObservedSoftDataset | ObservedHardDataset


def inject_feature_noise(
    dataset: Start, noise: Sequence[FeatureNoise], key: Any
) -> ObservedSoftDataset | ObservedHardDataset:
    """D^PG -> D^OS (or D^OS -> D^OS, D^OH -> D^OH): noisy features with the labels at the true ones; a sample.

    Labels are kept: soft label i is still p(y | x_i) at the features before noise, not p(y | noisy x_i), which needs a
    law of the true features given the noisy ones (`priors.Berkson` is one). Hidden features stay as they are.

    Args:
        dataset: where it starts.
        noise: descriptions, which act one after another on the observed features.
        key: with the id of a row, the name of a feature and that of the noise it fixes what happens to a cell.

    Raises:
        InputError: a description does not fit the features, or the dataset is D^G.
    """
    if isinstance(dataset, GroundTruthDataset):
        raise InputError(
            f"`inject_feature_noise` must start at a dataset of observed labels, because labels of "
            f"{SYMBOLS[GroundTruthDataset]} are those of its features: use `identity` first to observe them."
        )
    require(dataset, _STARTS, "inject_feature_noise")
    view, come = noisy_table(dataset.view, noise, key), dataset.provenance.then("inject_feature_noise")
    if isinstance(dataset, PartialGroundTruthDataset):
        return ObservedSoftDataset(view, dataset.soft_labels, dataset.classes, dataset.hidden, come)
    return dataclasses.replace(dataset, view=view, provenance=come)
