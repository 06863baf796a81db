"""Observed labels in, posterior of the noise and of the true labels out."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import inference
from .._lazy import jax
from .dominance import TRANSITION
from .gathering import arrays, merged
from .identified import Identifiability, identifiability
from .models import CLASS_LAW, INTERCEPTS, WEIGHTS, Arrays, Scales, model
from .observed import Observed
from .record import Inferred, Posterior, interval
from .rows import RowPass, row_pass
from .summaries import accuracy_table, findings, row_table, transition_table, warnings
from .trees import to_datatree

_KEPT = (TRANSITION, CLASS_LAW, WEIGHTS, INTERCEPTS)
_MOST_DENSE = 100


def infer(
    observed: Observed,
    key: Any,
    *,
    draws: int = 2000,
    warmup: int = 500,
    chains: int = 2,
    weight_scale: float = 2.5,
) -> Inferred:
    """Infer the transition and the true labels, by NUTS with the true labels summed out; Monte Carlo.

    Args:
        observed: the labels, and what says something about the true ones.
        key: fixes the draws.
        draws: in all chains together.
        warmup: steps of each chain that are thrown away.
        chains: run side by side.
        weight_scale: standard deviation of the prior of the classifier's weights and intercepts, where there are
            features; these are standardised.

    Returns:
        The record; its posterior is None where the observations do not determine the noise.
    """
    told = identifiability(observed)
    if told.level == "not_identified":
        return Inferred(observed, told, None)
    rows = arrays(observed)
    scales = Scales(weight_scale, weight_scale)
    options = {"draws": draws, "warmup": warmup, "chains": chains, "dense_mass": _dense(rows)}
    found = inference.nuts(model, jax.random.fold_in(key, 0), merged(rows), scales, **options)
    kept = {name: values for name, values in found.samples.items() if name in _KEPT}
    passed = row_pass(rows, kept, jax.random.fold_in(key, 1), soft=observed.observed_soft is not None)
    return Inferred(observed, told, _posterior(observed, told, found, passed))


def _dense(rows: Arrays) -> Any:
    """Weights of features are correlated; where they are few, the warm-up can learn how."""
    if rows.features is None:
        return False
    few = (rows.features.shape[1] + 1) * (rows.counts.shape[1] - 1) <= _MOST_DENSE
    return [(WEIGHTS, INTERCEPTS)] if few else False


def _posterior(observed: Observed, told: Identifiability, found: inference.Draws, passed: RowPass) -> Posterior:
    transition, names = found.samples[TRANSITION], None
    together = transition
    if observed.votes is not None:
        number = np.bincount(observed.votes.annotator, minlength=len(observed.annotators)) * told.told
        together = np.einsum("a,satj->stj", number / number.sum(), transition)
        transition = transition[:, told.told]
        names = [name for name, is_told in zip(observed.annotators, told.told, strict=True) if is_told]
    share = interval(passed.wrong_share)
    return Posterior(
        tree=to_datatree(observed, told, found, passed),
        transition=transition_table(transition, observed.classes, names),
        rows=row_table(observed, passed),
        noise_rate=interval(passed.noise_rate),
        wrong_share=share,
        diagnostics=found.diagnostics,
        sentences=findings(observed, share, together, passed.label_law.mean(0)),
        warnings=warnings(found.diagnostics),
        accuracy=None if passed.accuracy is None else accuracy_table(observed, passed.accuracy, told.told),
    )
