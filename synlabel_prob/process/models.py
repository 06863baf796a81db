"""The NumPyro models of a fitted process: ancestral, from soft labels on, and with discrete labels summed out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from .._lazy import distributions, jax, jnp, numpyro
from ..annotators import Sources
from ..ground_truth import host_labels
from ..noise import (
    ON_SOFT_LABELS,
    FittedNoise,
    SoftLabelKernel,
    known,
    push_forward,
    row_context,
    soft_label_source,
)
from ..observations import log_of, set_probability
from ..priors import FittedPrior, Row
from ..randomness import ROW_PLATE
from ..soft_labels import LabelLaw
from ..soft_labels.integrand import point_dims, predictive_draw

CLASS_PLATE = "class"

if TYPE_CHECKING:
    from .fitted import FittedProcess
    from .fixed_draws import FixedDraws


def ancestral(fitted: FittedProcess, *, posterior: bool) -> None:
    """theta, hidden features, label, then linear noise on the label; the last label is the observation.

    Nodes that depend on the soft label are left to `soft`, with all that come after them: a single draw of the hidden
    features has no soft label. Theta is drawn once for all rows.
    """
    theta = fitted.prior.sample_theta(posterior=posterior)
    linear = linear_nodes(fitted.nodes)
    features, label = _from_hidden(fitted, fitted.prior, theta, linear)
    if linear == len(fitted.nodes):
        _votes(fitted, Sources(features=features), label)
        _sets(fitted, Sources(), label)


def predictive(fitted: FittedProcess, nodes: int) -> None:
    """The same up to `nodes`, theta integrated out as in the soft labels: rows are independent of each other."""
    _from_hidden(fitted, _Integrated(fitted.prior), (), nodes)


@dataclasses.dataclass(frozen=True)
class _Integrated:
    """A fitted prior whose draws average over theta."""

    prior: FittedPrior

    @property
    def uniform_dims(self) -> int:
        return point_dims(self.prior)

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        return predictive_draw(self.prior, uniforms, row)


def _from_hidden(fitted: FittedProcess, prior: Any, theta: Any, nodes: int) -> tuple[Any, Any]:
    """All features at the draw (rows, features), and the label after the nodes (rows,)."""
    kept = fitted.nodes[:nodes]
    parameters = [node.sample_parameters() for node in kept]
    rows = fitted.rows
    with numpyro.plate(ROW_PLATE, len(rows)):
        law = distributions.HiddenFeatures(prior, theta, rows.given)
        hidden = numpyro.sample("hidden", law, infer={"event_dims": ["hidden_feature"]})
        features = label_law(fitted).features(jnp.asarray(rows.observed), hidden)
        label = numpyro.deterministic("label", host_labels(fitted.ground_truth, features))
        transitions = _linear_transitions(kept, parameters, features)
        label = noisy_labels([node.name for node in kept], transitions, label)
        if len(kept) == len(fitted.nodes):
            numpyro.deterministic("noisy_hard_label", label)
    return features, label


def _votes(fitted: FittedProcess, sources: Sources, label: Any) -> None:
    """What annotators make of the label, where the model has all that they need."""
    if fitted.annotation is not None and fitted.annotation.needs <= sources.known:
        fitted.annotation.votes(sources, label)


def _sets(fitted: FittedProcess, sources: Sources, label: Any) -> None:
    """What is recorded of the label, where the model has all that this needs."""
    if fitted.observation is not None and fitted.observation.needs <= sources.known:
        fitted.observation.observe(sources, label)


def at_ground_truth(fitted: FittedProcess, nodes: int) -> None:
    """The first nodes on the ground truth's own labels, at the features that the rows really have."""
    kept = fitted.nodes[:nodes]
    parameters = [node.sample_parameters() for node in kept]
    transitions = _linear_transitions(kept, parameters, fitted.truth_table.features)
    with numpyro.plate(ROW_PLATE, len(fitted.labels)):
        noisy_labels([node.name for node in kept], transitions, jnp.asarray(fitted.labels))


def _linear_transitions(nodes: Any, parameters: Any, features: Any) -> list[Any]:
    """Of nodes that depend on nothing or on features (rows, features)."""
    sources = [features if node.depends_on == "features" else None for node in nodes]
    parts = zip(nodes, parameters, sources, strict=True)
    return [node.transition(own, node.context(source)) for node, own, source in parts]


def soft(fitted: FittedProcess, soft_labels: Any, clean: Any, label: Any = None, features: Any = None) -> None:
    """Noise that is not yet in the soft labels: exactly on these, and by sampling on a label drawn from them.

    `label (rows,)` starts the hard labels elsewhere; `features (rows, features)` are those that gave the row its
    label, for annotators who look at them. Votes and observed sets come last.
    """
    nodes = tuple(node.for_soft_labels(clean) for node in fitted.nodes[fitted.integrated :])
    parameters = [node.sample_parameters() for node in nodes]
    law = start = known(soft_labels)
    transitions = []
    for node, own in zip(nodes, parameters, strict=True):
        sources = (clean, law) if node.depends_on == "nothing" else (jnp.asarray(clean), jnp.asarray(law))
        _, context = row_context(node, own, *sources)
        transitions.append(known(node.transition(own, context)))
        law = push_forward(law, transitions[-1])
        _by_class(f"{node.name}.soft_label", law)
    _by_class("noisy_soft_label", law)
    with numpyro.plate(ROW_PLATE, len(law)):
        if label is None:
            label = numpyro.sample("drawn_label", distributions.SoftLabel(start))
        names = [node.name for node in nodes]
        label = noisy_labels(names, transitions, jnp.asarray(label))
        numpyro.deterministic("noisy_hard_label", label)
    law = jnp.asarray(law)
    _votes(fitted, Sources(features, clean, law), label)
    _sets(fitted, Sources(None, clean, law), label)


def _by_class(site: str, law: Any) -> None:
    """Soft labels (rows, classes) as a site with both dimensions named."""
    with numpyro.plate(ROW_PLATE, len(law), dim=-2), numpyro.plate(CLASS_PLATE, law.shape[-1], dim=-1):
        numpyro.deterministic(site, law)


def marginal(fitted: FittedProcess, draws: FixedDraws, hard_labels: Any = None, sets: Any = None) -> None:
    """Noise parameters and observed labels, or sets of them; everything between is summed out on fixed draws.

    Rows share theta, so the likelihood averages over its draws outside the product over rows:
    logsumexp_s sum_i log (p_si T)[y_i].
    """
    cut = fitted.integrated
    clean = np.asarray(draws.laws).mean((0, 1))
    nodes = (*fitted.nodes[:cut], *(node.for_soft_labels(clean) for node in fitted.nodes[cut:]))
    parameters = [node.sample_parameters() for node in nodes]
    law = jnp.asarray(draws.laws)  # (theta, points, rows, classes)
    for node, own, context in zip(nodes[:cut], parameters[:cut], draws.contexts, strict=True):
        law = push_forward(law, node.transition(own, jax.tree_util.tree_map(jnp.asarray, context)))
    law = law.mean(1)
    for node, own in zip(nodes[cut:], parameters[cut:], strict=True):
        if node.depends_on == "noisy_soft_label":  # it acts on the average, over theta too
            law = law.mean(0, keepdims=True)
        if isinstance(node, SoftLabelKernel):
            law = node.image(own, law)
            continue
        source = soft_label_source(node, jnp.asarray(clean), law)
        law = push_forward(law, node.transition(own, node.context(source)))
    if sets is None:
        _observe(law, hard_labels)
    else:
        _observe_sets(fitted, Sources(None, jnp.asarray(clean), law[0]), sets)


def _observe_sets(fitted: FittedProcess, sources: Sources, sets: Any) -> None:
    """The likelihood of sets, prod_i sum_y p'_iy P(S_i | y)."""
    observation = fitted.observation
    assert observation is not None
    parameters, context = observation.prepared(sources)
    chances = observation.chances(parameters, context, jnp.asarray(sets))
    with numpyro.plate(ROW_PLATE, len(sets)):
        numpyro.factor("observed_set", log_of(set_probability(sources.noisy_soft_label, chances)))


def _observe(law: Any, hard_labels: Any) -> None:
    observed = None if hard_labels is None else jnp.asarray(hard_labels)
    num_theta, num_rows = law.shape[:2]
    if num_theta == 1:
        with numpyro.plate(ROW_PLATE, num_rows):
            numpyro.sample("noisy_hard_label", distributions.SoftLabel(law[0]), obs=observed)
        return
    infer = {"event_dims": [ROW_PLATE]}
    numpyro.sample("noisy_hard_label", distributions.LabelsGivenTheta(law), obs=observed, infer=infer)


def noisy_labels(names: Any, transitions: Any, label: Any) -> Any:
    """One site a node, named like it: the label after it; inside the row plate."""
    for name, transition in zip(names, transitions, strict=True):
        label = numpyro.sample(name, distributions.NoisyLabel(_at_label(known(transition), known(label)), label))
    return label


def _at_label(transition: Any, label: Any) -> Any:
    """Each row's probabilities after noise, (rows, classes)."""
    on_host = isinstance(transition, np.ndarray) and isinstance(label, np.ndarray)
    if transition.ndim == 2:
        return (transition if on_host else jnp.asarray(transition))[label]
    take = np.take_along_axis if on_host else jnp.take_along_axis
    return take(transition, label[:, None, None], axis=1)[:, 0]


def linear_nodes(nodes: tuple[FittedNoise, ...]) -> int:
    """How many nodes come before the first that depends on a soft label."""
    return next((place for place, node in enumerate(nodes) if node.depends_on in ON_SOFT_LABELS), len(nodes))


def label_law(fitted: FittedProcess, parameters: tuple = ()) -> LabelLaw:
    """The integrand of the soft labels, with the noise that is integrated with the label."""
    nodes = tuple(node.once_drawn() for node in fitted.nodes[: len(parameters)])
    levels = tuple(len(fitted.table.columns[place].levels) for place in fitted.resampled)
    return LabelLaw(fitted.ground_truth, nodes, parameters, fitted.resampled, fitted.complete, levels)
