"""Rows by themselves get what they get among all others, to the last bit."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from contracts import margin
from runs import iris, over_iris

from synlabel_prob import feature_noise as f
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob.errors import InputError
from synlabel_prob.process import FittedProcess, Generated, by_row, fit, generate, generate_by_row
from synlabel_prob.soft_labels import QuasiMonteCarlo

KEY, FEW = jax.random.key(5), QuasiMonteCarlo(draws=64)
NOISE = (n.Symmetric(0.2), n.Temperature(1.7), n.DirichletPerturbation(9.0))
PROCESSES = {
    "on soft labels": lambda: over_iris(*NOISE, observation=o.Candidates(0.2)),
    "with the label": lambda: over_iris(margin(0.2), n.Overprediction(0.1)),
}


@functools.cache
def made(name: str) -> tuple[FittedProcess, Generated]:
    """A fitted process and its run over all rows."""
    fitted = fit(PROCESSES[name](), iris())
    return fitted, generate_by_row(fitted, KEY, FEW)


def arrays(made: Generated) -> dict[str, np.ndarray]:
    """All that has a row for each row."""
    ledger = {f"{it.name}.{name}": getattr(it, name) for it in made.ledger for name in ("before", "after")}
    flips = {f"{it.name}.flip": it.flip_probability for it in made.ledger}
    own = {"soft": made.partial.soft_labels, "noisy": made.observed_soft.soft_labels, "changes": made.expected_changes}
    hard = {"hard": made.observed_hard.hard_labels, "drawn": made.drawn_label, "laws": made.laws}
    matrices = {f"T{place}": it for place, it in enumerate(made.transitions) if it.ndim == 3}
    sets = {} if made.observed_sets is None else {"sets": made.observed_sets, "chances": made.set_chances}
    return {**own, **hard, **ledger, **flips, **matrices, **sets}


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("tile", [pytest.param(64, marks=pytest.mark.slow), by_row.TILE_ROWS])
def test_some_rows_are_the_same_rows_of_all(name, tile, monkeypatch):
    fitted, _ = made(name)
    monkeypatch.setattr(by_row, "TILE_ROWS", tile)
    whole = arrays(generate_by_row(fitted, KEY, FEW))
    places = np.arange(37, 139)[::-1]
    some = arrays(generate_by_row(fitted.on(fitted.table.take(places)), KEY, FEW))
    assert whole.keys() == some.keys()
    for part in whole:
        assert np.array_equal(some[part], whole[part][places]), part


@pytest.mark.parametrize("name", PROCESSES)
def test_it_is_the_run_of_all_rows_at_once(name):
    fitted, found = made(name)
    whole = generate(fitted, KEY, FEW)
    assert np.array_equal(found.partial.soft_labels, whole.partial.soft_labels)
    assert np.array_equal(found.partial.standard_error, whole.partial.standard_error)
    first, second = arrays(found), arrays(whole)
    assert first.keys() == second.keys()
    for part in first:
        if first[part].dtype.kind == "f":
            np.testing.assert_allclose(first[part], second[part], rtol=1e-9, atol=1e-12, err_msg=part)
        else:  # a uniform lies within rounding of a boundary with probability below 1e-12
            assert np.array_equal(first[part], second[part]), part
    assert found.ground_truth.view.sha256() == whole.ground_truth.view.sha256()
    assert {name: it.tolist() for name, it in found.parameters.items()} == {
        name: it.tolist() for name, it in whole.parameters.items()
    }


def test_noise_on_features_is_refused():
    fitted = fit(over_iris(feature_noise=(f.Gaussian(0.1),)), iris())
    with pytest.raises(InputError, match="Noise on features goes by the values of all rows"):
        generate_by_row(fitted, KEY, FEW)
