"""Destinations that are the same for every row, against their matrices."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from noise_examples import setting_of, towards_of, transition_of
from quick import only
from runs import iris, over_iris

from synlabel_prob import noise as n
from synlabel_prob.errors import InputError
from synlabel_prob.process import fit, generate
from synlabel_prob.soft_labels import QuasiMonteCarlo


def shares(description: n.Destination, classes: int = 4) -> np.ndarray:
    return towards_of(description.fit(setting_of(classes)))


def test_pair_45():
    transition = transition_of(n.Flips(0.45, None, n.ToNext()), setting_of(4))
    expected = [[0.55, 0.45, 0, 0], [0, 0.55, 0.45, 0], [0, 0, 0.55, 0.45], [0.45, 0, 0, 0.55]]
    np.testing.assert_allclose(transition, expected, atol=1e-15)
    above = transition_of(n.Flips(0.51, None, n.ToNext()), setting_of(4))
    np.testing.assert_array_equal(above.argmax(1), (np.arange(4) + 1) % 4)


def test_two_classes_are_symmetric_whatever_the_destination():
    expected = transition_of(n.Symmetric(0.2), setting_of(2))
    for destination in (n.ToNext(), n.ToNear(), n.ToFar(), n.ToSides(0.3), n.ToFrequent(), n.ToSimilar()):
        np.testing.assert_allclose(
            transition_of(n.Flips(0.2, None, destination), setting_of(2)),
            expected,
            atol=1e-15,
            err_msg=str(destination),
        )


def test_order():
    np.testing.assert_array_equal(shares(n.ToNext(circular=False), 3), [[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    decay = np.exp(-np.arange(1, 4) / 2)
    np.testing.assert_allclose(shares(n.ToNear(2.0))[0], [0, *(decay / decay.sum())], rtol=1e-12)
    np.testing.assert_allclose(shares(n.ToNear(1e-3)), shares(n.ToSides()), atol=1e-15)
    np.testing.assert_allclose(shares(n.ToNear(1e9)), shares(n.ToOthers()), atol=1e-8)
    np.testing.assert_allclose(shares(n.ToFar())[1], [1 / 4, 0, 1 / 4, 2 / 4])
    np.testing.assert_allclose(shares(n.ToSides(0.7), 3), [[0, 1, 0], [0.3, 0, 0.7], [0, 1, 0]])
    np.testing.assert_allclose(shares(n.ToSides(0.0), 3), [[0, 1, 0], [1, 0, 0], [0, 1, 0]])


def test_given_classes_groups_and_a_default():
    given = n.ToClasses({"c0": {"c1": 1.0}, "c3": {"c0": 3.0, "c2": 1.0}})
    np.testing.assert_allclose(shares(given), [[0, 1, 0, 0], [0] * 4, [0] * 4, [0.75, 0, 0.25, 0]])
    grouped = n.ToGroup((("c0", "c3", "c1"),))
    np.testing.assert_allclose(shares(grouped), [[0, 0.5, 0, 0.5], [0.5, 0, 0, 0.5], [0] * 4, [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(shares(n.ToDefault("c1"), 3), [[0, 1, 0], [0, 0, 0], [0, 1, 0]])


def test_frequent_classes():
    setting = setting_of(3)
    labels = np.repeat([0, 1, 2], [100, 60, 40])
    found = n.ToFrequent().fit(n.Setting(setting.table, setting.ground_truth, labels)).shares
    np.testing.assert_allclose(found, [[0, 0.6, 0.4], [5 / 7, 0, 2 / 7], [5 / 8, 3 / 8, 0]])
    alone = n.ToFrequent().fit(n.Setting(setting.table, setting.ground_truth, np.zeros(200, int))).shares
    np.testing.assert_allclose(alone, [[0, 0.5, 0.5], [1, 0, 0], [1, 0, 0]])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: n.ToClasses({}), "at least one class and where it goes"),
        (lambda: n.ToClasses({"a": {"a": 1.0}}), r"classes\.a goes to itself"),
        (lambda: n.ToClasses({"a": {"b": 0.0}}), r"classes\.a` must name at least one class with a share above 0"),
        (lambda: n.ToGroup((("a",), ("b",))), "at least one group of two"),
        (lambda: n.ToGroup((("a", "b"), ("b", "c"))), "names 'b' twice"),
        (lambda: n.ToNear(0.0), "scale"),
        (lambda: n.ToSides(1.5), "up"),
    ],
)
def test_destinations_that_are_none_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()


BOTH = (n.ToNext(circular=False), n.ToOthers())


@pytest.mark.parametrize("destination", only(BOTH[:1], BOTH))
def test_the_same_destinations_for_all_rows_go_with_a_weight_by_features(destination):
    """Averaged with the label in one program, whether or not a class stays (virginica, the last one, has no next)."""
    fitted = fit(over_iris(n.Flips(0.2, n.ByMargin(), destination)), iris())
    made = generate(fitted, jax.random.key(0), QuasiMonteCarlo(draws=64))
    before, after, left = made.laws[:, 0], made.laws[:, 1], made.expected_changes[:, 0]
    assert left.mean() > 0.1
    # What leaves a row's classes in all is at least what they lose on balance.
    assert (left >= (before - after).clip(0).sum(1) - 1e-12).all()
    stays = isinstance(destination, n.ToNext)
    assert ((after - before)[:, 2] >= -1e-12).all() == stays
