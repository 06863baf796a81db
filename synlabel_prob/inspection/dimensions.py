"""Names and labels of every dimension of a process, and datasets that carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..priors import FittedPrior
from ..process import FittedProcess
from ..table import Table

if TYPE_CHECKING:
    import xarray as xr

Named = tuple[tuple[str, ...], Any]


def coordinates(fitted: FittedProcess) -> dict[str, Any]:
    """The labels of every dimension, for `arviz.from_numpyro(mcmc, coords=...)` on a model of the process."""
    table, classes = fitted.table, labels_of(fitted.classes)
    found = {"row": labels_of(table.row_ids.tolist()), "class": classes, "true": classes, "observed": classes}
    found["other_class"] = np.arange(len(classes) - 1)
    found["observed_feature"] = labels_of([table.feature_names[place] for place in fitted.observed])
    if fitted.annotation is not None:
        found["annotator"] = labels_of(fitted.annotation.names)
    found |= _level_coordinates(table) | _theta_coordinates(fitted.prior)
    return found | {"hidden_feature": labels_of([table.feature_names[place] for place in fitted.resampled])}


def labels_of(values: Sequence[Any]) -> np.ndarray:
    """Labels of a dimension: whole numbers as they are, everything else as text."""
    if all(type(value) is int for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([str(value) for value in values], dtype=object)


def dataset(variables: dict[str, Named], known: Mapping[str, Any]) -> xr.Dataset:
    """Variables with the labels of their dimensions; those without labels are counted."""
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
