"""The points of the evaluators: how many, whose, and how they are spread."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.randomness import row_hashes
from synlabel_prob.testing import assert_uniform, check_description

HASHES = row_hashes(np.arange(40))
EVALUATORS = {
    "monte carlo": s.MonteCarlo(draws=64),
    "quasi": s.QuasiMonteCarlo(draws=512),
    "preintegration": s.Preintegration(draws=512),
    "bisection": s.Bisection(draws=512, cells=100),
    "target": s.QuasiMonteCarlo(target_standard_error=0.01, replicates=4),
    "plain target": s.MonteCarlo(target_standard_error=0.01, largest_draws=2**12),
}


def points(evaluator, start, num, dims=3, hashes=HASHES, number=0):
    with jax.enable_x64(True):
        return np.asarray(evaluator.uniforms(jax.random.key(number), hashes, dims, start, num))


WITHOUT_POINTS = (s.Exact(), s.Automatic(draws=64, replicates=4), s.Automatic(target_standard_error=0.01))


@pytest.mark.parametrize("evaluator", [*EVALUATORS.values(), *WITHOUT_POINTS], ids=repr)
def test_descriptions(evaluator):
    check_description(evaluator)


def test_every_evaluator_is_tried():
    assert {type(evaluator) for evaluator in (*EVALUATORS.values(), *WITHOUT_POINTS)} == set(s.DESCRIPTIONS)


def test_what_is_not_exact_is_drawn_as_asked():
    asked = {"target_standard_error": 0.01, "largest_draws": 2**12, "replicates": 4}
    assert s.Automatic(**asked, largest_exact=7).sampler == s.QuasiMonteCarlo(**asked)
    assert s.Automatic(**asked, largest_exact=7).smooth_sampler == s.Preintegration(**asked)


@pytest.mark.parametrize("evaluator", EVALUATORS.values(), ids=EVALUATORS)
def test_points_are_uniform_and_each_row_has_its_own(evaluator):
    # False alarm 1e-6; a cdf that is off by 0.04 is seen. Points of one row's sequence are even more even.
    taken = points(evaluator, 0, 64)
    assert taken.shape == (40, evaluator.groups, 64, 3)
    assert taken.min() > 0 and taken.max() < 1
    assert_uniform(taken[:, :, 0].reshape(-1, 3))
    assert len(np.unique(taken[:, 0, 0, 0])) == 40
    np.testing.assert_array_equal(points(evaluator, 0, 64, hashes=HASHES[7:9]), taken[7:9])
    assert not np.isin(points(evaluator, 0, 64, number=1), taken).any()


@pytest.mark.parametrize(("draws", "replicates", "each"), [(1000, 8, 128), (1024, 8, 128), (1025, 8, 256), (1, 8, 1)])
def test_draws_are_rounded_up(draws, replicates, each):
    assert s.QuasiMonteCarlo(draws=draws, replicates=replicates).points_per_group() == each
    assert s.MonteCarlo(draws=draws).points_per_group() == draws


@pytest.mark.parametrize(("cells", "start"), [(2, 2), (100, 128), (256, 256)])
def test_cells_are_rounded_up(cells, start):
    assert s.Bisection(cells=cells).start == start


def test_quasi_points_are_a_net_in_every_coordinate():
    taken = points(EVALUATORS["quasi"], 0, 64)
    cells = np.sort(np.floor(taken * 64), axis=2)
    np.testing.assert_array_equal(cells, np.broadcast_to(np.arange(64)[:, None], cells.shape))


def test_quasi_points_do_not_depend_on_the_pieces():
    evaluator = EVALUATORS["quasi"]
    pieces = [points(evaluator, start, 16) for start in range(0, 64, 16)]
    np.testing.assert_array_equal(np.concatenate(pieces, 2), points(evaluator, 0, 64))


def test_pieces_of_plain_draws_differ():
    evaluator = EVALUATORS["monte carlo"]
    assert not np.isin(points(evaluator, 16, 16), points(evaluator, 0, 16)).any()


def test_blocks_cover_the_points_once():
    assert s.MonteCarlo(draws=10).blocks(4) == [(0, 4), (4, 4), (8, 2)]
    doubling = s.MonteCarlo(target_standard_error=0.1, largest_draws=100)
    assert doubling.further_blocks(32, 20) == [(32, 20), (52, 12)]
    assert doubling.further_blocks(64, 20) == []


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: s.MonteCarlo(draws=10, target_standard_error=0.1), "exclude each other"),
        (lambda: s.MonteCarlo(draws=10, target_plurality=0.9), "`draws` and target_plurality exclude each other"),
        (lambda: s.QuasiMonteCarlo(target_plurality=0.3), "`target_plurality` must be at least 0.5"),
        (lambda: s.MonteCarlo(draws=0), "`draws` must be at least 1; got 0"),
        (lambda: s.QuasiMonteCarlo(draws=-3), "`draws` must be at least 1"),
        (lambda: s.QuasiMonteCarlo(draws=2.5), "`draws` must be a whole number"),
        (lambda: s.QuasiMonteCarlo(replicates=1), "`replicates` must be at least 2"),
        (lambda: s.Bisection(cells=1), "`cells` must be at least 2"),
        (lambda: s.MonteCarlo(target_standard_error=0.0), "`target_standard_error` must be above 0"),
    ],
)
def test_what_is_no_evaluator(build, said):
    with pytest.raises(InputError, match=said):
        build()
