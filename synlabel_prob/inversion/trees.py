"""Draws of an inversion as an xarray DataTree, every dimension named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..inference import Draws
from ..inspection.dimensions import Named, dataset, labels_of
from .dominance import TRANSITION
from .gathering import varying
from .identified import Identifiability
from .models import CLASS_LAW, INTERCEPTS, WEIGHTS
from .observed import Observed
from .rows import RowPass

if TYPE_CHECKING:
    import xarray as xr

_DIMS = {CLASS_LAW: ("true_class",), WEIGHTS: ("feature", "true_class"), INTERCEPTS: ("true_class",)}


def to_datatree(observed: Observed, told: Identifiability, found: Draws, passed: RowPass) -> xr.DataTree:
    """The groups of an inversion.

    Groups:
        posterior: (chain, draw, ...) `transition` with dimensions ([annotator,] true_class, observed_class), of those
            annotators whose matrix can be told; `class_law`, or `weights` and `intercepts` of standardised features;
            `noise_rate`, `wrong_share`.
        posterior_predictive: `true_label` (row, true_class), the probability of each true class, and
            `wrong_probability` (row).
        sample_stats: what the sampler said of each draw.
        observed_data: `label` (row), `soft_label` (row, observed_class), or `votes` (vote) with `vote_row` and
            `vote_annotator`, as codes.
        constant_data: `features`, or `soft_label` of the true class, where there are any.
    """
    transition, dims = found.by_chain[TRANSITION], ("true_class", "observed_class")
    if observed.votes is not None:
        transition, dims = transition[:, :, told.told], ("annotator", *dims)
    shape = transition.shape[:2]
    posterior: dict[str, Named] = {TRANSITION: (("chain", "draw", *dims), transition)}
    posterior |= {
        name: (("chain", "draw", *own), found.by_chain[name]) for name, own in _DIMS.items() if name in found.by_chain
    }
    for name in ("noise_rate", "wrong_share"):
        posterior[name] = (("chain", "draw"), getattr(passed, name).reshape(shape))
    return tree_of(observed, posterior, passed, found, told.told)


def tree_of(
    observed: Observed, posterior: dict[str, Named], passed: RowPass, found: Draws, told: np.ndarray
) -> xr.DataTree:
    """The tree with these draws as its posterior."""
    import xarray as xr

    groups: dict[str, dict[str, Named]] = {
        "posterior": posterior,
        "posterior_predictive": {
            "true_label": (("row", "true_class"), passed.label_law),
            "wrong_probability": (("row",), passed.wrong),
        },
        "sample_stats": {name: (("chain", "draw"), values) for name, values in found.statistics.items()},
        "observed_data": _observed(observed),
        "constant_data": _constant(observed),
    }
    known = _coordinates(observed, told)
    made = {name: dataset(variables, known) for name, variables in groups.items() if variables}
    made["observed_data"].attrs["classes"] = json.dumps(list(observed.classes))
    return xr.DataTree.from_dict({f"/{name}": own for name, own in made.items()})


def _coordinates(observed: Observed, told: np.ndarray) -> dict[str, Any]:
    classes = labels_of(observed.classes)
    known = {"row": labels_of(observed.row_ids), "true_class": classes, "observed_class": classes}
    if observed.votes is not None:
        known["annotator"] = labels_of(observed.annotators)[told]
    if observed.features is not None:
        known["feature"] = labels_of(observed.feature_names)[varying(observed.features)]
    return known


def _observed(observed: Observed) -> dict[str, Named]:
    if observed.hard_labels is not None:
        return {"label": (("row",), observed.hard_labels)}
    if observed.observed_soft is not None:
        return {"soft_label": (("row", "observed_class"), observed.observed_soft)}
    votes = observed.votes
    parts = {"votes": votes.label, "vote_row": votes.row, "vote_annotator": votes.annotator}
    return {name: (("vote",), values) for name, values in parts.items()}


def _constant(observed: Observed) -> dict[str, Named]:
    if observed.features is not None:
        return {"features": (("row", "feature"), observed.features[:, varying(observed.features)])}
    if observed.soft_labels is not None:
        return {"soft_label": (("row", "true_class"), observed.soft_labels)}
    return {}
