"""Berkson noise: soft labels of a half-space are a normal cdf at the recorded values."""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synlabel_prob import ground_truth as g
from synlabel_prob import inspection
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

WEIGHTS = {"x": 1.0, "u": -2.0, "v": 0.5}


def values(rows: int = 40) -> np.ndarray:
    generator = np.random.default_rng(4)
    return generator.normal(size=(rows, 3)) * [1.0, 3.0, 10.0] + [0.0, 5.0, -20.0]


def half_space(scale: float, hidden: tuple[str, ...]):
    table = Table.from_frame(pd.DataFrame(values(), columns=list(WEIGHTS)))
    truth = g.Linear({"up": WEIGHTS, "down": {}}, {"up": 20.0})
    return fit(Process(truth, hidden, p.Berkson(scale)), table)


@pytest.mark.parametrize("hidden", [("u",), ("v", "u")])
def test_soft_labels_of_a_half_space(hidden, key):
    # P(w (x + e) > -20) = Phi((w x + 20) / sd of w e). The gate is 5 of the largest standard errors or more; the key is
    # fixed, and noise of another scale by a tenth is off by more than 0.01 in some row.
    fitted = half_space(0.5, hidden)
    soft = generate(fitted, key, QuasiMonteCarlo(draws=2**15)).soft
    own, weights = values(), np.array(list(WEIGHTS.values()))
    places = [list(WEIGHTS).index(name) for name in hidden]
    spread = np.sqrt(((weights * 0.5 * own.std(0))[places] ** 2).sum())
    expected = stats.norm.cdf((own @ weights + 20.0) / spread)
    assert 0.1 < expected.std() < 0.5 and soft.standard_error.max() < 0.0006
    np.testing.assert_allclose(soft.probabilities[:, 0], expected, atol=0.003)


def test_little_noise_is_the_truth(key):
    fitted = half_space(1e-6, ("u",))
    soft = generate(fitted, key, QuasiMonteCarlo(draws=64)).soft
    np.testing.assert_array_equal(soft.probabilities, np.eye(2)[fitted.labels])


def test_density_and_pit_against_scipy():
    fitted = half_space(0.3, ("v", "u"))
    given, deviations = jax.tree_util.tree_map(lambda it: it[7], fitted.rows.given), 0.3 * values().std(0)[[2, 1]]
    hidden = values()[7, [2, 1]] + [1.0, -0.5]
    with jax.enable_x64(True):
        law = stats.norm(values()[7, [2, 1]], deviations)
        np.testing.assert_allclose(fitted.prior.log_density((), hidden, given), law.logpdf(hidden).sum(), rtol=1e-12)
        np.testing.assert_allclose(fitted.prior.pit((), hidden, given, np.zeros(2)), law.cdf(hidden), rtol=1e-12)


def test_no_caution_is_raised_about_what_was_stated(key):
    assert not [it for it in inspection.cautions(half_space(0.5, ("u",)), key) if "does not describe" in it]


def test_a_spike_at_the_truth_and_noise_around_it(key):
    mixture = p.FiniteMixture((p.Share(0.75, p.Truth()), p.Share(0.25, p.Berkson(0.5))))
    table = Table.from_frame(pd.DataFrame(values(), columns=list(WEIGHTS)))
    truth = g.Linear({"up": WEIGHTS, "down": {}}, {"up": 20.0})
    fitted = fit(Process(truth, ("u",), mixture), table)
    soft = generate(fitted, key, QuasiMonteCarlo(draws=2**13)).soft.probabilities[:, 0]
    own, weights = values(), np.array(list(WEIGHTS.values()))
    noisy = stats.norm.cdf((own @ weights + 20.0) / (2.0 * 0.5 * own[:, 1].std()))
    np.testing.assert_allclose(soft, 0.75 * (fitted.labels == 0) + 0.25 * noisy, atol=0.02)


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_noise_needs_a_scale(scale):
    with pytest.raises(InputError, match="`scale` must be above 0"):
        p.Berkson(scale)
