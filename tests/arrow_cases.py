"""One small dataset of each kind, and the contract table of every arrow between them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
import pandas as pd

from synlabel_prob import arrows
from synlabel_prob.arrows import LabelFunction
from synlabel_prob.datasets import (
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
    Provenance,
)
from synlabel_prob.feature_noise import Gaussian
from synlabel_prob.ground_truth import Linear, Rules, Threshold
from synlabel_prob.noise import Expert, Symmetric
from synlabel_prob.priors import GaussianRegression, Histogram
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

ROWS = 60
CLASSES = ("never", "low", "high")
NAMES = ("age", "income", "height")
HIDDEN = ("income",)
OBSERVED = ("age", "height")
TRUTH = Linear({"never": {}, "low": {"age": 0.1}, "high": {"income": 1e-3, "height": -20.0}}, {"never": -50.0})
EVALUATOR = QuasiMonteCarlo(draws=64, replicates=2)


@functools.cache
def table() -> Table:
    generator = np.random.default_rng(3)
    age = generator.normal(40.0, 12.0, ROWS)
    frame = pd.DataFrame({"age": age, "income": 500.0 * age + generator.normal(18_000.0, 4000.0, ROWS)})
    frame["height"] = generator.normal(1.7, 0.1, ROWS)
    frame["who"] = [f"person {number}" for number in generator.permutation(ROWS)]
    frame["answer"] = np.where(frame["income"] > 38_000, "high", "low")
    return Table.from_frame(frame, target="answer", row_id="who", classes=CLASSES)


def key() -> Any:
    return jax.random.key(2309_04318)


@functools.cache
def function() -> LabelFunction:
    return LabelFunction(TRUTH.fit(table()), table().feature_names)


@functools.cache
def rule_of_age() -> LabelFunction:
    return LabelFunction(Rules({"high": "age > 40"}, otherwise="low").fit(table()), NAMES)


@functools.cache
def score_of_observed() -> LabelFunction:
    view = table().select(("height", "age"))  # in another order than the datasets have it
    return LabelFunction(Linear({"low": {"height": 3.0}, "high": {"age": 0.1}}).fit(view), view.feature_names)


@functools.cache
def truth() -> GroundTruthDataset:
    labels = function().labels(table(), CLASSES)
    return GroundTruthDataset(table(), labels, CLASSES, Provenance(seed=7, input_sha256=table().sha256()))


@functools.cache
def partial() -> PartialGroundTruthDataset:
    return arrows.hide_features(truth(), HIDDEN, GaussianRegression(), function(), key(), EVALUATOR)


@functools.cache
def certain() -> PartialGroundTruthDataset:
    return arrows.identity(truth(), PartialGroundTruthDataset)


@functools.cache
def soft() -> ObservedSoftDataset:
    return arrows.inject_noise(partial(), (Symmetric(0.2),), truth(), function(), key())


@functools.cache
def hard() -> ObservedHardDataset:
    return arrows.draw_labels(soft(), key())


def older(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(age=frame["age"] + 1.0)


def richer(frame: pd.DataFrame) -> pd.DataFrame:
    assert list(frame.columns) == list(HIDDEN)
    return frame * 2.0


EXPERT = Expert(Linear({"low": {"age": 1.0}, "high": {"income": 1e-3}}), sees=("income", "age"))
SYMMETRIC = (Symmetric(0.2),)
G, PG, OS, OH = GroundTruthDataset, PartialGroundTruthDataset, ObservedSoftDataset, ObservedHardDataset
ALL, SPLIT = (NAMES, None), (OBSERVED, HIDDEN)
JOINED = ((*OBSERVED, *HIDDEN), None)


class Arrow(NamedTuple):
    """Where it starts, what it does, its type, its features (view, hidden), and its names in the provenance."""

    start: Callable[[], Any]
    follow: Callable[[Any], Any]
    to: type
    features: tuple
    names: tuple[str, ...]


def _identity(start: Callable, to: type, features: tuple) -> Arrow:
    return Arrow(start, lambda dataset: arrows.identity(dataset, to), to, features, ("identity",))


def certain_soft() -> ObservedSoftDataset:
    return arrows.identity(certain(), ObservedSoftDataset)


ARROWS: dict[str, Arrow] = {
    "G-PG hide": Arrow(
        truth,
        lambda d: arrows.hide_features(d, HIDDEN, Histogram(), function(), key(), EVALUATOR),
        PG,
        SPLIT,
        ("hide_features",),
    ),
    "G-PG identity": _identity(truth, PG, ALL),
    "G-OS identity": _identity(truth, OS, ALL),
    "G-OH identity": _identity(truth, OH, ALL),
    "PG-G decide": Arrow(partial, lambda d: arrows.decide(d), G, JOINED, ("decide",)),
    "PG-G identity": _identity(certain, G, ALL),
    "PG-OS x": Arrow(
        partial, lambda d: arrows.transform_features(d, older), OS, (OBSERVED, HIDDEN), ("transform_features",)
    ),
    "PG-OS noise on x": Arrow(
        partial,
        lambda d: arrows.inject_feature_noise(d, (Gaussian(0.2),), key()),
        OS,
        SPLIT,
        ("inject_feature_noise",),
    ),
    "PG-OS y": Arrow(
        partial,
        lambda d: arrows.inject_noise(d, SYMMETRIC, truth(), function(), key()),
        OS,
        SPLIT,
        ("inject_noise",),
    ),
    "PG-OS x and y": Arrow(
        partial,
        lambda d: arrows.inject_noise(arrows.transform_features(d, older), SYMMETRIC, truth(), function(), key()),
        OS,
        SPLIT,
        ("transform_features", "inject_noise"),
    ),
    "PG-OS hidden": Arrow(
        partial, lambda d: arrows.transform_hidden(d, richer, function()), OS, SPLIT, ("transform_hidden",)
    ),
    "PG-OS identity": _identity(partial, OS, SPLIT),
    "PG-OH identity": _identity(certain, OH, ALL),
    "OS-G function": Arrow(soft, lambda d: arrows.relabel(d, rule_of_age(), G), G, JOINED, ("relabel",)),
    "OS-PG function": Arrow(soft, lambda d: arrows.relabel(d, score_of_observed(), PG), PG, SPLIT, ("relabel",)),
    "OS-G identity": _identity(certain_soft, G, ALL),
    "OS-PG identity": _identity(soft, PG, SPLIT),
    "OS-OH decision": Arrow(soft, lambda d: arrows.decide(d, Threshold("high", 0.3)), OH, SPLIT, ("decide",)),
    "OS-OH plurality": Arrow(soft, lambda d: arrows.decide(d), OH, SPLIT, ("decide",)),
    "OS-OH sample": Arrow(soft, lambda d: arrows.draw_labels(d, key()), OH, SPLIT, ("draw_labels",)),
    "OS-OH identity": _identity(certain_soft, OH, ALL),
    "OH-G function": Arrow(hard, lambda d: arrows.relabel(d, function(), G), G, JOINED, ("relabel",)),
    "OH-PG function": Arrow(hard, lambda d: arrows.relabel(d, score_of_observed(), PG), PG, SPLIT, ("relabel",)),
    "OH-OS identity": _identity(hard, OS, SPLIT),
    "expert": Arrow(
        truth, lambda d: arrows.expert_labels(d, EXPERT), OH, (("income", "age"), ("height",)), ("expert_labels",)
    ),
}
