"""The contract of a prior over hidden features."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._lazy import jax, numpyro
from ..priors import Prior, Reference
from ..process.fitted import reference_rows as rows_of
from ..table import Table
from .parts import check_description, expect, expect_sentences, reported
from .prior_laws import FEW, Rows, check_density, check_inverse, check_levels, check_total_probability


def reference_rows(table: Table, hidden: tuple[str, ...]) -> Reference:
    """The table's rows as a prior sees them; the target stands in for the ground-truth labels, else the first class."""
    labels = np.zeros(table.num_rows, dtype=np.int64) if table.target is None else table.target
    return rows_of(hidden, table, labels, table.classes)


def check_prior(
    description: Prior,
    table: Table,
    key: Any,
    *,
    hidden: tuple[str, ...],
    num_draws: int = 10_000,
    tolerance: float = 1e-6,
    false_alarm: float = 1e-6,
    written: bool = True,
) -> None:
    """Everything that the contract of a prior promises, for one table and one choice of hidden features.

    The description is plain data and reports what does not fit. Fitted, it is a pytree; `quantile` and `pit` are each
    other's inverse and their slope is `log_density` (by automatic differentiation, so this part is exact); parameters
    drawn from their posterior average to the predictive law (Kolmogorov-Smirnov: with 10,000 draws a cdf that is off
    by 0.04 is seen in more than 99 of 100 runs); single precision agrees with double.

    Args:
        description: the prior.
        table: rows to fit it to.
        key: a JAX key.
        hidden: names of the features that it hides.
        num_draws: how many draws the checks of frequencies take.
        tolerance: how far `pit` may be from the uniform that `quantile` was given.
        false_alarm: the largest probability that a check of frequencies fails on a correct prior.
        written: False for a prior that a spec file cannot hold.
    """
    check_description(description, written=written)
    _check_report(description, table, hidden)
    fit_key, draw_key = jax.random.split(key)
    reference = reference_rows(table, hidden)
    with jax.enable_x64(True):
        rows = Rows.of(description.fit(reference, fit_key), reference, draw_key, num_draws)
        _check_structure(rows)
        _check_theta(rows, draw_key)
        for index in {0, rows.fitted.num_theta - 1}:
            theta = rows.fitted.theta_at(index)
            check_inverse(rows, theta, tolerance, false_alarm)
            check_density(rows, theta)
            check_levels(rows, theta, false_alarm)
        check_total_probability(rows, draw_key, false_alarm)
    _check_single_precision(rows, reference)


def _check_report(description: Prior, table: Table, hidden: tuple[str, ...]) -> None:
    columns = tuple(table.column(name) for name in hidden)
    sentences = reported(description.report_problems, table, columns)
    expect(not sentences, f"no problem must be reported for a table that fits; got {sentences}")
    for column in table.columns:
        if column.kind not in description.takes and column not in columns:
            expect_sentences(reported(description.report_problems, table, (*columns, column)), column.name)
    if description.conditions_on != "nothing":
        places = [int(place) for place in table.index(hidden)]
        only = dataclasses.replace(table, columns=columns, features=table.features[:, places])
        expect_sentences(reported(description.report_problems, only, columns), "observed features")


def _check_structure(rows: Rows) -> None:
    """Shapes, one theta at a time, and a pytree that can be taken apart, rebuilt and compiled over."""
    fitted, few = rows.fitted, rows.first(FEW)
    expect(fitted.num_theta >= 1, "a fitted prior needs at least one theta")
    expect(fitted.uniform_dims >= 1, "`quantile` needs a uniform at least")
    draws = few.draws(fitted.theta_at(0))
    expect(
        draws.shape == (FEW, len(rows.levels)), f"`quantile` must give one value a hidden feature; got {draws.shape}"
    )
    leaves, structure = jax.tree_util.tree_flatten(fitted)
    rebuilt = jax.tree_util.tree_unflatten(structure, leaves)
    expect(type(rebuilt) is type(fitted), f"rebuilt from its leaves it is a {type(rebuilt).__name__}")

    def as_argument(fitted: Any, index: Any, uniforms: Any, given: Any) -> Any:
        return jax.vmap(fitted.quantile, in_axes=(None, 0, 0))(fitted.theta_at(index), uniforms, given)

    compiled = jax.jit(as_argument)(rebuilt, 0, few.uniforms, few.given)
    np.testing.assert_allclose(compiled, draws, rtol=1e-9, atol=1e-9, err_msg="rebuilt, and as an argument")


def _check_theta(rows: Rows, key: Any) -> None:
    """Both laws of theta run as NumPyro programs, with their sites under `prior.`, and give a theta that works."""
    few = rows.first(FEW)
    for posterior in (True, False):
        made: list[Any] = []

        def program(posterior: bool = posterior, made: list[Any] = made) -> None:
            made.append(rows.fitted.sample_theta(posterior=posterior))

        sites = numpyro.handlers.trace(numpyro.handlers.seed(program, key)).get_trace()
        named = [name for name, site in sites.items() if site["type"] != "plate"]
        wrong = [name for name in named if not name.startswith("prior.")]
        expect(not wrong, f"sites of `sample_theta` must start with 'prior.'; got {wrong}")
        hidden = few.draws(made[0])
        expect(np.isfinite(hidden).all(), f"a sampled theta must give finite draws (posterior={posterior})")
        if rows.fitted.has_density:
            density = few.log_density(made[0], hidden)
            expect(np.isfinite(density).all(), f"a sampled theta must give its draws a density (posterior={posterior})")


def _check_single_precision(rows: Rows, reference: Reference) -> None:
    """In single precision the same calls give nearly the same numbers, away from the tails."""
    few = rows.first(FEW)
    inner = few.replace(uniforms=0.01 + 0.98 * few.uniforms)
    with jax.enable_x64(True):
        exact = inner.draws(rows.fitted.theta_at(0))
        density = inner.log_density(rows.fitted.theta_at(0), exact) if rows.fitted.has_density else np.zeros(FEW)
    with jax.enable_x64(False):
        single = inner.draws(rows.fitted.theta_at(0))
        again = inner.log_density(rows.fitted.theta_at(0), exact) if rows.fitted.has_density else density
    expect(single.dtype == np.float32, f"in single precision draws must be float32; got {single.dtype}")
    spread = reference.hidden.std(0)
    off = np.abs(single - exact) / np.where(spread > 0, spread, 1.0)
    # Where a uniform picks a component, one that lies at the edge of two may pick the other.
    allowed = 0.01 if rows.fitted.uniform_dims != len(rows.levels) else 0.0
    expect((off > 1e-3).mean() <= allowed, f"single precision is off by {off.max():.2g} standard deviations")
    np.testing.assert_allclose(again, density, atol=2e-3, rtol=1e-3, err_msg="log density in single precision")
