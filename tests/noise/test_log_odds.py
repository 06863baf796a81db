"""Maps that are linear in log-probabilities, against their formulas and special cases."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contracts import mixed_table
from noise_examples import dirichlet, mixed_setting

from synlabel_prob import ground_truth
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError, Problems

SOFT = dirichlet(3, 200)


def image(description: n.Noise, soft_labels=SOFT) -> np.ndarray:
    with jax.enable_x64(True):
        fitted = description.fit(mixed_setting())
        return np.asarray(fitted.image(fitted.sample_parameters(), jnp.asarray(soft_labels)))


def normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum(1, keepdims=True)


def test_temperature_is_a_special_case():
    halves = tuple(tuple(row) for row in 0.5 * np.eye(3))
    np.testing.assert_allclose(image(n.LogOdds(halves)), image(n.Temperature(2.0)), rtol=1e-12)


def test_the_whole_map():
    slopes = np.array([[1.2, 0.1, 0.0], [0.0, 0.8, -0.5], [0.3, 0.0, 1.0]])
    names = mixed_setting().classes
    shift = np.array([0.0, 0.4, 0.0])
    expected = normalised(np.exp(np.log(SOFT) @ slopes.T + shift))
    made = image(n.LogOdds(tuple(map(tuple, slopes)), {str(names[1]): 0.4}))
    np.testing.assert_allclose(made, expected, rtol=1e-9)


def test_the_floor_keeps_off_diagonal_slopes_finite():
    made = image(n.LogOdds(((1.0, -1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))), [[1.0, 0.0, 0.0]])
    np.testing.assert_allclose(made, normalised(np.array([[1e6, 1e-6, 1e-6]])), rtol=1e-6)


def test_a_bias_keeps_zeros_and_odds_of_the_others():
    names = [str(name) for name in mixed_setting().classes]
    made = image(n.ClassBias({names[0]: 1.0}, 0.7))
    np.testing.assert_allclose(made, normalised(SOFT * np.exp([0.7, 0.0, 0.0])), rtol=1e-12)
    np.testing.assert_array_equal(image(n.ClassBias({names[0]: 1.0}, 0.7), [[0.0, 1.0, 0.0]]), [[0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(image(n.ClassBias({names[0]: 1.0}, 0.0)), SOFT)


def test_a_prior_shift_is_by_ratios_of_frequencies():
    setting = mixed_setting()
    names = [str(name) for name in setting.classes]
    wanted = np.array([0.5, 0.3, 0.2])
    shares = setting.class_marginal
    made = image(n.PriorShift(dict(zip(names, wanted, strict=True))))
    np.testing.assert_allclose(made, normalised(SOFT * wanted / shares), rtol=1e-12)
    neglect = image(n.PriorShift(power=0.5))
    np.testing.assert_allclose(neglect, normalised(SOFT * shares**-0.5), rtol=1e-12)
    same = image(n.PriorShift(dict(zip(names, shares, strict=True))))
    np.testing.assert_allclose(same, SOFT, rtol=1e-12)


def test_what_does_not_fit_is_said():
    truth, table = ground_truth.Linear({"yes": {"age": 1.0}, "no": {}, "maybe": {}}), mixed_table()
    problems = Problems()
    n.LogOdds(((1.0, 0.0), (0.0, 1.0)), {"yess": 1.0}).report_problems(table, truth, problems)
    n.ClassBias({"nope": 1.0}).report_problems(table, truth, problems)
    n.PriorShift({"yes": 1.0}).report_problems(table, truth, problems)
    assert [sentence.partition("`")[2].partition("`")[0] for sentence in problems.sentences] == [
        "noise.log_odds.slopes",
        "noise.log_odds.intercepts",
        "noise.class_bias.classes",
        "noise.prior_shift.frequencies",
    ]
    with pytest.raises(InputError, match="as many columns as rows"):
        n.LogOdds(((1.0, 0.0),))
    with pytest.raises(InputError, match="`frequencies` must sum to 1"):
        n.PriorShift({"yes": 0.4})
    with pytest.raises(InputError, match="other than 0"):
        n.ClassBias({"yes": 0.0})
    setting = mixed_setting()
    absent = n.Setting(setting.table, setting.ground_truth, np.zeros_like(setting.labels))
    with pytest.raises(InputError, match="no row of the ground truth has the class"):
        n.PriorShift().fit(absent)
