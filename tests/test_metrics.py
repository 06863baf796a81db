"""Measures of label distributions against SciPy, closed forms, enumeration and known inequalities."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial import distance
from scipy.stats import entropy as scipy_entropy

from synlabel_prob import metrics
from synlabel_prob.errors import InputError

PROPERTY = settings(max_examples=100)
ROUNDING = 1e-12

SYMMETRIC = [
    metrics.total_variation,
    metrics.jensen_shannon,
    metrics.hellinger,
    metrics.bhattacharyya,
    metrics.soft_brier,
    metrics.mean_total_variation,
    metrics.plurality_agreement,
]


def refuses(message: str):
    return pytest.raises(InputError, match=f"^{re.escape(message)}$")


def unchecked(function):
    # Under a runtime type checker a wrong shape never reaches the sentence that a user sees without one.
    return inspect.unwrap(function)


def dirichlet(classes: int, *, rows: int = 50, zeros: float = 0.0, seed: int = 0) -> np.ndarray:
    """Read-only random soft labels, so that a measure that writes into its argument fails."""
    generator = np.random.default_rng([seed, classes])
    soft = generator.dirichlet(np.full(classes, 0.8), size=rows)
    soft = np.where(generator.random(soft.shape) < zeros, 0.0, soft)
    soft[soft.sum(axis=1) == 0.0, 0] = 1.0
    soft /= soft.sum(axis=1, keepdims=True)
    soft.flags.writeable = False
    return soft


@st.composite
def soft_labels(draw, count: int = 2):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 5)))
    values = st.one_of(st.just(0.0), st.floats(1e-300, 1.0), st.sampled_from([0.25, 0.5, 1.0]))
    stack = draw(arrays.arrays(np.float64, (count, *shape), elements=values))
    stack[stack.sum(axis=-1) == 0.0, 0] = 1.0
    return tuple(stack / stack.sum(axis=-1, keepdims=True))


# Independent implementation


@pytest.mark.parametrize("classes", [1, 2, 3, 100])
@pytest.mark.parametrize("zeros", [0.0, 0.4])
def test_entropies_and_divergences_agree_with_scipy(classes, zeros):
    first, second = dirichlet(classes, zeros=zeros, seed=1), dirichlet(classes, zeros=zeros, seed=2)
    divergence = scipy_entropy(first, second, axis=1)
    assert np.isinf(divergence).any() == (zeros > 0.0 and classes > 1)
    np.testing.assert_allclose(metrics.kullback_leibler(first, second), divergence, atol=ROUNDING)
    np.testing.assert_allclose(metrics.entropy(first), scipy_entropy(first, axis=1), atol=ROUNDING)
    np.testing.assert_allclose(
        metrics.cross_entropy(truth=first, forecast=second),
        scipy_entropy(first, axis=1) + divergence,
        atol=ROUNDING,
    )
    root = distance.jensenshannon(first, second, axis=1)
    np.testing.assert_allclose(metrics.jensen_shannon(first, second), root**2, atol=ROUNDING)


@pytest.mark.parametrize("classes", [1, 2, 3, 100])
def test_distances_agree_with_scipy(classes):
    first, second = dirichlet(classes, zeros=0.2, seed=1), dirichlet(classes, zeros=0.2, seed=2)
    pairs = list(zip(first, second, strict=True))
    variation = np.array([0.5 * distance.cityblock(u, v) for u, v in pairs])
    np.testing.assert_allclose(metrics.total_variation(first, second), variation, atol=ROUNDING)
    assert metrics.mean_total_variation(first, second) == pytest.approx(variation.mean(), abs=ROUNDING)
    root = [distance.euclidean(np.sqrt(u), np.sqrt(v)) / np.sqrt(2.0) for u, v in pairs]
    np.testing.assert_allclose(metrics.hellinger(first, second), root, atol=ROUNDING)
    np.testing.assert_allclose(
        metrics.soft_brier(first, second), [distance.sqeuclidean(u, v) for u, v in pairs], atol=ROUNDING
    )


# Closed forms


def test_divergence_is_not_the_mean_entropy_of_the_stacked_pair():
    # Defect 3 of the authors' code: its average divergence is this mean entropy.
    first, second = np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])
    stacked = metrics.entropy(np.vstack([first, second])).mean()
    divergence = metrics.mean_kullback_leibler(first, second)
    assert divergence.mean_of_finite == pytest.approx(0.5 * np.log(4.0 / 3.0))
    assert abs(divergence.mean_of_finite - stacked) > 0.4
    assert metrics.kullback_leibler(second, first)[0] == pytest.approx(0.75 * np.log(3.0) - np.log(2.0))


def test_disjoint_certain_labels_are_infinitely_far_and_counted():
    first = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    second = np.array([[0.0, 1.0, 0.0], [0.25, 0.75, 0.0], [0.0, 0.0, 1.0]])
    values = metrics.kullback_leibler(first, second)
    assert np.isposinf(values[0])
    assert values[2] == 0.0
    mean = metrics.mean_kullback_leibler(first, second)
    assert mean == (pytest.approx(0.25 * np.log(4.0 / 3.0)), 1, 3)
    assert np.isposinf(metrics.cross_entropy(truth=first, forecast=second)).tolist() == [True, False, False]
    for measure, farthest in [
        (metrics.total_variation, 1.0),
        (metrics.hellinger, 1.0),
        (metrics.bhattacharyya, 0.0),
        (metrics.soft_brier, 2.0),
        (metrics.jensen_shannon, np.log(2.0)),
    ]:
        assert measure(first, second)[0] == farthest


def test_mean_divergence_without_a_finite_row_is_nan():
    certain = np.eye(2)
    mean = metrics.mean_kullback_leibler(certain, certain[::-1])
    assert np.isnan(mean.mean_of_finite)
    assert (mean.infinite_rows, mean.rows) == (2, 2)


def test_divergences_of_tiny_probabilities_neither_overflow_nor_underflow():
    certain, nearly = np.array([[1.0, 0.0]]), np.array([[1e-310, 1.0]])
    assert metrics.kullback_leibler(certain, nearly)[0] == pytest.approx(310.0 * np.log(10.0))
    smallest = np.array([[5e-324, 1.0]])
    assert metrics.jensen_shannon(smallest, np.array([[0.0, 1.0]]))[0] == 0.0
    assert np.isposinf(metrics.kullback_leibler(smallest, np.array([[0.0, 1.0]]))[0])


@pytest.mark.parametrize("classes", [1, 2, 100])
def test_entropy_of_certain_and_uniform_labels(classes):
    certain, uniform = np.eye(classes), np.full((1, classes), 1.0 / classes)
    assert not metrics.entropy(certain).any()
    assert not np.signbit(metrics.entropy(certain)).any()
    assert not metrics.normalised_entropy(certain).any()
    assert metrics.entropy(uniform)[0] == pytest.approx(np.log(classes))
    assert metrics.normalised_entropy(uniform)[0] == pytest.approx(float(classes > 1))


def test_a_single_class_leaves_nothing_uncertain():
    soft = np.ones((3, 1))
    for distance_or_entropy in (metrics.total_variation, metrics.kullback_leibler, metrics.jensen_shannon):
        assert not distance_or_entropy(soft, soft).any()
    assert metrics.margin(soft).tolist() == [1.0, 1.0, 1.0]
    assert metrics.certain_fraction(soft) == 1.0
    assert not metrics.plurality(soft).tied.any()
    assert metrics.plurality_accuracy(soft, np.zeros(3, dtype=int)) == (1.0, 1.0)


def test_a_class_that_never_occurs_changes_no_measure():
    first, second = dirichlet(3, seed=1), dirichlet(3, seed=2)
    with_absent = [np.insert(soft, 1, 0.0, axis=1) for soft in (first, second)]
    for measure in [*SYMMETRIC[:5], metrics.kullback_leibler]:
        np.testing.assert_allclose(measure(*with_absent), measure(first, second), atol=ROUNDING)
    np.testing.assert_allclose(metrics.entropy(with_absent[0]), metrics.entropy(first), atol=ROUNDING)


@pytest.mark.parametrize("classes", [1, 2, 3, 100])
def test_expected_brier_and_cross_entropy_are_means_over_drawn_labels(classes):
    truth, forecast = dirichlet(classes, zeros=0.3, seed=1), dirichlet(classes, seed=2)
    drawn = np.eye(classes)
    brier = sum(truth[:, k] * ((forecast - drawn[k]) ** 2).sum(axis=1) for k in range(classes))
    np.testing.assert_allclose(metrics.expected_brier(forecast=forecast, truth=truth), brier, atol=ROUNDING)
    log_loss = sum(-truth[:, k] * np.log(forecast[:, k]) for k in range(classes))
    np.testing.assert_allclose(
        metrics.cross_entropy(truth=truth, forecast=forecast), log_loss, rtol=ROUNDING, atol=ROUNDING
    )
    best = metrics.expected_brier(forecast=truth, truth=truth)
    np.testing.assert_allclose(best + metrics.soft_brier(forecast, truth), brier, atol=ROUNDING)


def test_mean_total_variation_under_symmetric_noise_has_its_closed_form():
    clean, redraw = dirichlet(4, seed=3), 0.4
    noisy = (1.0 - redraw) * clean + redraw / 4.0
    uniform = np.full_like(clean, 0.25)
    expected = redraw * metrics.mean_total_variation(clean, uniform)
    assert metrics.mean_total_variation(clean, noisy) == pytest.approx(expected)
    assert metrics.plurality_agreement(clean, noisy) == (1.0, 0.0)


# Inequalities and symmetry


@PROPERTY
@given(soft_labels())
def test_bounds_hold_without_slack_and_inequalities_up_to_rounding(pair):
    first, second = pair
    variation, root = metrics.total_variation(first, second), metrics.hellinger(first, second)
    divergence, shannon = metrics.kullback_leibler(first, second), metrics.jensen_shannon(first, second)
    overlap, brier = metrics.bhattacharyya(first, second), metrics.soft_brier(first, second)
    expected_brier = metrics.expected_brier(forecast=first, truth=second)
    for values, largest in [
        (variation, 1.0),
        (root, 1.0),
        (overlap, 1.0),
        (divergence, np.inf),
        (shannon, np.log(2.0)),
        (brier, 2.0),
        (expected_brier, 2.0),
        (metrics.entropy(first), np.log(first.shape[1])),
        (metrics.normalised_entropy(first), 1.0),
        (metrics.margin(first), 1.0),
    ]:
        assert ((values >= 0.0) & (values <= largest)).all()
    assert (variation <= np.sqrt(divergence / 2.0) + ROUNDING).all(), "Pinsker"
    assert (root**2 <= variation + ROUNDING).all()
    assert (variation <= np.sqrt(2.0) * root + ROUNDING).all()
    assert (shannon <= np.log(2.0) * variation + ROUNDING).all()
    assert (brier <= 2.0 * variation + ROUNDING).all()
    np.testing.assert_allclose(root**2, 1.0 - overlap, atol=ROUNDING)


def test_rounding_never_leaves_the_bounds():
    # Each of these rows is at a bound, and the bare sum of some of them lands beyond it.
    first, second = dirichlet(5, rows=20_000, seed=1), dirichlet(5, rows=20_000, seed=2)
    absent = np.zeros_like(first)
    disjoint = np.hstack([first, absent]), np.hstack([absent, second])
    assert (metrics.total_variation(*disjoint) <= 1.0).all()
    assert (metrics.hellinger(*disjoint) <= 1.0).all()
    assert (metrics.jensen_shannon(*disjoint) <= np.log(2.0)).all()
    nearby = first * (1.0 + 1e-9 * (second - 0.5))
    assert (metrics.kullback_leibler(first, nearby) >= 0.0).all()
    assert (metrics.jensen_shannon(first, nearby) >= 0.0).all()
    assert (metrics.bhattacharyya(first, nearby) <= 1.0).all()
    nearly_certain = np.eye(5)[0] + 1e-16 * np.hstack([first[:, :1], 5.0 * second[:, 1:]])
    opposite = np.broadcast_to(np.eye(5)[1], first.shape)
    assert (metrics.expected_brier(forecast=opposite, truth=nearly_certain) <= 2.0).all()
    assert (metrics.soft_brier(opposite, nearly_certain) <= 2.0).all()
    for classes in range(1, 101):
        assert metrics.entropy(np.full((1, classes), 1.0 / classes))[0] <= np.log(classes)


@PROPERTY
@given(soft_labels())
def test_symmetric_measures_are_exactly_symmetric(pair):
    for measure in SYMMETRIC:
        np.testing.assert_array_equal(measure(*pair), measure(*pair[::-1]))


@PROPERTY
@given(soft_labels(count=1))
def test_equal_rows_are_at_distance_exactly_zero(one):
    (soft,) = one
    for measure in [*SYMMETRIC[:3], metrics.soft_brier, metrics.kullback_leibler]:
        assert not measure(soft, soft.copy()).any()
    np.testing.assert_allclose(metrics.bhattacharyya(soft, soft), 1.0, atol=ROUNDING)
    assert metrics.plurality_agreement(soft, soft).agreement == 1.0


@PROPERTY
@given(soft_labels(count=3))
def test_distances_satisfy_the_triangle_inequality(three):
    first, second, third = three
    for measure in (metrics.total_variation, metrics.hellinger):
        detour = measure(first, second) + measure(second, third)
        assert (measure(first, third) <= detour + ROUNDING).all()


@PROPERTY
@given(soft_labels(), st.randoms(use_true_random=False))
def test_the_order_of_classes_does_not_matter(pair, random):
    order = random.sample(range(pair[0].shape[1]), pair[0].shape[1])
    moved = [soft[:, order] for soft in pair]
    for measure in [*SYMMETRIC, metrics.kullback_leibler]:
        np.testing.assert_allclose(measure(*moved), measure(*pair), atol=ROUNDING)
    np.testing.assert_allclose(metrics.margin(moved[0]), metrics.margin(pair[0]), atol=ROUNDING)


# Plurality, ties and hard labels

TIES = np.array([[0.2, 0.4, 0.4], [0.1, 0.8, 0.1], [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])


def test_plurality_takes_the_lowest_code_and_states_ties():
    codes, tied = metrics.plurality(TIES)
    assert codes.tolist() == [1, 1, 0, 2]
    assert tied.tolist() == [True, False, True, False]
    np.testing.assert_allclose(metrics.margin(TIES), [0.0, 0.7, 0.0, 0.25])
    uniform = metrics.plurality(np.full((1, 100), 0.01))
    assert (uniform.codes.tolist(), uniform.tied.tolist()) == ([0], [True])


def test_pluralities_agree_where_their_classes_intersect():
    other = np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.0, 0.0, 1.0], [0.0, 0.5, 0.5]])
    assert metrics.plurality_agreement(TIES, other) == (0.5, 0.75)
    assert metrics.plurality_agreement(np.eye(3), np.eye(3)[[0, 2, 1]]) == (pytest.approx(1.0 / 3.0), 0.0)


def test_plurality_accuracy_with_ties_to_the_lowest_code_and_shared():
    assert metrics.plurality_accuracy(TIES, np.array([2, 1, 0, 0])) == (0.5, 0.5)
    assert metrics.plurality_accuracy(TIES, np.array([1, 1, 0, 2])) == (1.0, 0.75)
    assert metrics.plurality_accuracy(TIES, np.array([2, 0, 1, 0])) == (0.0, 0.25)
    assert metrics.plurality_accuracy(np.full((1, 100), 0.01), np.array([99])) == (0.0, pytest.approx(0.01))


def test_ties_are_judged_on_the_values_as_given():
    largest = 0.24999999
    below = np.nextafter(largest, 0.0)
    soft = np.array([[below, largest, 0.2499997, 0.2499997]])
    normalised = (soft / soft.sum())[0]
    assert normalised[0] == normalised[1], "dividing by the row sum would make a tie"
    assert metrics.plurality(soft).codes.tolist() == [1]
    assert not metrics.plurality(soft).tied.any()


def test_certain_fraction_counts_rows_with_one_possible_class():
    soft = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1e-300, 0.0], [0.5, 0.5, 0.0]])
    assert metrics.certain_fraction(soft) == 0.5


def test_one_hot_keeps_the_columns_of_absent_classes():
    # Defect 9 of the authors' code: the width was read off the sample.
    soft = metrics.one_hot(np.array([2, 0], dtype=np.uint8), 4)
    assert soft.dtype == np.float64
    assert soft.tolist() == [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]
    assert metrics.one_hot(np.array([], dtype=int), 2).shape == (0, 2)
    assert metrics.one_hot(np.array([0]), 1).tolist() == [[1.0]]


@PROPERTY
@given(st.integers(1, 100), st.data())
def test_one_hot_and_plurality_are_inverse(classes, data):
    codes = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=20)))
    soft = metrics.one_hot(codes, classes)
    np.testing.assert_array_equal(metrics.plurality(soft).codes, codes)
    assert metrics.plurality_accuracy(soft, codes) == (1.0, 1.0)
    assert metrics.certain_fraction(soft) == 1.0


# Transition matrices


def symmetric(classes: int, rate: float) -> np.ndarray:
    off = rate / (classes - 1)
    return np.full((classes, classes), off) + (1.0 - rate - off) * np.eye(classes)


@pytest.mark.parametrize("classes", [2, 3, 100])
@pytest.mark.parametrize("rate", [0.0, 0.2, 1.0])
def test_symmetric_noise_has_its_closed_form_spectrum(classes, rate):
    transition = symmetric(classes, rate)
    smallest = abs(1.0 - rate * classes / (classes - 1))
    assert float(metrics.smallest_singular_value(transition)) == pytest.approx(smallest)
    assert float(metrics.condition_number(transition)) == pytest.approx(1.0 / smallest)
    assert bool(metrics.row_dominant(transition)) == (rate < (classes - 1) / classes)


def test_condition_number_agrees_with_the_norms_of_matrix_and_inverse():
    transition = dirichlet(5, rows=5, seed=4)
    norms = np.linalg.norm(transition, 2) * np.linalg.norm(np.linalg.inv(transition), 2)
    assert float(metrics.condition_number(transition)) == pytest.approx(norms)


@pytest.mark.parametrize(
    "transition",
    [np.full((3, 3), 1.0 / 3.0), np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.2, 0.25, 0.55]])],
)
def test_singular_matrices_are_infinitely_badly_conditioned(transition):
    assert np.isposinf(metrics.condition_number(transition))
    assert metrics.smallest_singular_value(transition) < 1e-15


def test_a_dominant_row_is_compared_with_each_other_class_not_their_sum():
    spread = np.array([[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4]])
    pair = np.array([[0.5, 0.5, 0.0], [0.0, 0.55, 0.45], [0.45, 0.0, 0.55]])
    assert metrics.row_dominant(spread)
    assert not metrics.row_dominant(pair)


def test_transition_diagnostics_of_one_class_and_of_a_matrix_per_row():
    one = np.ones((1, 1))
    assert (float(metrics.condition_number(one)), float(metrics.smallest_singular_value(one))) == (1.0, 1.0)
    assert metrics.row_dominant(one)
    matrices = np.stack([np.eye(3), symmetric(3, 0.2), symmetric(3, 2.0 / 3.0), symmetric(3, 1.0)])
    for diagnostic in (metrics.condition_number, metrics.smallest_singular_value, metrics.row_dominant):
        assert diagnostic(matrices).shape == (4,)
        np.testing.assert_array_equal(diagnostic(matrices), [diagnostic(matrix) for matrix in matrices])


# What is accepted and what is refused


def test_rows_within_the_tolerance_are_normalised_first():
    first, second = np.array([[0.5, 0.5]]), np.array([[0.5 + 4e-7, 0.5 + 4e-7]])
    assert metrics.total_variation(first, second)[0] == 0.0
    assert metrics.kullback_leibler(first, second)[0] == 0.0
    assert metrics.entropy(np.array([[1.0 + 9e-7, 0.0]]))[0] == 0.0


def test_single_precision_is_accepted_and_measured_in_double():
    soft = dirichlet(100).astype(np.float32)
    assert metrics.entropy(soft).dtype == np.float64
    np.testing.assert_allclose(metrics.entropy(soft), metrics.entropy(dirichlet(100)), atol=1e-5)


GOOD = np.array([[0.5, 0.5], [1.0, 0.0]])
NO_DISTRIBUTION = (
    "must hold probabilities from 0 to 1 whose rows sum to 1 within 1e-06, but row 1 sums to {} and its "
    "smallest value is {}; divide counts by the sum of their row."
)


@pytest.mark.parametrize(
    ("row", "total", "smallest"),
    [
        ([0.5, 0.37], "0.87", "0.37"),
        ([3.0, 1.0], "4", "1"),
        ([1.5, -0.5], "1", "-0.5"),
        ([1.0, -1e-9], "0.999999999", "-1e-09"),
        ([0.5, 0.500002], "1.000002", "0.5"),
        ([np.nan, 1.0], "nan", "nan"),
        ([np.inf, -np.inf], "nan", "-inf"),
        ([1e308, 1e308], "inf", "1e+308"),
    ],
)
def test_rows_that_are_no_distribution_are_refused(row, total, smallest):
    bad = np.array([[0.5, 0.5], row, [2.0, 2.0]])
    sentence = NO_DISTRIBUTION.format(total, smallest)
    with refuses(f"`soft` {sentence}"):
        metrics.entropy(bad)
    with refuses(f"`second` {sentence}"):
        metrics.total_variation(np.full((3, 2), 0.5), bad)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (1, 3, 3), ()])
def test_wrong_shapes_are_refused(shape):
    message = (
        f"`soft` must have shape (rows, classes), at least one of each, not {shape}; "
        "pass one row an object and one column a class."
    )
    with refuses(message):
        unchecked(metrics.margin)(np.ones(shape))


@pytest.mark.parametrize("other", [np.ones((2, 1)), np.ones((1, 1)), np.array([[0.5, 0.5]])])
def test_two_shapes_are_refused_and_never_broadcast(other):
    message = (
        f"Both arguments must have one shape, but `first` has (2, 2) and `second` has {other.shape}; "
        "pass the same rows and classes."
    )
    for measure in [*SYMMETRIC[:5], metrics.plurality_agreement, metrics.kullback_leibler]:
        with refuses(message):
            unchecked(measure)(GOOD, other)


def test_what_is_no_array_of_numbers_is_refused():
    with refuses("`soft` must hold real numbers, not type <U1; convert it first."):
        unchecked(metrics.entropy)(np.array([["a", "b"]]))
    with refuses("`soft` must hold real numbers, not type complex128; convert it first."):
        unchecked(metrics.entropy)(np.array([[1j, 1.0]]))
    with refuses("`soft` must be an array; make its rows equally long."):
        unchecked(metrics.entropy)([[0.5, 0.5], [1.0]])


@pytest.mark.parametrize(("bad", "held"), [(-1, "-1"), (2, "2")])
def test_codes_outside_the_classes_are_refused(bad, held):
    rest = f"must be from 0 to 1, but row 1 holds {held}; declare every class, and drop rows without a label."
    with refuses(f"`codes` {rest}"):
        metrics.one_hot(np.array([0, bad]), 2)
    with refuses(f"`hard_codes` {rest}"):
        metrics.plurality_accuracy(GOOD, np.array([0, bad]))


@pytest.mark.parametrize("codes", [np.array([0.0, 1.0]), np.array([[0], [1]]), np.array(["0", "1"])])
def test_labels_that_are_no_codes_are_refused(codes):
    message = (
        f"`codes` must be integer codes of shape (rows,), not {codes.dtype} of shape {codes.shape}; "
        "pass the position of each label among the declared classes."
    )
    with refuses(message):
        unchecked(metrics.one_hot)(codes, 2)


@pytest.mark.parametrize("number", [0, -1, 2.0, True, "2"])
def test_a_number_of_classes_that_is_none_is_refused(number):
    with refuses(f"`num_classes` must be an integer of at least 1, not {number!r}."):
        unchecked(metrics.one_hot)(np.array([0]), number)


def test_as_many_codes_as_rows_are_needed():
    with refuses("`hard_codes` must have one code per row of `soft`, 2, not 3."):
        unchecked(metrics.plurality_accuracy)(GOOD, np.array([0, 0, 0]))


DIAGNOSTICS = [metrics.condition_number, metrics.smallest_singular_value, metrics.row_dominant]


@pytest.mark.parametrize("diagnostic", DIAGNOSTICS)
def test_transposed_and_misshaped_transitions_are_refused(diagnostic):
    transition = np.array([[0.9, 0.1], [0.3, 0.7]])
    rest = "sums to 1.2 and its smallest value is 0.3; pass the true class along rows, not its transpose."
    start = "`transition` must hold probabilities from 0 to 1 whose rows sum to 1 within 1e-06, but"
    with refuses(f"{start} row 0 {rest}"):
        diagnostic(transition.T)
    with refuses(f"{start} row 0 of matrix 1 {rest}"):
        diagnostic(np.stack([transition, transition.T]))
    for shape in [(2, 3), (2,), (0, 0), (1, 1, 2, 2)]:
        message = (
            "`transition` must have shape (classes, classes) or (rows, classes, classes) and not be empty, "
            f"not {shape}; pass one row a true class and one column an observed class."
        )
        with refuses(message):
            unchecked(diagnostic)(np.full(shape, 0.5))


def test_measuring_does_not_load_jax():
    program = "import sys, synlabel_prob.metrics; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
