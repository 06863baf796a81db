"""Laws against the NumPyro distributions they stand for, and everything that can be said in place of one."""

from __future__ import annotations

import dataclasses
import re

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from pydantic import TypeAdapter

from synlabel_prob import laws
from synlabel_prob.descriptions import description, to_plain
from synlabel_prob.errors import InputError

LAWS = {
    "Beta": (laws.Beta(2, 8), dist.Beta(2.0, 8.0)),
    "Uniform": (laws.Uniform(-1, 3), dist.Uniform(-1.0, 3.0)),
    "Normal": (laws.Normal(1, 2), dist.Normal(1.0, 2.0)),
    "HalfNormal": (laws.HalfNormal(0.5), dist.HalfNormal(0.5)),
    "LogNormal": (laws.LogNormal(0, 1), dist.LogNormal(0.0, 1.0)),
    "Gamma": (laws.Gamma(2, 3), dist.Gamma(2.0, 3.0)),
    "Exponential": (laws.Exponential(4), dist.Exponential(4.0)),
}


def test_every_family_is_in_the_table():
    assert set(LAWS) == set(laws.families())


@pytest.mark.parametrize("name", LAWS)
def test_a_law_builds_its_distribution_and_comes_back_from_it(name):
    law, distribution = LAWS[name]
    assert type(law.build()) is type(distribution)
    inside = distribution.sample(jax.random.key(0), (20,))
    np.testing.assert_array_equal(law.build().log_prob(inside), distribution.log_prob(inside))
    assert laws.read(distribution) == law


@pytest.mark.parametrize("name", LAWS)
def test_a_law_is_plain_data(name):
    law, _ = LAWS[name]
    plain = to_plain(law)
    assert next(iter(plain)) == "dist"
    assert laws.read(plain) == law
    assert TypeAdapter(type(law)).validate_python(plain) == law
    assert eval(repr(law), laws.families()) == law


@pytest.mark.parametrize("name", LAWS)
def test_the_support_is_numpyros(name):
    law, distribution = LAWS[name]
    low, high = law.support()
    for value in (-0.5, 0.5, 1.5, 3.5):
        assert (low <= value <= high) == bool(distribution.support(jnp.array(value)))


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), (0.25, 0.25), (np.float32(0.5), 0.5), (jnp.array(2.0), 2.0)])
def test_numbers_of_all_kinds_are_numbers(value, expected):
    assert laws.read(value) == expected
    assert type(laws.read(value)) is float


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, 'must be a number or a law such as { dist = "Beta", ... }; got true.'),
        ("0.2", "must be a number or a law such as { dist = \"Beta\", ... }; got '0.2'."),
        ([0.1, 0.2], "must be a number or a law; got [0.1, 0.2]."),
        ({"dist": "Betta"}, "names the law 'Betta', which is not known: did you mean 'Beta'?"),
        ({"rate": 1.0}, "names the law None, which is not known: there is Beta, Uniform, "),
        (dist.Laplace(0.0, 1.0), "is the NumPyro distribution Laplace, which is not known: there is Beta, "),
    ],
)
def test_what_is_no_parameter_is_refused(value, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        laws.read(value)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: laws.Beta(0, 1), "`concentration1` must be above 0; got 0."),
        (lambda: laws.Normal(0), "`scale` is missing: it has no default, so give it."),
        (lambda: laws.Uniform(2, 2), "must be below"),
        (
            lambda: laws.read({"dist": "Gamma", "concentration": 1, "rat": 1}),
            "`rat` is not known: did you mean 'rate'?",
        ),
    ],
)
def test_wrong_arguments_are_named(build, message):
    with pytest.raises(InputError, match=re.escape(message)):
        build()


@description
class Holder:
    """A part with a probability that may be unknown."""

    rate: laws.UnitParameter


@pytest.mark.parametrize("rate", [0.0, 1, 0.3, laws.Beta(1, 2), laws.Uniform(0.1, 0.4), dist.Beta(1.0, 2.0)])
def test_a_unit_parameter_is_a_probability_or_a_law_on_the_unit_interval(rate):
    held = Holder(rate)
    assert TypeAdapter(Holder).validate_python(to_plain(held)) == held
    assert dataclasses.replace(held) == held


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan"), laws.Uniform(0, 2), laws.Normal(0, 1)])
def test_a_unit_parameter_is_nothing_else(rate):
    with pytest.raises(InputError, match=r"^`rate` must be a number from 0 to 1, or a law on \[0, 1\]; got "):
        Holder(rate)
