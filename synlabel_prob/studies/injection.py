"""Section 7 of the paper: noise put into soft labels exactly, against noise put into hard labels again and again."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .. import metrics
from .._lazy import jax
from ..errors import InputError
from ..noise import ByNeighbours, Flips, Noise, RandomMatrix, Setting, Symmetric, push_forward, transition_at
from ..process import FittedProcess, Process, fit
from ..process.models import label_law
from ..randomness import site_key
from ..soft_labels import Evaluator, QuasiMonteCarlo, evaluate
from ..table import Table

DEFAULT_RATES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
DEFAULT_INJECTED: Mapping[str, Noise] = {
    "NCAR": Symmetric(0.1),
    "NAR": RandomMatrix(0.1, spread=0.0, concentration=3.0, largest_rate=1.0),
    "NNAR": Flips(0.1, ByNeighbours(ranked=True)),
}
"""Noise completely at random, at random by class, and not at random: by the ranks of the nearest-neighbour ratio."""


def injection(
    process: Process,
    table: Table,
    noise: Mapping[str, Noise],
    key: Any = None,
    *,
    rates: Sequence[float] = DEFAULT_RATES,
    repeats: int = 10,
    injections: int = 100,
    evaluator: Evaluator | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """What noise does to soft labels: exactly, and by the route of those who have hard labels only.

    The sampled route draws one hard label a row from the soft label, puts noise into it `injections` times, and takes
    the shares as the new soft label. It starts at a label that is itself a draw, so that it ends far from the exact
    result however often noise is injected. Noise that depends on features acts at the rows' own ones on both routes.
    What it takes from labels (class frequencies, near neighbours) it takes from the ground truth's on the exact route,
    and from the drawn ones on the other, whose user knows no others.

    Args:
        process: ground truth, hidden features and prior; its own noise plays no part.
        table: the rows.
        noise: by name, nodes with a strength, which each rate takes the place of.
        key: fixes every draw; seed 0 where there is none. A random matrix is the same at every rate and repeat.
        rates: of the noise.
        repeats: of the sampled route.
        injections: of noise into each hard label.
        evaluator: of the soft labels, by default quasi-Monte Carlo.
        progress: is told (done, total).

    Returns:
        A row for each noise, rate, route (`exact`, `sampled`), label that noise was put into (`into`: `truth`, `soft`),
        label that the result is compared with (`beside`: the same) and repeat: `mtvd` between the two, and of the
        result `mean_entropy` in nats and `mean_kl`, the divergence of the result from what it is compared with over the
        rows where that is finite.

    Raises:
        InputError: something does not fit the table, or a rate is out of reach.
    """
    _require_sound(noise, rates, repeats, injections)
    key = jax.random.key(0) if key is None else key
    fitted = fit(dataclasses.replace(process, noise=()), table, key)
    setting = Setting(fitted.truth_table, fitted.ground_truth, fitted.labels)
    soft = _soft_labels(fitted, QuasiMonteCarlo() if evaluator is None else evaluator, key)
    starts = {"truth": metrics.one_hot(fitted.labels, len(fitted.classes)), "soft": soft}
    found, total = [], len(noise) * len(rates)
    for name, node in noise.items():
        for rate in rates:
            own = dataclasses.replace(node, **{str(node.strength_field): rate})
            place = {"noise": name, "rate": float(rate)}
            node_key = jax.random.fold_in(key, zlib.crc32(name.encode()))
            rows = (
                *_exact(own, setting, starts, node_key),
                *_sampled(own, setting, starts, node_key, repeats, injections),
            )
            found += [{**place, **row} for row in rows]
            if progress is not None:
                progress(len(found) // (3 + 2 * repeats), total)
    return pd.DataFrame(found)


def _soft_labels(fitted: FittedProcess, evaluator: Evaluator, key: Any) -> np.ndarray:
    with jax.enable_x64(True):
        law = label_law(fitted)
    return evaluate(law, fitted.prior, fitted.rows, evaluator, site_key(key, "soft_label")).probabilities


def _exact(node: Noise, setting: Setting, starts: Mapping[str, np.ndarray], key: Any) -> Iterator[dict[str, Any]]:
    for into, beside in (("truth", "truth"), ("soft", "soft"), ("soft", "truth")):
        with jax.enable_x64(True):
            matrix = transition_at(node, setting, starts["soft"], key)
            noisy = np.asarray(push_forward(starts[into], matrix))
        yield {"route": "exact", "into": into, "beside": beside, "repeat": 0, **_measured(starts[beside], noisy)}


def _sampled(
    node: Noise, setting: Setting, starts: Mapping[str, np.ndarray], key: Any, repeats: int, injections: int
) -> Iterator[dict[str, Any]]:
    rows = np.arange(len(setting.labels))
    for repeat in range(repeats):
        generator = np.random.default_rng([*np.asarray(jax.random.key_data(key)).tolist(), repeat])
        drawn = generator.multinomial(1, _sound(starts["soft"])).argmax(1)
        with jax.enable_x64(True):
            matrix = np.asarray(transition_at(node, dataclasses.replace(setting, labels=drawn), starts["soft"], key))
        matrix = np.broadcast_to(matrix, (len(rows), *matrix.shape[-2:]))
        noisy = generator.multinomial(injections, _sound(matrix[rows, drawn])) / injections
        for beside in ("soft", "truth"):
            place = {"route": "sampled", "into": "soft", "beside": beside, "repeat": repeat}
            yield {**place, **_measured(starts[beside], noisy)}


def _sound(probabilities: np.ndarray) -> np.ndarray:
    """With sums of 1 to the last digits that NumPy asks for."""
    return probabilities / probabilities.sum(-1, keepdims=True)


def _measured(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    return {
        "mtvd": metrics.mean_total_variation(before, after),
        "mean_entropy": float(metrics.entropy(after).mean()),
        "mean_kl": metrics.mean_kullback_leibler(before, after).mean_of_finite,
    }


def _require_sound(noise: Mapping[str, Noise], rates: Sequence[float], repeats: int, injections: int) -> None:
    if not noise or not len(rates):
        raise InputError("`noise` and `rates` must name at least one each; one of them is empty.")
    for name, number in (("repeats", repeats), ("injections", injections)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
            raise InputError(f"`{name}` must be a whole number of at least 1; got {number!r}.")
    for name, node in noise.items():
        if node.strength_field is None:
            raise InputError(f"`noise` {name!r} is a {node.kind!r}, which has no single strength for the rates to set.")
