"""Theta in numbers, and in plain sentences why a fit should not be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._lazy import jax
from ..inference import Diagnostics
from ..process import FittedProcess
from ..randomness import site_key
from .calibration import calibration
from .fit import fit_datatree
from .theta import reference_places

if TYPE_CHECKING:
    import pandas as pd

LARGEST_R_HAT = 1.01
SMALLEST_SIZE, SMALLEST_SIZE_A_CHAIN = 400, 100
ROWS_A_REGRESSOR = 5
LARGEST_DEVIATION, LARGEST_P_VALUE = 0.15, 0.01


class Summary(NamedTuple):
    """A fit in numbers and words.

    Attributes:
        table: a row for each entry of theta: mean, standard deviation and 89% equal-tailed interval under the
            posterior, and R-hat, effective sample sizes and Monte Carlo errors where a Markov chain made the draws.
            Empty for priors without parameters.
        sentences: why the fit should not be trusted; none where nothing was found.
    """

    table: pd.DataFrame
    sentences: tuple[str, ...]


def summarise(fitted: FittedProcess, key: Any = None, *, theta_draws: int = 400) -> Summary:
    """ArviZ's summary of theta, and `cautions`; Monte Carlo.

    Args:
        fitted: the process.
        key: fixes the draws; seed 0 where there is none.
        theta_draws: of theta, where the fit kept none.
    """
    import arviz as az
    import pandas as pd

    key = jax.random.key(0) if key is None else key
    tree = fit_datatree(fitted, key, theta_draws=theta_draws)
    if "posterior" not in tree.children:
        return Summary(pd.DataFrame(), cautions(fitted, key))
    sampled = fitted.prior.diagnostics() is not None
    table: Any = az.summary(tree, kind="all" if sampled else "stats", round_to="none")
    return Summary(table, cautions(fitted, key))


def cautions(fitted: FittedProcess, key: Any) -> tuple[str, ...]:
    """Sentences on a fit that should not be trusted; none where nothing was found.

    Chains that disagree, few effective draws, divergences (Vehtari et al., Bayesian Analysis 16, 2021); fewer than 5
    reference rows a regressor; recorded hidden features that are no draws of the prior: a Kolmogorov-Smirnov distance
    of their uniforms above 0.15 that is no chance (1% over all hidden features); a law that the user stated was not
    fitted and is not judged.
    """
    found = fitted.prior.diagnostics()
    chains = () if found is None else cautions_of_chains(found)
    return (*chains, *_of_rows(fitted), *_of_calibration(fitted, site_key(key, "inspection.calibration")))


def cautions_of_chains(found: Diagnostics) -> tuple[str, ...]:
    """The sentences on draws of a Markov chain."""
    sentences = []
    if not found.largest_r_hat <= LARGEST_R_HAT:
        sentences.append(
            f"The chains of the prior's parameters disagree: the largest R-hat is {found.largest_r_hat:.3f} and should "
            f"be at most {LARGEST_R_HAT}: raise `draws` of the prior, or fit it another way."
        )
    enough = max(SMALLEST_SIZE, SMALLEST_SIZE_A_CHAIN * found.chains)
    if not found.smallest_effective_sample_size >= enough:
        sentences.append(
            f"The prior's parameters have few effective draws: the smallest effective sample size of {found.draws} "
            f"draws in {found.chains} chains is {found.smallest_effective_sample_size:.0f} and should be at least "
            f"{enough}: raise `draws` of the prior."
        )
    if found.divergences:
        sentences.append(
            f"{found.divergences} of {found.draws} draws of the prior's parameters diverged, so parts of the posterior "
            "may be missing: fit the prior another way, or choose other scales."
        )
    return tuple(sentences)


def _of_rows(fitted: FittedProcess) -> tuple[str, ...]:
    rows = len(reference_places(fitted))
    labels = [labels for name, labels in fitted.prior.coordinates().items() if name.startswith("regressor")]
    regressors = max(map(len, labels), default=0)
    if rows >= ROWS_A_REGRESSOR * regressors:
        return ()
    return (
        f"The prior has {regressors} regressors and {rows} reference rows, fewer than {ROWS_A_REGRESSOR} rows each, so "
        "its coefficients are hardly known: leave observed features out with `data.drop`, or use more rows.",
    )


def _of_calibration(fitted: FittedProcess, key: Any) -> tuple[str, ...]:
    found = calibration(fitted, key)
    if found is None:
        return ()
    stated = {fitted.process.hidden[place] for place in fitted.prior.stated}
    each = zip(found.features, found.deviation, found.p_value, strict=True)
    return tuple(
        f"The prior does not describe {name!r}: the uniforms that its recorded values turn into are up to "
        f"{deviation:.2f} away from uniform, and should be within {LARGEST_DEVIATION:g} (in sample, "
        f"{len(found.uniforms)} rows): use another prior for it."
        for name, deviation, p_value in each
        if name not in stated and deviation > LARGEST_DEVIATION and p_value < LARGEST_P_VALUE / len(found.features)
    )
