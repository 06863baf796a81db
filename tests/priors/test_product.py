"""Products: each block as if it were alone, and what is wrong with a set of blocks."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import mixed_table
from numpyro.handlers import seed, trace

from synlabel_prob.errors import InputError, Problems
from synlabel_prob.priors import Block, Categorical, GaussianRegression, KernelDensity, Product, Uniform
from synlabel_prob.testing import reference_rows

REGRESSION = GaussianRegression()
BLOCKS = (Block(("region",), Categorical()), Block(("age", "income"), REGRESSION), Block(("height",), Uniform()))
HIDDEN = ("income", "height", "region", "age")


def test_blocks_are_what_they_would_be_alone(key):
    table = mixed_table()
    reference = reference_rows(table, HIDDEN)
    product = Product(BLOCKS).fit(reference, key)
    uniforms = np.array([0.3, 0.2, 0.9, 0.4])
    row = reference.row(5)
    with jax.enable_x64(True):
        drawn = dict(zip(HIDDEN, product.quantile(product.theta_at(0), uniforms, row), strict=True))
        hidden = np.array(list(drawn.values()))
        density, start = 0.0, 0
        for block, fitted in zip(BLOCKS, product.blocks, strict=True):
            own = fitted.quantile(fitted.theta_at(0), uniforms[start : start + len(block.features)], row)
            np.testing.assert_allclose([drawn[name] for name in block.features], own, rtol=1e-12)
            density += fitted.log_density(fitted.theta_at(0), own, row)
            start += len(block.features)
        np.testing.assert_allclose(product.log_density(product.theta_at(0), hidden, row), density, rtol=1e-12)
    assert product.uniform_dims == 4


def test_the_observed_features_of_a_block_are_those_of_the_product(key):
    product = Product(BLOCKS).fit(reference_rows(mixed_table(), HIDDEN), key)
    assert product.blocks[1].design.names == ("constant", "size=M", "size=L")


def test_several_blocks_of_one_kind_have_sites_of_their_own(key):
    blocks = (Block(("age",), REGRESSION), Block(("income",), REGRESSION))
    product = Product(blocks).fit(reference_rows(mixed_table(), ("income", "age")), key)
    sites = trace(seed(lambda: product.sample_theta(posterior=True), key)).get_trace()
    names = [name for name, site in sites.items() if site["type"] != "plate"]
    assert len(names) == 8
    assert all(name.startswith(("prior.block_0.", "prior.block_1.")) for name in names)


def test_a_block_with_one_theta_repeats_it(key):
    plug_in = GaussianRegression(fit_by="point")
    reference = reference_rows(mixed_table(), ("income", "age"))
    product = Product((Block(("age",), plug_in), Block(("income",), KernelDensity()))).fit(reference, key)
    assert product.num_theta == 1
    np.testing.assert_array_equal(product.theta_at(3)[0].coefficients, product.theta_at(0)[0].coefficients)


@pytest.mark.parametrize(
    ("priors", "conditions_on"),
    [
        ((Uniform(), Categorical()), "nothing"),
        ((Uniform(), GaussianRegression()), "observed"),
        ((GaussianRegression("observed_and_label"), GaussianRegression()), "observed_and_label"),
    ],
)
def test_it_conditions_on_what_any_block_does(priors, conditions_on):
    blocks = tuple(Block((str(number),), prior) for number, prior in enumerate(priors))
    assert Product(blocks).conditions_on == conditions_on


def problems_of(*blocks, hidden=("age", "income")):
    table, problems = mixed_table(), Problems()
    Product(tuple(Block(*block) for block in blocks)).report_problems(table, tuple(map(table.column, hidden)), problems)
    return problems.sentences


def test_blocks_that_do_not_fit_are_reported_all_at_once():
    assert problems_of((("age", "income"), Uniform())) == []
    assert problems_of((("age", "height"), Uniform()), (("age",), KernelDensity())) == [
        "`prior.blocks` names 'age' twice: each hidden feature belongs to one block.",
        "`prior.blocks` names 'height', which is not hidden: hidden are age, income.",
        "`prior.blocks` leaves out the hidden feature 'income': add it to a block.",
    ]
    (sentence,) = problems_of((("age",), Uniform()), (("region",), Uniform()), hidden=("age", "region"))
    assert sentence.startswith("the prior 'uniform' takes continuous features; 'region' (categorical)")


def test_an_empty_block_is_refused():
    with pytest.raises(InputError, match=r"^`features` must name at least one hidden feature; got none\.$"):
        Block((), Uniform())
