"""The arrows to D^OS: transforms of the features, of the labels, of both, and of the hidden features."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .._lazy import jax, jnp
from ..datasets import GroundTruthDataset, ObservedSoftDataset, PartialGroundTruthDataset
from ..descriptions import shown
from ..errors import InputError, Problems
from ..metrics import one_hot
from ..noise import FittedNoise, Noise, Setting, push_forward, row_context
from ..randomness import row_handler
from ..table import Table
from .functions import LabelFunction
from .hiding import Given
from .parts import known, require

Soft = PartialGroundTruthDataset | ObservedSoftDataset
_SOFT = (PartialGroundTruthDataset, ObservedSoftDataset)


def transform_features(dataset: Soft, transform: Callable[[pd.DataFrame], pd.DataFrame]) -> ObservedSoftDataset:
    """D^PG -> D^OS: other observed features, the same soft labels; exact.

    `transform` gets the observed features as a frame with the user's names and values and returns a frame of the same
    rows. It may change, add and drop columns; those that stay keep their kind and levels. Hidden features stay as
    they are.

    Raises:
        InputError: what the transform returned is no frame of these rows.
    """
    require(dataset, _SOFT, "transform_features")
    view = _transformed(dataset.view, transform)
    come = dataset.provenance.then("transform_features")
    return ObservedSoftDataset(view, dataset.soft_labels, dataset.classes, dataset.hidden, come)


def transform_hidden(
    dataset: Soft, transform: Callable[[pd.DataFrame], pd.DataFrame], function: LabelFunction
) -> ObservedSoftDataset:
    """D^PG -> D^OS: other hidden features, relabelled by a function of observed and hidden ones; exact.

    `transform` gets the hidden features, never the observed ones. Labels are one-hot: with the hidden features at one
    value nothing is left to average over. The result keeps the transformed hidden features.

    Raises:
        InputError: the hidden features are unknown, or the transform or the function do not fit them.
    """
    require(dataset, _SOFT, "transform_hidden")
    if dataset.hidden is None:
        raise InputError(
            "`transform_hidden` needs the hidden features, which this dataset does not have: start at a dataset that "
            "comes from `hide_features`."
        )
    changed = dataclasses.replace(dataset, hidden=_transformed(dataset.hidden, transform))
    labels = one_hot(function.labels(known(changed), dataset.classes), len(dataset.classes))
    come = dataset.provenance.then("transform_hidden")
    return ObservedSoftDataset(dataset.view, labels, dataset.classes, changed.hidden, come)


def _transformed(view: Table, transform: Callable[[pd.DataFrame], pd.DataFrame]) -> Table:
    before = view.to_frame()
    after = transform(before.copy())
    if not isinstance(after, pd.DataFrame):
        raise InputError(f"`transform` must return a frame; got {shown(after)}.")
    if not after.index.equals(before.index):
        raise InputError(
            f"`transform` must return the {len(before)} rows that it got, in their order and with their index; got "
            f"{len(after)} rows with another index."
        )
    kept = [column for column in view.columns if column.name in after.columns]
    kinds = {column.name: column.kind for column in kept}
    levels = {column.name: column.levels for column in kept if column.kind != "continuous"}
    read = Table.from_frame(after, kinds=kinds, levels=levels)
    return dataclasses.replace(view, columns=read.columns, features=read.features)


def inject_noise(
    dataset: Soft, noise: Sequence[Noise], truth: GroundTruthDataset, function: LabelFunction, key: Any
) -> ObservedSoftDataset:
    """D^PG -> D^OS: noise nodes on the soft labels, one after another; exact given the nodes' parameters.

    A parameter that is a law is drawn once. With the same key these are the noisy soft labels of a process of the same
    parts, bit by bit. Noise that depends on features acts here where none is hidden; else it has to be averaged
    together with the label, as `process.generate` does.

    Args:
        dataset: D^PG, or D^OS whose features were transformed before.
        noise: descriptions of nodes.
        truth: D^G, from which nodes take class frequencies and features.
        function: the ground truth.
        key: fixes parameters that are laws.

    Raises:
        InputError: a node does not fit the dataset, or depends on features that are hidden.
    """
    require(dataset, _SOFT, "inject_noise")
    setting = Setting(truth.view.select(function.feature_names), function.function, truth.hard_labels)
    _report(dataset, noise, setting).raise_if_any()
    with jax.enable_x64(True):
        nodes = [node.fit(setting).for_soft_labels(dataset.soft_labels) for node in noise]

        def noisy() -> Any:
            law = jnp.asarray(dataset.soft_labels)
            for node in nodes:
                own = node.sample_parameters()
                law = push_forward(law, node.transition(own, _context(node, own, dataset, setting, law)))
            return law

        labels = np.asarray(row_handler(noisy, key, dataset.view.row_ids)())
    come = dataset.provenance.then("inject_noise")
    return ObservedSoftDataset(dataset.view, labels, dataset.classes, dataset.hidden, come)


def _report(dataset: Soft, noise: Sequence[Noise], setting: Setting) -> Problems:
    problems = Problems()
    if setting.classes != dataset.classes:
        problems.add(
            f"`function` must have the dataset's classes {list(dataset.classes)}; it has {list(setting.classes)}."
        )
    absent = [name for name in setting.table.feature_names if name not in dataset.view.feature_names]
    for node in noise:
        node.report_problems(setting.table, Given(setting.ground_truth), problems)
        if node.depends_on == "features" and absent:
            problems.add(
                f"noise node {node.label!r} depends on features, of which {', '.join(absent)} cannot be seen, so it "
                "has to be averaged together with the label: put it into a `Process` and use `generate`."
            )
    return problems


def _context(node: FittedNoise, parameters: Any, dataset: Soft, setting: Setting, law: Any) -> Any:
    if node.depends_on == "features":
        return node.context(dataset.view.select(setting.table.feature_names).features)
    return row_context(node, parameters, jnp.asarray(dataset.soft_labels), law)[1]
