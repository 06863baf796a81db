"""The fit of a prior alone as a DataTree: what it believed, what it learned, and what that says of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._lazy import jax
from ..priors import FittedPrior
from ..process import FittedProcess
from ..randomness import site_key
from .dimensions import Named, coordinates, dataset
from .draws import by_chain, rows_shown
from .theta import Pass, reference_places, run_pass, theta_sites
from .trees import constants, describe

if TYPE_CHECKING:
    import xarray as xr

DENSITY_ROWS = 10_000
"""The most rows whose log density is stored, one number for each draw of theta."""


def fit_datatree(fitted: FittedProcess, key: Any = None, *, title: str = "", theta_draws: int = 400) -> xr.DataTree:
    """The fit of the prior in ArviZ's groups; Monte Carlo, and those that would be empty are left out.

    Groups:
        prior, posterior: sites of theta, (chain, draw, ...). Draws that a fit kept come as they are, in their chains;
            else independent draws, in 4. Priors without parameters have neither; a point that was plugged in is one
            draw.
        prior_predictive, posterior_predictive: `hidden` (chain, draw, row, hidden_feature), one draw of at most 200
            reference rows with each theta. Without parameters both are one law, and the first is left out.
        log_likelihood: `hidden` (chain, draw, row), the log density of each reference row's hidden features given
            theta, exact; for at most 10,000 rows at even distances, and where the prior has a density.
        sample_stats: what the sampler said of each draw that was kept.
        observed_data: `hidden` (row, hidden_feature) of the reference rows.
        constant_data: as in `to_datatree`.

    Args:
        fitted: the process.
        key: fixes the draws; seed 0 where there is none.
        title: put into the attributes.
        theta_draws: of theta, where the fit kept none.
    """
    key = jax.random.key(0) if key is None else key
    prior, places = fitted.prior, reference_places(fitted)
    shown, dense = places[rows_shown(len(places))], places[rows_shown(len(places), DENSITY_ROWS)]
    groups: dict[str, dict[str, Named]] = {}
    if theta_sites(prior, posterior=False):
        before = run_pass(fitted, site_key(key, "fit.prior"), theta_draws, shown, posterior=False)
        groups |= {"prior": by_chain(before.theta), "prior_predictive": _hidden(before, None)}
    groups |= _after(fitted, site_key(key, "fit.posterior"), theta_draws, shown, dense)
    statistics = {name: (("chain", "draw"), values) for name, values in prior.sample_statistics().items()}
    constant = constants(fitted)
    groups |= {"sample_stats": statistics, "observed_data": {"hidden": _taken(constant.pop("hidden"), places)}}
    groups["constant_data"] = {name: _taken(named, places) for name, named in constant.items()}
    rows = {"prior_predictive": shown, "posterior_predictive": shown, "log_likelihood": dense}
    return _tree(groups, rows, fitted, title)


def _after(
    fitted: FittedProcess, key: Any, number: int, shown: np.ndarray, dense: np.ndarray
) -> dict[str, dict[str, Named]]:
    """The groups given the reference rows; one density where theta is the same in every draw."""
    prior, found = fitted.prior, fitted.prior.diagnostics()
    chains = None if found is None else found.chains
    number = number if found is None else found.draws
    varies = found is not None or bool(theta_sites(prior, posterior=True))
    density = dense if prior.has_density else None
    drawn = run_pass(fitted, key, number, shown, posterior=True, density=density if varies else None)
    logs = drawn.log_density
    if density is not None and not varies:
        logs = run_pass(fitted, key, 1, shown[:1], posterior=True, density=density).log_density
    theta = {**drawn.theta, **_kept(prior, number if varies else 1)}
    groups = {"posterior": by_chain(theta, chains), "posterior_predictive": _hidden(drawn, chains)}
    if logs is not None:
        groups["log_likelihood"] = by_chain({"hidden": (("row",), logs)}, chains)
    return groups


def _kept(prior: FittedPrior, number: int) -> dict[str, Named]:
    """The draws that a fit kept, in the places that `run_pass` asks for."""
    return {
        name: (dims, np.asarray(values)[np.minimum(np.arange(number), len(values) - 1)])
        for name, (dims, values) in prior.kept_draws().items()
    }


def _hidden(drawn: Pass, chains: int | None) -> dict[str, Named]:
    return by_chain({"hidden": (("row", "hidden_feature"), drawn.hidden)}, chains)


def _taken(named: Named, places: np.ndarray) -> Named:
    dims, values = named
    return dims, np.asarray(values)[places]


def _tree(groups: dict[str, dict[str, Named]], rows: dict[str, np.ndarray], fitted: FittedProcess, title: str) -> Any:
    """The tree; groups may hold other rows each."""
    import xarray as xr

    known, every = coordinates(fitted), reference_places(fitted)
    made = {}
    for name, variables in groups.items():
        if variables:
            places = rows.get(name, every)
            made[name] = dataset(variables, known | {"row": known["row"][places]})
            if "row" in made[name].dims:
                made[name].attrs["rows_left_out"] = len(every) - len(places)
    describe(made, fitted)
    tree = xr.DataTree.from_dict({f"/{name}": own for name, own in made.items()})
    tree.attrs["title"] = title
    return tree
