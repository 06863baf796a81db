"""A run as an xarray DataTree, the form that ArviZ reads: every dimension has a name and real labels.

The values are a pure function of the process, its table and the key: equal runs give equal trees and equal files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .._lazy import jax
from ..process import FittedProcess, Generated
from ..randomness import site_key
from .dimensions import Named, coordinates, dataset, labels_of
from .draws import by_chain, drawn, predictive_draws, rows_shown

if TYPE_CHECKING:
    import xarray as xr

_HIDDEN = ("sample", "row_shown", "hidden_feature")


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
        posterior_predictive: soft labels, standard errors, which rows are exact, counts by replicate (of the others),
            the soft labels after each node, the parameters of noise, annotators and observation that the run drew, the
            annotators' transitions, the label that each vote starts from, P(the row's observed set | y), and draws of
            the hidden features for at most 200 rows.
        observed_data: noisy hard labels as codes; where there are votes, each with the places of its row and annotator;
            where sets are observed, 1 for the classes in each; where features are recorded with noise, the observed
            ones as they are recorded.
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
    prior, posterior = drawn(fragments, site_key(key, "inspection.theta"), theta_draws)
    posterior |= fitted.prior.kept_draws()
    by_row = (("row",), None)  # what is drawn for each row has no draws in `prior`
    used = {name: (prior.get(name, by_row)[0], value) for name, value in generated.parameters.items()}
    shown = rows_shown(fitted.table.num_rows)
    hidden = np.swapaxes(predictive_draws(fitted, site_key(key, "inspection.hidden"), shown, hidden_draws), 0, 1)
    groups = {
        "prior": by_chain(prior),
        "posterior": by_chain(posterior),
        "posterior_predictive": {**_predictive(generated), **used, "hidden": (_HIDDEN, hidden)},
        "observed_data": _observed(fitted, generated),
        "constant_data": constants(fitted),
    }
    known = coordinates(fitted)
    known["row_shown"] = known["row"][shown]
    known["node"] = labels_of([entry.name for entry in generated.ledger])
    made = {name: dataset(variables, known) for name, variables in groups.items() if variables}
    describe(made, fitted)
    tree = xr.DataTree.from_dict({f"/{name}": dataset for name, dataset in made.items()})
    tree.attrs["title"] = title
    return tree


# --- draws of the parameters ------------------------------------------------------------------------


def _unknowns(fitted: FittedProcess) -> Callable:
    """A NumPyro fragment of everything that is unknown: theta and the noise parameters, from their priors."""

    def fragment() -> None:
        fitted.prior.sample_theta(posterior=False)
        for node in fitted.nodes:
            node.sample_parameters()
        if fitted.annotation is not None:
            fitted.annotation.sample_parameters()
        if fitted.observation is not None:
            fitted.observation.sample_parameters()

    return fragment


# --- the other groups -------------------------------------------------------------------------------


def _predictive(generated: Generated) -> dict[str, Named]:
    soft, by_class = generated.soft, ("row", "class")
    found: dict[str, Named] = {
        "soft_label": (by_class, soft.probabilities),
        "soft_label_standard_error": (by_class, soft.standard_error),
        "counts": (("row", "replicate", "class"), _light(soft.counts)),
        "evaluations": (("row",), np.asarray(soft.evaluations)),
        "exact": (("row",), soft.exact),
        "drawn_label": (("row",), generated.drawn_label),
    }
    if generated.ledger:
        found["noisy_soft_label"] = (("row", "node", "class"), generated.laws[:, 1:])
    if generated.votes is not None:
        found["vote_start"] = (("vote",), generated.vote_starts)
        found["annotator_transition"] = (("annotator", "true", "observed"), generated.annotator_transitions)
    if generated.observed_sets is not None:
        found["set_chance"] = (by_class, generated.set_chances)
    return found


def _light(counts: np.ndarray) -> np.ndarray:
    """Counts of labels as integers, sums of probabilities as they are."""
    return counts.astype(np.int32) if np.issubdtype(counts.dtype, np.integer) else counts


def _observed(fitted: FittedProcess, generated: Generated) -> dict[str, Named]:
    found: dict[str, Named] = {"noisy_hard_label": (("row",), generated.observed_hard.hard_labels)}
    if (votes := generated.votes) is not None:
        parts = {"vote_label": votes.labels, "vote_row": votes.rows, "vote_annotator": votes.annotators}
        found |= {name: (("vote",), values) for name, values in parts.items()}
    if (sets := generated.observed_sets) is not None:
        found["observed_set"] = (("row", "class"), sets.astype(np.int8))  # netCDF holds no truth values
    if fitted.process.feature_noise:
        found["noisy_feature"] = (("row", "observed_feature"), generated.observed_hard.view.features)
    return found


def constants(fitted: FittedProcess) -> dict[str, Named]:
    """What is known of every row of the table: resampled features, hidden or missing in some rows, included."""
    features = fitted.table.features
    found: dict[str, Named] = {
        "hidden": (("row", "hidden_feature"), features[:, list(fitted.resampled)]),
        "ground_truth_label": (("row",), fitted.labels),
    }
    if fitted.observed:
        found["observed"] = (("row", "observed_feature"), features[:, list(fitted.observed)])
    return found


def describe(groups: dict[str, Any], fitted: FittedProcess) -> None:
    """Levels and classes behind the codes, as JSON, because netCDF holds neither lists of lists nor truth values."""
    levels = {column.name: list(column.levels) for column in fitted.table.columns if column.kind != "continuous"}
    groups["constant_data"].attrs["levels"] = json.dumps(levels)
    for group in ("observed_data", "constant_data", "posterior_predictive"):
        groups[group].attrs["classes"] = json.dumps(list(fitted.classes))
