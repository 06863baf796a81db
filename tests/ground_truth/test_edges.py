"""Intervals of several features at once, against NumPy's search one feature at a time."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from synlabel_prob.ground_truth.edges import Edges


@pytest.mark.parametrize("counts", [(5, 0, 1, 300, 8, 7), (0, 0), (1,), ()])
def test_intervals_hold_their_upper_edge(counts: tuple[int, ...]):
    generator = np.random.default_rng(0)
    edges = [np.unique(np.append(generator.normal(size=count - 1), 0.0)) if count else np.zeros(0) for count in counts]
    values = np.zeros((4, 900, len(counts)))
    for place, edge in enumerate(edges):
        beside = [np.nextafter(edge, end) for end in (-np.inf, np.inf)]
        near = np.concatenate([edge, *beside, [0.0, -0.0, -1e308, 1e308, -np.inf, np.inf]])
        near = near[(near == 0) | (np.abs(near) > 1e-300)]  # XLA takes what is smaller for 0
        values[..., place] = generator.choice(near, (4, 900))
    with jax.enable_x64(True):
        found = jax.jit(Edges.intervals)(jax.tree_util.tree_map(jnp.asarray, Edges.of(edges)), jnp.asarray(values))
    assert found.dtype == np.int32 and found.shape == values.shape
    for place, edge in enumerate(edges):
        np.testing.assert_array_equal(found[..., place], np.searchsorted(edge, values[..., place], side="left"))
