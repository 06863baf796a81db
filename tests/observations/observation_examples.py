"""What the tests of single observations share: the chances of all sets, and of independent distractors by loops."""

from __future__ import annotations

import itertools

import jax
import numpy as np
from contracts import setting_of
from numpyro import handlers

from synlabel_prob import observations as o
from synlabel_prob.annotators import Sources
from synlabel_prob.noise import Setting


def sets_of(classes: int) -> list[tuple[int, ...]]:
    """Every set of classes but the empty one, as codes."""
    return [one for size in range(1, classes + 1) for one in itertools.combinations(range(classes), size)]


def flags(one: tuple[int, ...], classes: int, rows: int = 1) -> np.ndarray:
    return np.tile(np.isin(np.arange(classes), one), (rows, 1))


def chances(
    observation: o.Observation,
    classes: int = 3,
    *,
    soft: np.ndarray | None = None,
    noisy: np.ndarray | None = None,
    values: dict | None = None,
    setting: Setting | None = None,
) -> dict[tuple[int, ...], np.ndarray]:
    """P(S | y) of every set, (rows, classes y) each, in double precision."""
    setting = setting or setting_of(classes, 20)
    with jax.enable_x64(True):
        fitted = observation.fit(setting)
        sources = Sources(None, soft, noisy)
        program = handlers.substitute(lambda: fitted.prepared(sources), data=values or {})
        own = handlers.seed(program, jax.random.key(0))()
        rows = 1 if soft is None and noisy is None else setting.table.num_rows
        return {one: np.asarray(fitted.chances(*own, flags(one, classes, rows))) for one in sets_of(classes)}


def by_loops(rates: np.ndarray, *, refused: bool) -> dict[tuple[int, ...], np.ndarray]:
    """P(S | y) of independent distractors, (classes y,) each: one product after another, then conditioned."""
    classes = len(rates)
    found = {one: np.zeros(classes) for one in sets_of(classes)}
    for one, label in itertools.product(found, range(classes)):
        if label in one and not (refused and len(one) == classes):
            found[one][label] = 1.0
            for other in range(classes):
                if other != label:
                    found[one][label] *= rates[label, other] if other in one else 1 - rates[label, other]
    total = sum(found.values())
    return {one: value / total for one, value in found.items()}
