"""A run as an xarray DataTree, the form that ArviZ reads: every dimension has a name and real labels.

The values are a pure function of the process, its table and the key: equal runs give equal trees and equal files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ._lazy import jax, numpyro
from .errors import InputError
from .priors import FittedPrior
from .process import FittedProcess, Generated
from .randomness import row_uniforms, site_key
from .soft_labels.integrand import compiled_draws, point_dims
from .table import Table

if TYPE_CHECKING:
    import xarray as xr

_CHAINS = 4
_ROWS_SHOWN = 200

Named = tuple[tuple[str, ...], Any]


def coordinates(fitted: FittedProcess) -> dict[str, Any]:
    """The labels of every dimension, for `arviz.from_numpyro(mcmc, coords=...)` on a model of the process."""
    table, classes = fitted.table, labels_of(fitted.classes)
    found = {"row": labels_of(table.row_ids.tolist()), "class": classes, "true": classes, "observed": classes}
    found["other_class"] = np.arange(len(classes) - 1)
    found["observed_feature"] = labels_of([table.feature_names[place] for place in fitted.observed])
    found |= _level_coordinates(table) | _theta_coordinates(fitted.prior)
    return found | {"hidden_feature": labels_of(fitted.process.hidden)}


def labels_of(values: Sequence[Any]) -> np.ndarray:
    """Labels of a dimension: whole numbers as they are, everything else as text."""
    if all(type(value) is int for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([str(value) for value in values], dtype=object)


def to_datatree(
    fitted: FittedProcess,
    generated: Generated,
    key: Any = None,
    *,
    title: str = "",
    theta_draws: int = 400,
    hidden_draws: int = 100,
) -> xr.DataTree:
    """The run in ArviZ's groups; those that would be empty are left out.

    Groups:
        prior: draws of theta and of unknown noise parameters from their priors, (chain, draw, ...).
        posterior: draws of theta given the reference rows; independent ones, unless the prior was fitted by NUTS.
        posterior_predictive: soft labels, standard errors and counts by replicate, the soft labels after each node,
            the noise parameters that the run drew, and draws of the hidden features for at most 200 rows.
        observed_data: noisy hard labels as codes.
        constant_data: features as numbers or codes (their levels are in `attrs["levels"]`, JSON), ground-truth labels.

    Args:
        fitted: the process.
        generated: a run of it.
        key: fixes the draws; seed 0 where there is none.
        title: put into the attributes.
        theta_draws: of theta, in 4 chains.
        hidden_draws: of the hidden features, for each row that is shown.
    """
    import xarray as xr

    key = jax.random.key(0) if key is None else key
    fragments = (_unknowns(fitted), lambda: fitted.prior.sample_theta(posterior=True))
    prior, posterior = _drawn(fragments, site_key(key, "inspection.theta"), theta_draws)
    posterior |= fitted.prior.kept_draws()
    used = {name: (prior[name][0], value) for name, value in generated.parameters.items()}
    hidden = _hidden(fitted, site_key(key, "inspection.hidden"), hidden_draws)
    groups = {
        "prior": _by_chain(prior),
        "posterior": _by_chain(posterior),
        "posterior_predictive": {**_predictive(generated), **used, "hidden": hidden},
        "observed_data": {"noisy_hard_label": (("row",), generated.observed_hard.hard_labels)},
        "constant_data": _constant(fitted),
    }
    known = coordinates(fitted)
    known["row_shown"] = known["row"][_rows_shown(fitted)]
    known["node"] = labels_of([entry.name for entry in generated.ledger])
    made = {name: _dataset(variables, known) for name, variables in groups.items() if variables}
    _describe(made, fitted)
    tree = xr.DataTree.from_dict({f"/{name}": dataset for name, dataset in made.items()})
    tree.attrs["title"] = title
    return tree


def to_netcdf(tree: xr.DataTree) -> bytes:
    """The tree as a netCDF file, compressed; equal trees give equal bytes."""
    encoding = {
        node.path: {name: {"zlib": True, "complevel": 1} for name, it in node.data_vars.items() if it.ndim}
        for node in tree.subtree
    }
    written = tree.to_netcdf(engine="h5netcdf", encoding={path: own for path, own in encoding.items() if own})
    return bytes(written)  # pyright: ignore[reportArgumentType] - a memoryview, as no path is given


def read_datatree(path: str | Path) -> xr.DataTree:
    """The tree in a netCDF file, in memory.

    Raises:
        InputError: there is no such file, or it is none that netCDF can hold.
    """
    import xarray as xr

    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            return tree.load()
    except OSError as error:
        raise InputError(f"{str(path)!r} must be a netCDF file; it cannot be read: {error}.") from None


# --- draws of the parameters ------------------------------------------------------------------------


def _unknowns(fitted: FittedProcess) -> Callable:
    """A NumPyro fragment of everything that is unknown: theta and the noise parameters, from their priors."""

    def fragment() -> None:
        fitted.prior.sample_theta(posterior=False)
        for node in fitted.nodes:
            node.sample_parameters()

    return fragment


def _drawn(fragments: Sequence[Callable], key: Any, number: int) -> list[dict[str, Named]]:
    """The sites of NumPyro fragments, drawn `number` times; without those that choose one of the kept draws."""
    dims: dict[str, tuple[str, ...]] = {}

    def once(own: Any) -> list[dict[str, Any]]:
        return [_sites(fragment, jax.random.fold_in(own, place), dims) for place, fragment in enumerate(fragments)]

    # Compiled once for all and used once: optimising it would take longer than it saves.
    compiled = jax.jit(jax.vmap(once), compiler_options={"xla_backend_optimization_level": 0})
    with jax.enable_x64(True):
        drawn = compiled(jax.random.split(key, number))
    return [{name: (dims[name], np.asarray(value)) for name, value in values.items()} for values in drawn]


def _sites(fragment: Callable, key: Any, dims: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Values by site; what their dimensions are called is added to `dims`."""
    traced = numpyro.handlers.trace(numpyro.handlers.seed(fragment, key)).get_trace()
    sites = {name: site for name, site in traced.items() if site["type"] in ("sample", "deterministic")}
    kept = {name: site for name, site in sites.items() if not name.endswith(".draw")}
    dims.update({name: _site_dims(name, site) for name, site in kept.items()})
    return {name: site["value"] for name, site in kept.items()}


def _site_dims(name: str, site: Mapping[str, Any]) -> tuple[str, ...]:
    """From the site's plates and `event_dims`, as ArviZ reads them."""
    frames = sorted(site["cond_indep_stack"], key=lambda frame: frame.dim)
    named = (*(frame.name for frame in frames), *site.get("infer", {}).get("event_dims", ()))
    size = np.ndim(site["value"])
    return named if len(named) == size else tuple(f"{name}_dim_{axis}" for axis in range(size))


def _by_chain(variables: dict[str, Named]) -> dict[str, Named]:
    """Draws (draws, ...) as (chain, draw, ...); those that do not fill the chains are left out."""
    sizes = [len(values) for _, values in variables.values()]
    if not sizes:
        return {}
    chains = _CHAINS if min(sizes) >= 4 * _CHAINS else 1
    each = min(sizes) // chains
    return {
        name: (("chain", "draw", *dims), values[: chains * each].reshape(chains, each, *values.shape[1:]))
        for name, (dims, values) in variables.items()
    }


# --- the other groups -------------------------------------------------------------------------------


def _predictive(generated: Generated) -> dict[str, Named]:
    soft, by_class = generated.soft, ("row", "class")
    found: dict[str, Named] = {
        "soft_label": (by_class, soft.probabilities),
        "soft_label_standard_error": (by_class, soft.standard_error),
        "counts": (("row", "replicate", "class"), soft.counts.astype(np.int32)),
        "evaluations": (("row",), np.asarray(soft.evaluations)),
        "drawn_label": (("row",), generated.drawn_label),
    }
    if generated.ledger:
        found["noisy_soft_label"] = (("row", "node", "class"), generated.laws[:, 1:])
    return found


def _rows_shown(fitted: FittedProcess) -> np.ndarray:
    """Rows at even distances, because tables are often sorted by class."""
    rows = fitted.table.num_rows
    return np.unique(np.linspace(0, rows - 1, min(rows, _ROWS_SHOWN)).astype(np.int64))


def _hidden(fitted: FittedProcess, key: Any, number: int) -> Named:
    """Draws of the hidden features under the posterior predictive, (sample, row_shown, hidden_feature)."""
    rows, dims = fitted.rows.take(_rows_shown(fitted)), point_dims(fitted.prior)
    uniforms = row_uniforms(key, "hidden", rows.hashes, number * dims).reshape(len(rows), 1, number, dims)
    with jax.enable_x64(True):
        hidden = np.asarray(compiled_draws()(fitted.prior, uniforms, rows.given))
    return ("sample", "row_shown", "hidden_feature"), np.swapaxes(hidden[:, 0], 0, 1)


def _constant(fitted: FittedProcess) -> dict[str, Named]:
    features = fitted.table.features
    found: dict[str, Named] = {
        "hidden": (("row", "hidden_feature"), features[:, list(fitted.hidden)]),
        "ground_truth_label": (("row",), fitted.labels),
    }
    if fitted.observed:
        found["observed"] = (("row", "observed_feature"), features[:, list(fitted.observed)])
    return found


def _describe(groups: dict[str, Any], fitted: FittedProcess) -> None:
    """Levels and classes behind the codes, as JSON, because netCDF holds neither lists of lists nor truth values."""
    levels = {column.name: list(column.levels) for column in fitted.table.columns if column.kind != "continuous"}
    groups["constant_data"].attrs["levels"] = json.dumps(levels)
    for group in ("observed_data", "constant_data", "posterior_predictive"):
        groups[group].attrs["classes"] = json.dumps(list(fitted.classes))


# --- coordinates ------------------------------------------------------------------------------------


def _dataset(variables: dict[str, Named], known: Mapping[str, Any]) -> xr.Dataset:
    import xarray as xr

    arrays, sizes = {}, {}
    for name, (dims, values) in variables.items():
        dims = tuple(_file_name(dim) for dim in dims)
        arrays[_file_name(name)] = (dims, np.asarray(values))
        sizes |= dict(zip(dims, np.shape(values), strict=True))
    labels = {_file_name(name): values for name, values in known.items()}
    return xr.Dataset(arrays, {dim: labels.get(dim, np.arange(size)) for dim, size in sizes.items()})


def _file_name(name: str) -> str:
    """A name that netCDF takes: features and classes may have a slash in theirs, which separates groups there."""
    return name.replace("/", "_")


def _level_coordinates(table: Table) -> dict[str, Any]:
    return {f"level_{column.name}": labels_of(column.levels) for column in table.columns if column.kind != "continuous"}


def _theta_coordinates(prior: FittedPrior) -> dict[str, Any]:
    return {name: labels_of(labels) for name, labels in prior.coordinates().items()}


def differences(first: xr.DataTree, second: xr.DataTree) -> list[str]:
    """What differs between two trees, a clause each; NaN equals NaN."""
    groups = {"/": "the root"} | {node.path: node.path[1:] for tree in (first, second) for node in tree.subtree}
    found = []
    for path, shown in groups.items():
        if not (_has(first, path) and _has(second, path)):
            found.append(f"the group {shown} is on one side only.")
            continue
        before, now = first[path].to_dataset(), second[path].to_dataset()
        other = [
            name for name in sorted(map(str, {*before.variables, *now.variables})) if not _equal(before, now, name)
        ]
        found += [f"{name} in {shown} differs." for name in other]
        if not other and not before.identical(now):
            found.append(f"the attributes of {shown} differ.")
    return found


def _has(tree: xr.DataTree, path: str) -> bool:
    return path in {node.path for node in tree.subtree}


def _equal(before: xr.Dataset, now: xr.Dataset, name: Any) -> bool:
    both = name in before.variables and name in now.variables
    return both and before.variables[name].equals(now.variables[name])
