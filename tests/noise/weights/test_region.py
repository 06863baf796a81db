"""Weights by conditions and by logistic scores."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import noise_setting
from noise_examples import weights_of

from synlabel_prob import noise as n
from synlabel_prob.errors import InputError


def test_the_first_condition_that_holds_counts():
    setting = noise_setting()
    frame = setting.table.to_frame()
    description = n.ByRegion({"age > 45": 3.0, "region == 'west'": 2.0}, otherwise=0.5)
    expected = np.where(frame["age"] > 45, 3.0, np.where(frame["region"] == "west", 2.0, 0.5))
    np.testing.assert_array_equal(weights_of(description.fit(setting), setting.table.features)[:, 0], expected)


def test_scores_are_logistic_in_standardised_features():
    setting = noise_setting()
    features = setting.table.features
    standard = (features - features.mean(0)) / features.std(0)
    expected = 1 / (1 + np.exp(-(0.3 + 2 * standard[:, 1] - standard[:, 0])))
    with jax.enable_x64(True):
        fitted = n.ByScore({"income": 2.0, "age": -1.0}, intercept=0.3).fit(setting)
        np.testing.assert_allclose(weights_of(fitted, features)[:, 0], expected, rtol=1e-9)


def test_random_scores_are_fixed_by_their_seed_and_differ_by_class():
    setting = noise_setting()
    with jax.enable_x64(True):
        first, again, other = (
            weights_of(n.ByScore(seed=seed).fit(setting), setting.table.features) for seed in (1, 1, 2)
        )
    assert first.shape == (80, 3)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1 and np.abs(first[:, 0] - first[:, 1]).max() > 0.1


def test_conditions_that_are_none_are_refused():
    with pytest.raises(InputError, match="at least one condition with a weight above 0"):
        n.ByRegion({"age > 3": 0.0})
    with pytest.raises(InputError, match="age >"):
        n.ByRegion({"age >": 1.0})


def test_which_features_a_weight_goes_by():
    table = noise_setting().table
    assert n.ByRegion({"age > 45 and region == 'west'": 3.0, "age < 3": 1.0}).reads(table) == ("age", "region")
    assert n.ByScore({"income": 2.0}).reads(table) == ("income",)
    assert n.ByScore().reads(table) == n.ByDensity().reads(table) == table.feature_names
    assert n.ByMargin().reads(table) == table.feature_names
    assert n.ByMargin("soft_label").reads(table) == n.ByRarity().reads(table) == ()
