"""A process fitted to a table: every part with what it learned, and the NumPyro models that they make up."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .._lazy import jax
from ..annotators import FittedAnnotation
from ..arrays import Codes, SetArray, SoftLabelArray
from ..errors import InputError
from ..feature_noise import acted_on
from ..ground_truth import GroundTruthFunction
from ..noise import FittedNoise, Setting
from ..observations import FittedObservation
from ..priors import FittedPrior, Reference
from ..randomness import row_hashes, row_uniforms, site_key
from ..soft_labels import Rows
from ..soft_labels.integrand import compiled_draws, point_dims
from ..table import Column, Table
from . import models
from .description import Process, integrated, report_problems
from .fixed_draws import FixedDraws


@dataclasses.dataclass(frozen=True, eq=False)
class FittedProcess:
    """The fitted parts. `labels (rows,)` are the ground truth's codes; `nodes` are in the order of the process.

    `reference_ids` are the ids of the rows that the prior was fitted to. `completed` is the table of D^G where the
    user's misses values: one draw of each, given all that is known of its row; it is None where nothing is missing.
    `annotation` knows which annotator labels which row; it is None where nobody does. `observation` is what
    is recorded of the labels; it is None where they are observed as they are.

    `model`, `prior_model`, `soft_model` and `marginal_model` are plain NumPyro models.
    """

    process: Process
    table: Table
    ground_truth: GroundTruthFunction
    labels: Codes
    prior: FittedPrior
    nodes: tuple[FittedNoise, ...]
    reference_ids: np.ndarray
    completed: Table | None = None
    annotation: FittedAnnotation | None = None
    observation: FittedObservation | None = None

    def on(self, table: Table) -> FittedProcess:
        """The same fitted parts for other rows of the same columns, which miss no value.

        An annotation belongs to the rows that it was fitted to, and so does what misses values: neither may be there.
        """
        with jax.enable_x64(True):
            labels = np.asarray(self.ground_truth.labels(table.features)).astype(np.int64)
        return dataclasses.replace(self, table=table, labels=labels)

    @property
    def truth_table(self) -> Table:
        """The features that the ground truth has labelled: those of the table, without a missing value."""
        return self.table if self.completed is None else self.completed

    @property
    def classes(self) -> tuple:
        """The declared classes, in the order of the codes."""
        return self.ground_truth.classes

    @functools.cached_property
    def hidden(self) -> tuple[int, ...]:
        """Places of the hidden features among all."""
        return tuple(int(place) for place in self.table.index(self.process.hidden))

    @functools.cached_property
    def observed(self) -> tuple[int, ...]:
        """Places of the observed features among all."""
        return tuple(place for place in range(len(self.table.columns)) if place not in self.hidden)

    @functools.cached_property
    def observed_table(self) -> Table:
        """The observed features of the table, without noise on them."""
        return self.table.select([self.table.feature_names[place] for place in self.observed])

    @property
    def noisy_features(self) -> tuple[str, ...]:
        """Names of the observed features that noise on features acts on, in the order of the table."""
        return acted_on(self.observed_table, self.process.feature_noise)

    @functools.cached_property
    def incomplete(self) -> tuple[int, ...]:
        """Places of the observed features that some rows miss."""
        return tuple(_incomplete(self.table, self.observed))

    @property
    def resampled(self) -> tuple[int, ...]:
        """Places of what a draw of the prior holds: the hidden features, then the incomplete ones."""
        return self.hidden + self.incomplete

    @property
    def complete(self) -> tuple[int, ...]:
        """Places of the observed features that every row has."""
        return tuple(place for place in self.observed if place not in self.incomplete)

    @functools.cached_property
    def rows(self) -> Rows:
        """What soft labels need of each row."""
        own = reference_rows(self.process.hidden, self.table, self.labels, self.classes).rows
        places = pd.Index(self.reference_ids).get_indexer(pd.Index(self.table.row_ids))
        return Rows(own._replace(place=places), row_hashes(self.table.row_ids))

    @property
    def integrated(self) -> int:
        """How many nodes are averaged together with the label."""
        return integrated(self.nodes)

    @property
    def model(self) -> Callable:
        """The ancestral model: theta from its posterior, hidden features, label, noise up to any on soft labels.

        Votes of annotators and observed sets come last, where they need no soft label.
        """
        return functools.partial(models.ancestral, self, posterior=True)

    @property
    def prior_model(self) -> Callable:
        """The same with theta from p(theta)."""
        return functools.partial(models.ancestral, self, posterior=False)

    def soft_model(self, soft_labels: SoftLabelArray, *, clean: SoftLabelArray | None = None) -> Callable:
        """The model that starts from soft labels as data and carries all noise that is not yet in them.

        Votes come last, unless annotators look at features, which soft labels are averages over, and observed sets.

        Args:
            soft_labels: (rows, classes) after the nodes that are integrated with the label, if there are any.
            clean: (rows, classes) before any noise, for nodes that depend on it; `soft_labels` by default.
        """
        clean = soft_labels if clean is None else clean
        return functools.partial(models.soft, self, np.asarray(soft_labels), np.asarray(clean))

    def marginal_model(
        self, draws: FixedDraws, hard_labels: Codes | None = None, observed_sets: SetArray | None = None
    ) -> Callable:
        """The model of hard labels with hidden features and labels summed out, for NUTS over the noise parameters.

        Args:
            draws: from `fixed_draws`.
            hard_labels: (rows,) observed codes; left out, they are a site to predict.
            observed_sets: (rows, classes) in their place, where the process has an observation: what is recorded of
                each label.

        Raises:
            InputError: sets without an observation, beside hard labels, or with several draws of theta.
        """
        if observed_sets is not None:
            self._check_sets(draws, hard_labels, observed_sets)
        return functools.partial(models.marginal, self, draws, hard_labels, observed_sets)

    def _check_sets(self, draws: FixedDraws, hard_labels: Codes | None, sets: SetArray) -> None:
        if self.observation is None:
            raise InputError("`observed_sets` need a process with an `observation`, which says how sets are made.")
        if hard_labels is not None:
            raise InputError("`observed_sets` take the place of `hard_labels`; got both: leave one out.")
        if len(draws.laws) > 1:
            raise InputError(
                f"`observed_sets` need fixed draws with theta_draws = 1, which integrate theta out row by row; got "
                f"{len(draws.laws)}."
            )
        if np.shape(sets) != (len(self.labels), len(self.classes)):
            raise InputError(
                f"`observed_sets` must have shape ({len(self.labels)}, {len(self.classes)}); got {np.shape(sets)}."
            )


def fit(process: Process, table: Table, key: Any = None) -> FittedProcess:
    """The process fitted to a table: the ground truth first, then the prior and the noise.

    `key` is used by priors that fit by sampling (seed 0 where there is none).

    Raises:
        InputError: the process does not fit the table; every problem is named.
    """
    report_problems(process, table).raise_if_any()
    key = jax.random.key(0) if key is None else key
    with jax.enable_x64(True):
        prior, completed = (None, None) if not table.missing() else _completed(process, table, key)
        own = completed or table
        function = process.ground_truth.fit(own)
        labels = np.asarray(function.labels(own.features)).astype(np.int64)
        if prior is None:
            reference = reference_rows(process.hidden, table, labels, function.classes)
            prior = process.prior.fit(reference, site_key(key, "fit.prior"))
        setting = Setting(own, function, labels)
        nodes = tuple(node.fit(setting) for node in process.noise)
        voting = None
        if process.annotation is not None:
            voting = process.annotation.fit(setting, site_key(key, "fit.annotation"))
        observed = None if process.observation is None else process.observation.fit(setting)
    parts = (function, labels, prior, nodes, table.row_ids, completed, voting, observed)
    return FittedProcess(process, table, *parts)


def _completed(process: Process, table: Table, key: Any) -> tuple[FittedPrior, Table]:
    """The prior, which comes first where values are missing, and the table with one draw of each of these by it."""
    classes = process.ground_truth.class_values(table)
    reference = reference_rows(process.hidden, table, np.zeros(table.num_rows, np.int64), classes)
    prior = process.prior.fit(reference, site_key(key, "fit.prior"))
    given = reference.rows._replace(known=reference.resampled)
    uniforms = row_uniforms(key, "completed", row_hashes(table.row_ids), point_dims(prior))
    drawn = np.asarray(compiled_draws()(prior, uniforms[:, None, None], given))[:, 0, 0]
    features = table.features.copy()
    hidden, _, incomplete = _places(process.hidden, table)
    features[:, hidden + incomplete] = drawn
    return prior, table.completed(features)


def reference_rows(hidden_names: Sequence[str], table: Table, labels: np.ndarray, classes: tuple) -> Reference:
    """The rows that the prior learns from: all of the table's."""
    hidden, complete, incomplete = _places(hidden_names, table)
    return Reference(
        hidden=table.features[:, hidden],
        observed=np.ascontiguousarray(table.features[:, complete]),
        labels=labels,
        hidden_columns=_columns(table, hidden),
        observed_columns=_columns(table, complete),
        classes=classes,
        incomplete=table.features[:, incomplete] if table.missing() else None,
        incomplete_columns=_columns(table, incomplete),
    )


def _places(hidden_names: Sequence[str], table: Table) -> tuple[list[int], list[int], list[int]]:
    """Of the hidden features, of the observed ones that every row has, and of those that some miss."""
    hidden = [int(place) for place in table.index(hidden_names)]
    observed = [place for place in range(len(table.columns)) if place not in hidden]
    incomplete = _incomplete(table, observed)
    return hidden, [place for place in observed if place not in incomplete], incomplete


def _incomplete(table: Table, places: Iterable[int]) -> list[int]:
    missing = np.isnan(table.features).any(0)
    return [place for place in places if missing[place]]


def _columns(table: Table, places: list[int]) -> tuple[Column, ...]:
    return tuple(table.columns[place] for place in places)
