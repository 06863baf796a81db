"""A process whose noise parameters are laws, run backwards from observed hard labels."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import numpy as np

from .. import inference
from .._lazy import distributions, jax, jnp, numpyro
from ..errors import InputError
from ..noise import SoftLabelKernel, soft_label_source
from ..process import FittedProcess, FixedDraws, fixed_draws
from .identified import Identifiability
from .observed import Observed
from .record import Inferred, Posterior, interval
from .rows import RowPass, drawn_share
from .summaries import findings, parameter_table, row_table, transition_table, warnings
from .trees import tree_of

_PRIOR_DRAWS, _HARDLY_LESS = 2000, 0.9
_MAP_DRAWS = 64


class _Passed(NamedTuple):
    """`rows`, and the channel of all nodes together, the mean over the rows of each true class, (draws, K, K)."""

    rows: RowPass
    channel: np.ndarray


def infer_process(
    fitted: FittedProcess,
    hard_labels: Any,
    key: Any,
    *,
    points: int = 256,
    draws: int = 2000,
    warmup: int = 500,
    chains: int = 2,
) -> Inferred:
    """Infer the noise parameters of a process and each row's label before noise, from labels after it; Monte Carlo.

    The laws of the noise parameters are their priors; hidden features are integrated over fixed draws, theta row by
    row.

    Args:
        fitted: the process; at least one noise parameter is a law.
        hard_labels: (rows,) observed codes.
        key: fixes the draws.
        points: draws of the hidden features for each row.
        draws: of the posterior, in all chains together.
        warmup: steps of each chain that are thrown away.
        chains: run side by side.

    Returns:
        The record. `transition` is the channel of all nodes together, the mean over the rows; `parameters` has the
        noise parameters.

    Raises:
        InputError: no noise parameter is a law; the labels are not codes of the rows; the prior conditions on labels.
    """
    _require_laws(fitted)
    fixed = fixed_draws(fitted, jax.random.fold_in(key, 0), points=points)
    clean = np.asarray(fixed.laws).mean((0, 1))
    ids = fitted.table.row_ids.tolist()
    observed = Observed(fitted.classes, hard_labels=hard_labels, soft_labels=clean, row_ids=ids)
    model = fitted.marginal_model(fixed, observed.hard_labels)
    found = inference.nuts(model, jax.random.fold_in(key, 1), draws=draws, warmup=warmup, chains=chains)
    passed = _pass(fitted, fixed, observed, found.samples, jax.random.fold_in(key, 2))
    posterior = _posterior(observed, found, passed)
    said = _unchanged(fitted, found, jax.random.fold_in(key, 3))
    return Inferred(observed, _told(fitted), dataclasses.replace(posterior, warnings=posterior.warnings + said))


def _require_laws(fitted: FittedProcess) -> None:
    if not _sites(fitted):
        raise InputError(
            "no noise parameter of the process is unknown: give one a law, as in Symmetric(rate=Beta(2, 8)), for the "
            "labels to tell."
        )


def _sites(fitted: FittedProcess) -> list[str]:
    return list(_drawn(fitted, 0))


def _drawn(fitted: FittedProcess, key: Any) -> dict[str, Any]:
    """Noise parameters from their priors, by site."""

    def fragment() -> None:
        for node in fitted.nodes:
            node.sample_parameters()

    traced = numpyro.handlers.trace(numpyro.handlers.seed(fragment, key)).get_trace()
    return {name: site["value"] for name, site in traced.items() if site["type"] == "sample"}


def _unchanged(fitted: FittedProcess, found: inference.Draws, key: Any) -> tuple[str, ...]:
    """Sentences on parameters of which the labels said hardly anything."""
    with jax.enable_x64(True):
        prior = jax.vmap(functools.partial(_drawn, fitted))(jax.random.split(key, _PRIOR_DRAWS))
    spread = {name: np.std(np.asarray(values), 0) for name, values in prior.items()}
    names = [name for name, own in spread.items() if (found.samples[name].std(0) > _HARDLY_LESS * own).all()]
    return tuple(
        f"The labels say hardly anything of {name}: its posterior is about as wide as its prior." for name in names
    )


def _told(fitted: FittedProcess) -> Identifiability:
    names = ", ".join(_sites(fitted))
    sentences = (
        f"Unknown: {names}. Everything else of the program is taken as it is: ground truth, prior of the hidden "
        "features, and the kinds of noise.",
        "Parameters of several nodes that do the same to a label are told apart by their laws alone.",
        *_varying(fitted),
    )
    return Identifiability("identified", sentences, np.ones(1, dtype=bool))


def _varying(fitted: FittedProcess) -> tuple[str, ...]:
    """What one label a row cannot tell of noise that differs between rows (Liu, Cheng & Zhang, 2023)."""
    names = [node.name for node in fitted.nodes if node.depends_on in ("features", "soft_label")]
    return tuple(
        f"{name} varies from row to row: its form is taken from its description; one label a row cannot tell it."
        for name in names
    )


def _posterior(observed: Observed, found: inference.Draws, passed: _Passed) -> Posterior:
    shape = next(iter(found.by_chain.values())).shape[:2]
    kept = {name: value for name, value in found.by_chain.items() if name != "noisy_hard_label"}
    posterior: dict[str, Any] = {
        name: (("chain", "draw", *(f"{name}_dim_{axis}" for axis in range(value.ndim - 2))), value)
        for name, value in kept.items()
    }
    dims = ("chain", "draw", "true_class", "observed_class")
    posterior["transition"] = (dims, passed.channel.reshape(*shape, *passed.channel.shape[1:]))
    for name in ("noise_rate", "wrong_share"):
        posterior[name] = (("chain", "draw"), getattr(passed.rows, name).reshape(shape))
    share = interval(passed.rows.wrong_share)
    return Posterior(
        tree=tree_of(observed, posterior, passed.rows, found, np.ones(1, dtype=bool)),
        transition=transition_table(passed.channel, observed.classes),
        rows=row_table(observed, passed.rows),
        noise_rate=interval(passed.rows.noise_rate),
        wrong_share=share,
        diagnostics=found.diagnostics,
        sentences=findings(observed, share, passed.channel, passed.rows.label_law.mean(0)),
        warnings=warnings(found.diagnostics),
        parameters=parameter_table({name: found.samples[name] for name in kept}),
    )


def _pass(fitted: FittedProcess, fixed: FixedDraws, observed: Observed, samples: Any, key: Any) -> _Passed:
    """Go through the draws once; exact given each of them and the fixed draws of the hidden features."""
    with jax.enable_x64(True):
        run = jax.jit(functools.partial(_through, fitted, fixed, observed.hard_labels))
        law, wrong, *numbers, channel = run({name: jnp.asarray(value) for name, value in samples.items()}, key)
        arrays = (np.asarray(part) for part in (law, wrong, *numbers))
        return _Passed(RowPass(*arrays, accuracy=None), np.asarray(channel))


def _through(fitted: FittedProcess, fixed: FixedDraws, labels: np.ndarray, samples: Any, key: Any) -> tuple:
    counts = jnp.eye(len(fitted.classes))[jnp.asarray(labels)]
    number = len(next(iter(samples.values())))

    def one(law: Any, drawn: tuple) -> tuple:
        own, values = drawn
        every = joint(fitted, fixed, values)
        seen = jnp.take_along_axis(every, jnp.asarray(labels)[:, None, None], -1)[..., 0]
        of_row = seen / seen.sum(-1, keepdims=True)
        together = every.sum(0)
        rate = 1.0 - jnp.trace(together) / together.sum()
        channel = together / jnp.maximum(together.sum(-1, keepdims=True), 1e-300)
        return law + of_row, (rate, drawn_share(counts, of_row, own), channel)

    keys = jax.random.split(key, number)
    law, (rate, share, channel) = jax.lax.scan(one, jnp.zeros(counts.shape), (keys, samples))
    law = law / number
    return law, 1.0 - (law * counts).sum(-1), rate, share, channel


def joint(fitted: FittedProcess, fixed: FixedDraws, values: dict[str, Any]) -> Any:
    """P(label before noise, label after all nodes | row), (rows, before, after), given the noise parameters.

    Exact on the fixed draws; by the steps of `FittedProcess.marginal_model`, with the label before noise kept.
    """
    cut = fitted.integrated
    clean = np.asarray(fixed.laws).mean((0, 1))
    nodes = (*fitted.nodes[:cut], *(node.for_soft_labels(clean) for node in fitted.nodes[cut:]))
    own = [numpyro.handlers.substitute(numpyro.handlers.seed(node.sample_parameters, 0), values)() for node in nodes]
    law = jnp.asarray(fixed.laws)
    both = law[..., None] * jnp.eye(law.shape[-1])  # (theta, points, rows, before, after)
    for node, parameters, context in zip(nodes[:cut], own[:cut], fixed.contexts, strict=True):
        both = both @ node.transition(parameters, jax.tree_util.tree_map(jnp.asarray, context))
    both = both.mean((0, 1))
    for node, parameters in zip(nodes[cut:], own[cut:], strict=True):
        before = both.sum(-2)
        if isinstance(node, SoftLabelKernel):
            both = both @ _mean_coupling(node, parameters, before)
        else:
            source = soft_label_source(node, jnp.asarray(clean), before)
            both = both @ node.transition(parameters, node.context(source))
    return both


def _mean_coupling(node: SoftLabelKernel, parameters: Any, before: Any) -> Any:
    """The mean over fixed draws of a random map of the transition to each; Monte Carlo."""

    def add(total: Any, key: Any) -> tuple[Any, None]:
        law = distributions.Perturbed(node, parameters, before)
        return total + node.transition(parameters, (before, law.sample(key))), None

    size = before.shape[-1]
    keys = jax.random.split(jax.random.key(0), _MAP_DRAWS)
    total, _ = jax.lax.scan(add, jnp.zeros((*before.shape, size)), keys)
    return total / _MAP_DRAWS
