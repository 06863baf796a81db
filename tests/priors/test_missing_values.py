"""Priors that take missing values: exact where the law is known, better than what uses nothing, refused elsewhere."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from contracts import incomplete_table, mixed_table

from synlabel_prob import priors as p
from synlabel_prob.errors import Problems
from synlabel_prob.priors import base
from synlabel_prob.sources import Data, read_table
from synlabel_prob.table import Table
from synlabel_prob.testing import assert_uniform, check_missing_values, reference_rows

FAMILIES: dict[str, p.Prior] = {
    "chained": p.Chained(draws=10),
    "joint_mixture": p.JointMixture(components=4, draws=8, warmup=50),
    "gaussian_copula": p.GaussianCopula(),
}


def test_these_families_take_missing_values():
    assert {part.kind for part in base._families(p.Prior) if part.handles_missing} == set(FAMILIES)


@pytest.mark.parametrize(
    "name", ["gaussian_copula", *[pytest.param(name, marks=pytest.mark.slow) for name in ("chained", "joint_mixture")]]
)
def test_contract(name, key):
    check_missing_values(FAMILIES[name], reference_rows(incomplete_table(), ("income", "age")), key)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_contract_of_hidden_levels(name, key):
    check_missing_values(FAMILIES[name], reference_rows(incomplete_table(), ("region", "income")), key)


# --- a known law ----------------------------------------------------------------------------------------

COVARIANCE = np.array([[1.0, 0.6, 0.5, 0.3], [0.6, 1.0, 0.4, 0.5], [0.5, 0.4, 1.0, 0.2], [0.3, 0.5, 0.2, 1.0]])
ROWS = 1500


@functools.cache
def normal_table() -> Table:
    """Four correlated numbers; `c` and `d` are missing in a third and a fifth of the rows, at random."""
    generator = np.random.default_rng(0)
    values = generator.multivariate_normal(np.zeros(4), COVARIANCE, ROWS)
    frame = pd.DataFrame(values, columns=list("abcd"))
    frame.loc[generator.random(ROWS) < 1 / 3, "c"] = np.nan
    frame.loc[generator.random(ROWS) < 1 / 5, "d"] = np.nan
    return Table.from_frame(frame)


def exact_law(values: np.ndarray) -> tuple[float, float]:
    """Mean and deviation of `a` given what is known of a row's other features."""
    known = np.flatnonzero(~np.isnan(values[1:])) + 1
    gains = np.linalg.solve(COVARIANCE[np.ix_(known, known)], COVARIANCE[known, 0])
    return gains @ values[known], np.sqrt(1 - gains @ COVARIANCE[known, 0])


def drawn_moments(description: p.Prior, rows: np.ndarray, key) -> tuple[np.ndarray, np.ndarray]:
    """Of the hidden feature of some rows, over 4,000 draws."""
    reference = reference_rows(normal_table(), ("a",))
    generator = np.random.default_rng(1)
    with jax.enable_x64(True):
        prior = description.fit(reference, key)

        def one(index, uniforms, row):
            return prior.quantile(prior.theta_at(index), uniforms, row)[0]

        indices = generator.integers(prior.num_theta, size=4000)
        uniforms = generator.uniform(size=(4000, prior.uniform_dims))
        over_draws = jax.vmap(one, (0, 0, None))
        drawn = np.asarray(jax.jit(jax.vmap(over_draws, (None, None, 0)))(indices, uniforms, reference.row(rows)))
    return drawn.mean(1), drawn.std(1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gaussian_copula", "chained", "joint_mixture"])
def test_a_row_has_the_law_given_all_that_is_known_of_it(name, key):
    # Parameters that are learned from 1,500 rows move means by 0.03 deviations and deviations by 2%, 4,000 draws by
    # half of that; a family that left out what is known of `c` would be off by 0.2, one that left out `d` by 0.03.
    description = {**FAMILIES, "chained": p.Chained(), "joint_mixture": p.JointMixture(components=2, draws=40)}[name]
    rows = np.arange(60)
    values = normal_table().features[rows]
    assert len({tuple(pattern) for pattern in np.isnan(values)}) == 4
    means, deviations = drawn_moments(description, rows, key)
    exact = np.array([exact_law(row) for row in values])
    assert np.sqrt(np.mean((means - exact[:, 0]) ** 2)) < 0.1
    np.testing.assert_allclose(deviations, exact[:, 1], rtol=0.1)


# --- calibration over many data sets --------------------------------------------------------------------

LEARNED_FROM = 40


def simulated(seed: int) -> tuple[Table, np.ndarray]:
    """Rows under a normal law of their own, the first one judged: and its `a` and `b`, (2,).

    Of the other rows `b` is missing in a fifth and `c` in two fifths; the judged one has `c` and misses `b`, which
    comes before `c` in the chain: the case in which it is drawn by importance resampling.
    """
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(4, 4)) + np.eye(4)
    values = generator.normal(size=(1 + LEARNED_FROM, 4)) @ root.T + generator.normal(size=4)
    frame = pd.DataFrame(values, columns=list("abcd"))
    for name, share in (("b", 0.2), ("c", 0.4)):
        lost = 1 + generator.permutation(LEARNED_FROM)[: int(share * LEARNED_FROM)]
        frame.loc[lost, name] = np.nan
    frame.loc[0, "b"] = np.nan
    return Table.from_frame(frame), values[0, :2]


def judged(number: int) -> tuple[np.ndarray, np.ndarray]:
    """99 draws of `a` and `b` of the judged row given what the other rows taught, (number, 99, 2); the truth."""
    draws, truths = np.empty((number, 99, 2)), np.empty((number, 2))
    for seed in range(number):
        table, truths[seed] = simulated(seed)
        reference, generator = reference_rows(table, ("a",)), np.random.default_rng((1, seed))
        with jax.enable_x64(True):
            prior = p.Chained().fit(reference.take(slice(1, None)), jax.random.key(seed))
            row = reference.row(0)._replace(place=np.int64(-1))
            draws[seed] = draws_of_a_row(prior, generator.uniform(size=(99, prior.uniform_dims)), row)[:, :2]
    return draws, truths


@jax.jit
def draws_of_a_row(prior, uniforms, row):
    return jax.vmap(prior.quantile, (None, 0, None))(prior.theta_at(0), uniforms, row)


def assert_calibrated(draws: np.ndarray, truths: np.ndarray) -> None:
    ranks = (draws < truths[:, None]).sum(1)
    uniforms = (ranks + np.random.default_rng(2).uniform(size=ranks.shape)) / 100
    assert_uniform(np.concatenate([uniforms, np.abs(2 * uniforms - 1)], 1), false_alarm=1e-5)


@pytest.mark.slow
def test_a_chain_that_completes_is_calibrated():
    # 400 data sets: a cdf that is off by 0.14 anywhere fails. Five kept completions, 64 points to pick `b` from.
    draws, truths = judged(400)
    assert_calibrated(draws, truths)
    for wrong in (
        draws.mean(1, keepdims=True) + 0.5 * (draws - draws.mean(1, keepdims=True)),
        draws + draws.std(1)[:, None],
    ):
        with pytest.raises(AssertionError, match="disagree with the stated law"):
            assert_calibrated(wrong, truths)


# --- held-out rows of mixed kinds -----------------------------------------------------------------------


def held_out_log_scores(description: p.Prior, table: Table, hidden: tuple[str, ...], key) -> np.ndarray:
    """Of every third row under a fit to the others, theta averaged out."""
    reference = reference_rows(table, hidden)
    places = np.arange(table.num_rows)
    train, test = places[places % 3 > 0], places[places % 3 == 0]
    rows = reference.row(test)._replace(place=np.full(len(test), -1))
    with jax.enable_x64(True):
        prior = description.fit(reference.take(train), key)

        def one(values, row):
            logs = jax.lax.map(
                lambda index: prior.log_density(prior.theta_at(index), values, row), jnp.arange(prior.num_theta)
            )
            return jax.scipy.special.logsumexp(logs) - np.log(prior.num_theta)

        return np.asarray(jax.jit(jax.vmap(one))(reference.resampled[test], rows))


def complete(table: Table) -> Table:
    """Without the features that miss values."""
    kept = [place for place, name in enumerate(table.feature_names) if name not in table.missing()]
    columns = tuple(table.columns[place] for place in kept)
    return dataclasses.replace(table, columns=columns, features=table.features[:, kept])


def product(numbers: tuple[str, ...], levels: tuple[str, ...]) -> p.Prior:
    return p.Product((p.Block(numbers, p.KernelDensity()), p.Block(levels, p.Categorical())))


@functools.cache
def anes96() -> Table:
    return read_table(Data(table="anes96", drop=("popul",)))


MIXED = functools.partial(incomplete_table, 600, ("height", "size"))
NUMBERS, KINDS = ("income",), ("income", "region")
SURVEY = ("selfLR", "age")
CASES = {
    # the table, what is hidden, the conditional family and a marginal one of the same kinds
    "chained": (MIXED, ("age", "income"), p.Chained(), p.KernelDensity()),
    "chained_levels": (
        lambda: incomplete_table(600, ("height", "income")),
        ("age", "size"),
        p.Chained(),
        product(("age",), ("size",)),
    ),
    "joint_mixture": (MIXED, KINDS, p.JointMixture(draws=20), p.JointMixture("nothing", draws=20)),
    "gaussian_copula": (MIXED, NUMBERS, p.GaussianCopula(), p.GaussianCopula("nothing")),
    "chained_survey": (anes96, SURVEY, p.Chained(), product(("age",), ("selfLR",))),
    "joint_mixture_survey": (anes96, SURVEY, p.JointMixture(draws=20), p.JointMixture("nothing", draws=20)),
    "gaussian_copula_survey": (anes96, ("age",), p.GaussianCopula(), p.GaussianCopula("nothing")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_conditioning_on_what_is_known_beats_the_marginal_family(name, key):
    table, hidden, conditional, marginal = CASES[name]
    ours = held_out_log_scores(conditional, table(), hidden, key)
    theirs = held_out_log_scores(marginal, complete(table()), hidden, key)
    assert np.isfinite(ours).all()
    difference = ours - theirs
    assert difference.mean() > 2 * difference.std(ddof=1) / np.sqrt(len(difference))


# --- refusals -------------------------------------------------------------------------------------------

REFUSED = {
    "another family": (
        p.Histogram(),
        "features have missing values (height, size) and the prior 'histogram' does not handle them: use ",
    ),
    "the label": (
        p.Chained("observed_and_label"),
        "the prior 'chained' conditions on the ground-truth label, which a row that misses values lacks: use "
        '`conditions_on = "observed"`',
    ),
    "nothing": (p.JointMixture("nothing"), "conditions on nothing, so it has no law of the observed ones"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_do_with_missing_values_says_so(name):
    description, said = REFUSED[name]
    problems = Problems()
    description.report_missing(("height", "size"), problems)
    (sentence,) = problems.sentences
    assert said in sentence
    for way in ("fill them in", "drop the rows", "`data.drop`"):
        assert way in sentence


def test_nothing_is_said_of_a_table_that_misses_nothing():
    problems = Problems()
    p.Histogram().report_missing(mixed_table().missing(), problems)
    assert not problems.sentences
