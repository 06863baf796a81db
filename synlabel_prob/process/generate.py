"""One run of a fitted process: soft labels, noise on them exactly, noise on hard labels by sampling, and the ledger."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._lazy import distributions, jax, jnp, numpyro
from ..annotators import Sources, Votes
from ..arrays import Codes, LawsBefore, NodeValues, RowValues
from ..datasets import (
    GroundTruthDataset,
    ObservedHardDataset,
    ObservedSoftDataset,
    PartialGroundTruthDataset,
    Provenance,
)
from ..feature_noise import noisy_table
from ..noise import SoftLabelKernel, soft_label_source, systematic_selection
from ..randomness import row_handler, site_key, to_uniform
from ..soft_labels import Automatic, Evaluator, SoftLabels, evaluate
from ..table import Table
from . import models
from .fitted import FittedProcess
from .sets import recorded_sets
from .votes import given_votes


@dataclasses.dataclass(frozen=True, eq=False)
class Ledger:
    """What one node did to each hard label: codes before and after, and the probability that it would change."""

    name: str
    before: Codes
    after: Codes
    flip_probability: RowValues


@dataclasses.dataclass(frozen=True, eq=False)
class Generated:
    """The four datasets of one run, and how they came about.

    Attributes:
        ground_truth, partial, observed_soft, observed_hard: the datasets; observed ones have noise on features in their
            `view`, where the process has any.
        soft: the soft labels with their standard errors and counts.
        drawn_label: (rows,) where the hard labels start.
        laws: (rows, nodes + 1, classes) soft labels before any noise and after each node; exact given the first.
        expected_changes: (rows, nodes) probability that the node changes a label drawn from the soft label.
        ledger: an entry for each node.
        transitions: of each node, (classes, classes), or (rows, classes, classes) at the ground truth's features.
        parameters: the value of each parameter site of the noise, the annotators and the observation, drawn
            once.
        votes: what annotators said, where there are any.
        vote_starts: (votes,) the label that each vote starts from.
        annotator_transitions: of each annotator, (annotators, classes, classes); a mean over the rows.
        observed_sets: (rows, classes) which classes are in what is recorded of the row's noisy hard label; None where
            that is recorded as it is.
        set_chances: (rows, classes) P(the row's set | y) for every y; exact.
        set_inclusion: P(z in the set | y), (classes y, classes z), or one a row; exact.
    """

    ground_truth: GroundTruthDataset
    partial: PartialGroundTruthDataset
    observed_soft: ObservedSoftDataset
    observed_hard: ObservedHardDataset
    soft: SoftLabels
    drawn_label: Codes
    laws: LawsBefore
    expected_changes: NodeValues
    ledger: tuple[Ledger, ...]
    transitions: tuple[np.ndarray, ...]
    parameters: Mapping[str, np.ndarray]
    votes: Votes | None = None
    vote_starts: np.ndarray | None = None
    annotator_transitions: np.ndarray | None = None
    observed_sets: np.ndarray | None = None
    set_chances: np.ndarray | None = None
    set_inclusion: np.ndarray | None = None


def generate(
    fitted: FittedProcess,
    key: Any,
    evaluator: Evaluator | None = None,
    *,
    provenance: Provenance | None = None,
    memory_budget: int = 2**30,
    progress: Callable[[int, int], None] | None = None,
) -> Generated:
    """Soft labels by the evaluator (exact where there is a route, by default), then all noise, soft and hard.

    Every random number belongs to a site's name and a row's id under `key`. Soft labels that are not exact have
    standard errors; the noise on them is exact; hard labels are samples, and so are features with noise.

    Raises:
        InputError: a node or the observation cannot reach its target rate on these soft labels.
    """
    with jax.enable_x64(True):
        soft = evaluated(fitted, key, evaluator, memory_budget=memory_budget, progress=progress)
        return with_noise(fitted, key, soft, provenance or Provenance())


def evaluated(fitted: FittedProcess, key: Any, evaluator: Evaluator | None, **options: Any) -> SoftLabels:
    """The soft labels of a run before the noise that acts on them; `options` are those of `evaluate`."""
    parameters = _parameters(fitted, fitted.nodes[: fitted.integrated], key)
    law = models.label_law(fitted, parameters)
    evaluator = Automatic() if evaluator is None else evaluator
    return evaluate(law, fitted.prior, fitted.rows, evaluator, site_key(key, "soft_label"), **options)


def with_noise(fitted: FittedProcess, key: Any, soft: SoftLabels, provenance: Provenance) -> Generated:
    """The rest of a run: noise exactly on the soft labels and by sampling on hard ones; errors as for `generate`."""
    cut = fitted.integrated
    start = soft.stages[:, -1] if cut else soft.probabilities
    nodes = (*fitted.nodes[:cut], *(node.for_soft_labels(soft.probabilities) for node in fitted.nodes[cut:]))
    settled = dataclasses.replace(fitted, nodes=nodes)
    own = _Run(settled, key, soft)
    hard = own.before_cut() if own.needs_a_draw else None
    model = functools.partial(models.soft, settled, start, soft.probabilities)
    trace = own.trace(model, label=own.start(hard), features=own.features(hard))
    return own.gathered(hard, trace, provenance)


def _parameters(fitted: FittedProcess, nodes: Any, key: Any) -> tuple:
    def model() -> tuple:
        return tuple(node.sample_parameters() for node in nodes)

    return row_handler(model, key, fitted.table.row_ids)()


class _Run:
    """What the steps of one run share."""

    def __init__(self, fitted: FittedProcess, key: Any, soft: SoftLabels) -> None:
        self.fitted, self.key, self.soft = fitted, key, soft
        exact = [node for node in fitted.process.noise if node.selection == "exact_count"]
        self.choosers = {node.label: functools.partial(self._exact_count, node.label) for node in exact}

    def trace(self, model: Callable, **arguments: Any) -> dict[str, Any]:
        """The sites of one pass under the run's key."""
        return numpyro.handlers.trace(self._handled(model, draw=self.choosers)).get_trace(**arguments)

    def _handled(self, model: Callable, **options: Any) -> Callable:
        pairs = None if self.fitted.annotation is None else self.fitted.annotation.pairs
        return row_handler(model, self.key, self.fitted.table.row_ids, pairs=pairs, **options)

    @property
    def needs_a_draw(self) -> bool:
        """Whether something looks at the hidden features that gave a row its label."""
        by_draw = self.fitted.process.hard_from == "soft_label"
        return self.fitted.integrated > 0 or (by_draw and self._look_at_features)

    @property
    def _look_at_features(self) -> bool:
        return self.fitted.annotation is not None and "features" in self.fitted.annotation.needs

    def before_cut(self) -> dict[str, Any]:
        """One draw of the hidden features, its label and the nodes that depend on it; or these at the ground truth."""
        cut = self.fitted.integrated
        if self.fitted.process.hard_from == "soft_label":
            return self.trace(functools.partial(models.predictive, self.fitted, cut))
        return self.trace(functools.partial(models.at_ground_truth, self.fitted, cut))

    def start(self, hard: dict[str, Any] | None) -> Any:
        """Where the nodes after the cut start: None to draw from the soft label."""
        if hard is not None:
            cut = self.fitted.integrated
            return hard[self.fitted.nodes[cut - 1].name if cut else "label"]["value"]
        return None if self.fitted.process.hard_from == "soft_label" else self.fitted.labels

    def features(self, hard: dict[str, Any] | None) -> Any:
        """Those that gave the rows their labels, (rows, features), where annotators look at them."""
        if not self._look_at_features:
            return None
        if self.fitted.process.hard_from == "ground_truth" or hard is None:
            return self.fitted.truth_table.features
        law = models.label_law(self.fitted)
        return law.features(jnp.asarray(self.fitted.rows.observed), hard["hidden"]["value"])

    def gathered(self, hard: dict[str, Any] | None, trace: dict[str, Any], provenance: Provenance) -> Generated:
        """The datasets and the records."""
        fitted, sites = self.fitted, {**(hard or {}), **trace}
        drawn = self._drawn(sites, hard)
        laws = self._laws(trace)
        transitions = self._transitions(laws)
        changes = self._expected_changes(laws, transitions)
        drawn_maps = {f"{node.name}.perturbed" for node in fitted.nodes if isinstance(node, SoftLabelKernel)}
        parameters = {
            name: np.asarray(site["value"])
            for name, site in sites.items()
            if site["type"] == "sample"
            and name.partition(".")[0] in {"annotation", "observation", *(node.name for node in fitted.nodes)}
            and "." in name
            and name not in drawn_maps
        }
        labels = laws[:, -1], np.asarray(trace["noisy_hard_label"]["value"]).astype(np.int64)
        sets = datasets(fitted, self.soft, labels, self._recorded(), provenance)
        ledger = tuple(_ledger(node.name, sites[node.name]) for node in fitted.nodes)
        voting = {}
        if fitted.annotation is not None:
            sources = Sources(self.features(hard), laws[:, 0], laws[:, -1])
            people = self._handled(functools.partial(fitted.annotation.transitions, sources))()
            voting = {**given_votes(fitted, trace), "annotator_transitions": np.asarray(people)}
        recorded: dict[str, Any] = {}
        if fitted.observation is not None:
            sources = Sources(None, laws[:, 0], laws[:, -1])
            own = self._handled(functools.partial(fitted.observation.prepared, sources))()
            recorded = recorded_sets(fitted, sources, own, trace)
        return Generated(*sets, self.soft, drawn, laws, changes, ledger, transitions, parameters, **voting, **recorded)

    def _recorded(self) -> Table:
        """The observed features with noise on them."""
        view, noise = self.fitted.observed_table, self.fitted.process.feature_noise
        return noisy_table(view, noise, site_key(self.key, "feature_noise")) if noise else view

    def _drawn(self, sites: dict[str, Any], hard: dict[str, Any] | None) -> np.ndarray:
        if self.fitted.process.hard_from == "ground_truth":
            return self.fitted.labels
        return np.asarray(sites["label" if hard is not None else "drawn_label"]["value"]).astype(np.int64)

    def _laws(self, trace: dict[str, Any]) -> np.ndarray:
        """Before any noise and after each node, (rows, nodes + 1, classes)."""
        fitted, cut = self.fitted, self.fitted.integrated
        later = [np.asarray(trace[f"{node.name}.soft_label"]["value"]) for node in fitted.nodes[cut:]]
        return np.stack([self.soft.probabilities, *np.moveaxis(self.soft.stages, 1, 0), *later], 1)

    def _transitions(self, laws: np.ndarray) -> tuple[np.ndarray, ...]:
        fitted, found = self.fitted, []
        parameters = _parameters(fitted, fitted.nodes, self.key)
        for place, (node, own) in enumerate(zip(fitted.nodes, parameters, strict=True)):
            if node.depends_on == "features":
                context = node.context(fitted.truth_table.features)
            elif isinstance(node, SoftLabelKernel):
                context = (laws[:, place], laws[:, place + 1])
            else:
                context = node.context(soft_label_source(node, laws[:, 0], laws[:, place]))
            found.append(np.asarray(node.transition(own, context)))
        return tuple(found)

    def _expected_changes(self, laws: np.ndarray, transitions: tuple[np.ndarray, ...]) -> np.ndarray:
        """Of each node, (rows, nodes)."""
        fitted, cut = self.fitted, self.fitted.integrated
        leaves = [1.0 - np.diagonal(matrix, axis1=-2, axis2=-1) for matrix in transitions[cut:]]
        changes = [(laws[:, cut + place] * leave).sum(-1) for place, leave in enumerate(leaves)]
        return np.stack([*self.soft.changes.T, *changes], 1) if fitted.nodes else np.zeros((len(laws), 0))

    def _exact_count(self, name: str, law: Any, uniforms: Any) -> Any:
        """As many changes as the rates add up to, by systematic sampling in an order of this node and key alone."""
        rates = np.asarray(distributions.flip_probability(law.probs, law.before), dtype=np.float64)
        start = float(to_uniform(jax.random.bits(site_key(self.key, f"{name}.start"), (), "uint32")))
        selected = systematic_selection(rates, start, np.argsort(np.asarray(uniforms)[:, 0], kind="stable"))
        return distributions.changed_label(law.probs, law.before, jnp.asarray(selected), uniforms[..., 1])


def _ledger(name: str, site: dict[str, Any]) -> Ledger:
    law = site["fn"]
    flip = distributions.flip_probability(law.probs, law.before)
    before, after = np.asarray(law.before).astype(np.int64), np.asarray(site["value"]).astype(np.int64)
    return Ledger(name, before, after, np.asarray(flip))


def datasets(
    fitted: FittedProcess,
    soft: SoftLabels,
    noisy: tuple[np.ndarray, np.ndarray],
    recorded: Table,
    provenance: Provenance,
) -> tuple[GroundTruthDataset, PartialGroundTruthDataset, ObservedSoftDataset, ObservedHardDataset]:
    """`noisy` are the soft and the hard labels after noise, `recorded` the observed features after noise on them."""
    hidden, classes = fitted.table.select(fitted.process.hidden), fitted.classes
    provenance = dataclasses.replace(
        provenance, conditions_on_label=fitted.process.prior.conditions_on == "observed_and_label"
    )
    truth = GroundTruthDataset(fitted.truth_table, fitted.labels, classes, provenance)
    come = provenance.then("hide_features")
    view = fitted.observed_table
    partial = PartialGroundTruthDataset(view, soft.probabilities, soft.standard_error, classes, hidden, come)
    come = come.then("inject_noise")
    come = come.then("inject_feature_noise") if fitted.process.feature_noise else come
    observed_soft = ObservedSoftDataset(recorded, noisy[0], classes, hidden, come)
    come = come.then("draw_labels")
    return truth, partial, observed_soft, ObservedHardDataset(recorded, noisy[1], classes, hidden, come)
