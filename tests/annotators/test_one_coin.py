"""One-coin annotators."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from annotator_examples import confusions, symmetric
from contracts import LAW, setting_of

from synlabel_prob import annotators as a
from synlabel_prob import noise as n


@pytest.mark.parametrize("size", [2, 3, 100])
def test_one_coin(size):
    found = confusions(a.OneCoin(3, LAW), size, {"annotation.rate": np.array([0.0, 0.3, 1.0])})
    np.testing.assert_allclose(found, [symmetric(rate, size) for rate in (0.0, 0.3, 1.0)], atol=1e-15)


def test_one_coin_is_the_noise_node_symmetric():
    node = n.Symmetric(0.3).fit(setting_of(3, 20))
    with jax.enable_x64(True):
        transition = np.asarray(node.transition(0.3, None))
    np.testing.assert_allclose(confusions(a.OneCoin(2, 0.3)), [transition] * 2, atol=1e-15)
