"""Fixed draws of the hidden features on which inversion integrates: the label and noise contexts at each of them."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from .._lazy import jax, numpyro
from ..arrays import PointLaws
from ..errors import InputError
from ..randomness import row_uniforms, site_key
from ..soft_labels.integrand import compiled_draws, point_dims
from .models import label_law

if TYPE_CHECKING:
    from .fitted import FittedProcess


@dataclasses.dataclass(frozen=True, eq=False)
class FixedDraws:
    """`laws (theta draws, points, rows, classes)` before any noise, and each integrated node's context at the points.

    Where no noise depends on hidden features the points are averaged already: there is one.
    """

    laws: PointLaws
    contexts: tuple[Any, ...]


def fixed_draws(fitted: FittedProcess, key: Any, *, points: int = 256, theta_draws: int = 1) -> FixedDraws:
    """Draw hidden features once, and call every function that runs on the host.

    Args:
        fitted: the process.
        key: fixes the draws.
        points: draws of the hidden features for each row and theta.
        theta_draws: 1 integrates theta out row by row, exactly where the prior does; more draw theta from its
            posterior, shared by all rows.

    Raises:
        InputError: the prior conditions on the ground-truth label, which rows with noisy labels do not have.
    """
    if fitted.process.prior.conditions_on == "observed_and_label":
        raise InputError(
            "the prior conditions on the ground-truth label, which rows with noisy labels do not have: use one that "
            "conditions on the observed features, or on nothing."
        )
    laws, contexts = [], []
    for number in range(theta_draws):
        law, context = _at_theta(fitted, jax.random.fold_in(key, number), points, shared=theta_draws > 1)
        laws.append(law)
        contexts.append(context)
    stacked = tuple(
        jax.tree_util.tree_map(lambda *leaves: np.stack(leaves), *of_node) for of_node in zip(*contexts, strict=True)
    )
    return FixedDraws(np.stack(laws), stacked)


def _at_theta(fitted: FittedProcess, key: Any, points: int, *, shared: bool) -> tuple[np.ndarray, tuple]:
    """Laws (points, rows, classes), and contexts with the same leading axes."""
    rows, cut = fitted.rows, fitted.integrated
    if fitted.process.hard_from == "ground_truth":
        features, codes = fitted.truth_table.features[None], fitted.labels[None]
    else:
        hidden = _hidden(fitted, key, points, shared=shared)
        features = np.swapaxes(label_law(fitted).features(rows.observed, hidden), 0, 1)
        codes = np.asarray(fitted.ground_truth.labels(features))
    law = np.eye(len(fitted.classes))[codes]
    if not cut:
        return _averaged(law), ()
    sources = [features if node.depends_on == "features" else None for node in fitted.nodes[:cut]]
    pairs = zip(fitted.nodes[:cut], sources, strict=True)
    return law, tuple(jax.tree_util.tree_map(np.asarray, node.context(source)) for node, source in pairs)


def _averaged(law: np.ndarray) -> np.ndarray:
    """Means over the points (1, rows, classes), under Jeffreys' Dirichlet(1/2) where there are several.

    A class that no draw gave is rare, not impossible: with probability 0 one such label would forbid every rate.
    """
    points, _, classes = law.shape
    return law if points == 1 else (law.sum(0, keepdims=True) + 0.5) / (points + classes / 2)


def _hidden(fitted: FittedProcess, key: Any, points: int, *, shared: bool) -> np.ndarray:
    """(rows, points, hidden)."""
    prior, rows = fitted.prior, fitted.rows
    dims = prior.uniform_dims if shared else point_dims(prior)
    uniforms = row_uniforms(key, "hidden", rows.hashes, points * dims).reshape(len(rows), points, dims)
    with jax.enable_x64(True):
        if not shared:
            return np.asarray(compiled_draws()(prior, uniforms[:, None], rows.given))[:, 0]
        theta = numpyro.handlers.seed(prior.sample_theta, site_key(key, "theta"))(posterior=True)
        draw = jax.vmap(functools.partial(prior.quantile, theta), (0, None))
        return np.asarray(jax.jit(jax.vmap(draw))(uniforms, rows.given))
