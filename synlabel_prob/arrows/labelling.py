"""The arrows that give a dataset new labels: by a decision, by a draw, by a function, by an expert."""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from .._lazy import distributions, jax
from ..datasets import (
    Dataset,
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
)
from ..errors import InputError, Problems
from ..ground_truth import Argmax, Threshold
from ..noise import Expert
from ..randomness import row_hashes, row_uniforms
from .functions import LabelFunction
from .parts import SYMBOLS, known, require

Decision = Argmax | Threshold


@overload
def decide(dataset: PartialGroundTruthDataset, decision: Decision | None = ...) -> GroundTruthDataset: ...
@overload
def decide(dataset: ObservedSoftDataset, decision: Decision | None = ...) -> ObservedHardDataset: ...
def decide(dataset: Any, decision: Decision | None = None) -> Any:
    """D^PG -> D^G and D^OS -> D^OH: one label a row by a decision; exact.

    The default is the plurality: the most probable class, ties to the one declared first. D^G gets the known hidden
    features back, after the observed ones.

    Raises:
        InputError: the decision is about an unknown class.
    """
    require(dataset, (PartialGroundTruthDataset, ObservedSoftDataset), "decide")
    decision = Argmax() if decision is None else decision
    problems = Problems()
    decision.report_problems(dataset.classes, problems)
    problems.raise_if_any()
    labels = np.asarray(decision.decide(dataset.soft_labels, dataset.classes)).astype(np.int64)
    come = dataset.provenance.then("decide")
    if isinstance(dataset, PartialGroundTruthDataset):
        return GroundTruthDataset(known(dataset), labels, dataset.classes, come)
    return ObservedHardDataset(dataset.view, labels, dataset.classes, dataset.hidden, come)


def draw_labels(dataset: ObservedSoftDataset, key: Any) -> ObservedHardDataset:
    """D^OS -> D^OH: one label a row drawn from its soft label; a sample, by key and row id.

    These are the numbers that a process uses at its site `drawn_label`.
    """
    require(dataset, (ObservedSoftDataset,), "draw_labels")
    hashes = row_hashes(dataset.view.row_ids)
    with jax.enable_x64(True):
        law = distributions.SoftLabel(dataset.soft_labels)
        labels = law.from_uniforms(row_uniforms(key, "drawn_label", hashes, law.uniform_dims))
    codes, come = np.asarray(labels).astype(np.int64), dataset.provenance.then("draw_labels")
    return ObservedHardDataset(dataset.view, codes, dataset.classes, dataset.hidden, come)


def relabel[D: (GroundTruthDataset, PartialGroundTruthDataset)](
    dataset: ObservedSoftDataset | ObservedHardDataset, function: LabelFunction, to: type[D]
) -> D:
    """D^OS or D^OH -> D^G or D^PG: the labels of a function, which is thereby the truth; exact.

    D^G gets the function's labels at all known features, the hidden ones back after the observed. D^PG gets its
    probabilities at the observed features alone, because its labels are true given these.

    Raises:
        InputError: the function reads a feature that it may not, or has a class that the dataset lacks; for D^PG,
            it has no probabilities.
    """
    require(dataset, (ObservedSoftDataset, ObservedHardDataset), "relabel")
    if to not in (GroundTruthDataset, PartialGroundTruthDataset):
        raise InputError(f"`to` must be GroundTruthDataset or PartialGroundTruthDataset; got {SYMBOLS.get(to, to)!r}.")
    return _relabelled(dataset, function, to)


def _relabelled(dataset: Any, function: LabelFunction, to: Any) -> Any:
    come, classes = dataset.provenance.then("relabel"), dataset.classes
    if to is GroundTruthDataset:
        everything = known(dataset)
        return to(everything, function.labels(everything, classes), classes, come)
    soft = function.probabilities(dataset.view, classes)
    return to(dataset.view, soft, np.zeros_like(soft), classes, dataset.hidden, come)


def expert_labels(dataset: Dataset, expert: Expert) -> ObservedHardDataset:
    """D^E: what an expert sees of each row, and the label that they give it; exact.

    The view is what the expert sees, hidden features included where they are known; the known features that they do
    not see are the hidden part. Every row gets the expert's label, whatever the `share` of the noise node. A learned
    function is learned from the table's target, as in the noise node.

    Raises:
        InputError: the expert sees a feature that is not known, or their function does not fit what they see.
    """
    require(dataset, tuple(SYMBOLS), "expert_labels")
    everything = known(dataset)
    view = everything if expert.sees is None else everything.select(expert.sees)
    problems = Problems()
    expert.function.report_problems(view, problems)
    problems.raise_if_any()
    function = LabelFunction(expert.function.fit(view), view.feature_names)
    labels = function.labels(view, dataset.classes)
    unseen = [name for name in everything.feature_names if name not in view.feature_names]
    hidden = everything.select(unseen) if unseen else None
    return ObservedHardDataset(view, labels, dataset.classes, hidden, dataset.provenance.then("expert_labels"))
