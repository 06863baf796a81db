"""All elements at once, or so many as fit, give what one after another gives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from synlabel_prob import devices


def each_in(numbers: int, *, processor: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, str]:
    """Sums of rows by `each`, and the program."""
    monkeypatch.setattr(devices, "is_processor", lambda: processor)
    values = jnp.arange(60).reshape(20, 3)
    program = jax.make_jaxpr(lambda parts: devices.each(lambda own: own[0].sum() * own[1], parts, numbers))
    parts = (values, jnp.arange(20))
    return np.asarray(devices.each(lambda own: own[0].sum() * own[1], parts, numbers)), str(program(parts))


@pytest.mark.parametrize("numbers", [1, 2**26, 2**40])
def test_elements_at_once_give_the_same(numbers, monkeypatch):
    one, in_turn = each_in(numbers, processor=True, monkeypatch=monkeypatch)
    other, at_once = each_in(numbers, processor=False, monkeypatch=monkeypatch)
    np.testing.assert_array_equal(one, other)
    assert "scan" in in_turn
    assert ("scan" in at_once) == (numbers * 20 > 2**28)  # no more at once than the memory holds


def test_here_programs_run_on_the_processor():
    assert devices.is_processor() == (jax.devices()[0].platform == "cpu")
