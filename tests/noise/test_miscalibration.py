"""The four miscalibrations and temperature: what the formulas give, where nothing changes, and how far labels move."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import noise_setting

from synlabel_prob import metrics
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError

FORMS = {
    # At (0.75, 0.25) with strength 0.3, sin(0.75 pi) being the root of one half.
    n.Overprediction: 0.75 + 0.3 * np.sqrt(0.5),
    n.Underprediction: 0.75 - 0.3 * np.sqrt(0.5),
    n.Underextremity: 0.6,
    n.Overextremity: 0.9,
}


def image(description: n.Noise, soft_labels) -> np.ndarray:
    with jax.enable_x64(True):
        fitted = description.fit(noise_setting())
        return np.asarray(fitted.image(fitted.sample_parameters(), np.asarray(soft_labels, dtype=float)))


@pytest.mark.parametrize("form", FORMS)
def test_of_two_classes_the_larger_one_goes_where_the_formula_says(form):
    expected = FORMS[form]
    np.testing.assert_allclose(image(form(0.3), [0.75, 0.25]), [expected, 1 - expected], atol=1e-15)
    np.testing.assert_allclose(image(form(0.3), [0.25, 0.75]), [1 - expected, expected], atol=1e-15)


@pytest.mark.parametrize("form", FORMS)
def test_the_others_keep_their_proportions_and_certain_labels_stay(form, key):
    soft = np.random.default_rng(0).dirichlet(np.full(4, 0.7), 500)
    made = image(form(0.31), soft)
    np.testing.assert_allclose(made.sum(1), 1.0, atol=1e-14)
    assert made.min() >= 0
    top = soft.argmax(1)
    for row in range(20):
        others = np.arange(4) != top[row]
        ratio = made[row][others] / soft[row][others]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)
    certain = np.eye(4)
    np.testing.assert_array_equal(image(form(0.31), certain), certain)


@pytest.mark.parametrize(
    ("form", "classes", "distance", "changed"),
    [
        # noise.md's measured values for Dirichlet(1/2) labels and strength 0.3, from the authors' formulas.
        (n.Overprediction, 2, 0.142, 0.0),
        (n.Underprediction, 2, 0.142, 0.300),
        (n.Underextremity, 2, 0.078, 0.0),
        (n.Overextremity, 2, 0.078, 0.0),
        (n.Overprediction, 3, 0.211, 0.0),
        (n.Underprediction, 3, 0.211, 0.493),
        (n.Underextremity, 3, 0.089, 0.0),
        (n.Overextremity, 3, 0.089, 0.060),
        (n.Underprediction, 5, 0.263, 0.718),
        (n.Overextremity, 5, 0.084, 0.222),
    ],
)
def test_how_far_labels_move_and_how_often_the_plurality_changes(form, classes, distance, changed):
    # 40,000 rows, a fixed seed: standard errors below 0.0006 and 0.0025, and the stated values have three digits.
    soft = np.random.default_rng(1).dirichlet(np.full(classes, 0.5), 40_000)
    made = image(form(0.3), soft)
    assert metrics.mean_total_variation(soft, made) == pytest.approx(distance, abs=0.004)
    assert (soft.argmax(1) != made.argmax(1)).mean() == pytest.approx(changed, abs=0.012)


def test_the_distance_is_linear_in_the_strength():
    soft = np.random.default_rng(1).dirichlet(np.full(3, 0.5), 100)
    one, two = (metrics.mean_total_variation(soft, image(n.Overprediction(strength), soft)) for strength in (0.15, 0.3))
    assert two == pytest.approx(2 * one, rel=1e-12)


def test_strengths_that_leave_the_simplex_are_refused():
    with pytest.raises(InputError, match=r"a number from 0 to 0\.31831, or a law on \[0, 0\.31831\]; got 0\.4"):
        n.Overprediction(0.4)


# --- temperature --------------------------------------------------------------------------------------


def test_a_temperature_and_its_inverse_undo_each_other_and_zeros_stay():
    soft = np.random.default_rng(0).dirichlet(np.ones(5), 100)
    np.testing.assert_allclose(image(n.Temperature(0.25), image(n.Temperature(4.0), soft)), soft, rtol=1e-10)
    with_zeros = np.array([[0.6, 0.0, 0.4], [0.0, 1.0, 0.0]])
    made = image(n.Temperature(0.5), with_zeros)
    np.testing.assert_allclose(made, [[0.36 / 0.52, 0.0, 0.16 / 0.52], [0.0, 1.0, 0.0]], atol=1e-15)


def test_temperature_1_changes_no_bit_and_0_leaves_the_most_likely_classes():
    soft = np.random.default_rng(0).dirichlet(np.ones(5), 100)
    np.testing.assert_array_equal(image(n.Temperature(1.0), soft), soft)
    np.testing.assert_array_equal(
        image(n.Temperature(0.0), [[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), [[0, 1, 0], [0.5, 0.5, 0]]
    )


@pytest.mark.parametrize("temperature", [-1.0, float("inf"), "hot"])
def test_temperatures_that_are_none_are_refused(temperature):
    with pytest.raises(InputError, match="must be a number"):
        n.Temperature(temperature)


# --- the coupling ---------------------------------------------------------------------------------------


def test_the_coupling_leads_from_one_soft_label_to_the_other_with_the_fewest_changes():
    generator = np.random.default_rng(0)
    before, after = generator.dirichlet(np.full(6, 0.3), (2, 500))
    before[:50, :3], after[:20, 2:] = 0.0, 0.0
    before, after = (values / values.sum(1, keepdims=True) for values in (before, after))
    with jax.enable_x64(True):
        transition = np.asarray(n.coupling(before, after))
        leaves = np.asarray(n.change_probability(before, transition))
        same = np.asarray(n.coupling(before, before))
    assert transition.min() >= 0
    np.testing.assert_allclose(transition.sum(-1), 1.0, atol=1e-14)
    np.testing.assert_allclose(np.einsum("ri,rij->rj", before, transition), after, atol=1e-14)
    np.testing.assert_allclose(leaves, 0.5 * np.abs(before - after).sum(1), atol=1e-14)
    np.testing.assert_array_equal(same, np.broadcast_to(np.eye(6), transition.shape))
