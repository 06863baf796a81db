"""The prior of a transition: laws under which the true class is the likeliest one, whatever the draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._lazy import dist, jnp, numpyro
from ..noise.base import rates_and_destinations

TRANSITION = "transition"
REACH, DESTINATIONS = "transition_reach", "transition_destinations"


def sample_transition(num_classes: int, annotators: int | None = None) -> Any:
    """T (classes, classes), or one for each annotator (annotators, classes, classes), as NumPyro sites.

    Destinations s_i ~ Dirichlet(1) over the other classes, r_i ~ Beta(1, 2), rate r_i / (1 + max_j s_ij). The support
    is all T with T_ii >= max_j T_ij: classes cannot change their names, and no draw has to be turned away.
    """
    rows = (num_classes,) if annotators is None else (annotators, num_classes)
    reach = numpyro.sample(REACH, dist.Beta(1.0, 2.0).expand(rows).to_event(len(rows)))
    if num_classes == 2:  # there is one other class
        shares = jnp.ones((*rows, 1))
    else:
        law = dist.Dirichlet(jnp.ones((*rows, num_classes - 1)))
        shares = numpyro.sample(DESTINATIONS, law.to_event(len(rows)))
    return numpyro.deterministic(TRANSITION, dominant(reach, shares))


def dominant(reach: Any, shares: Any) -> Any:
    """T (..., classes, classes) from r (..., classes) and shares of the other classes (..., classes, classes - 1)."""
    rates = reach / (1.0 + shares.max(-1))
    return rates_and_destinations(rates, with_diagonal(shares))


def with_diagonal(shares: Any) -> Any:
    """Rows over the other classes as rows over all, zero on the diagonal."""
    size = shares.shape[-2]
    places = np.array([[column - (column > row) for column in range(size)] for row in range(size)])
    index = np.minimum(places, size - 2)
    every = jnp.take_along_axis(shares, jnp.broadcast_to(index, (*shares.shape[:-2], size, size)), -1)
    return every * (1.0 - jnp.eye(size))
