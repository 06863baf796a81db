"""The contract of an observation: sets of classes, their probabilities by enumeration, and their draws."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np

from .._lazy import distributions, jax, jnp, numpyro
from ..annotators import Sources
from ..errors import InputError
from ..laws import Uniform
from ..noise import Setting
from ..observations import FittedObservation, Observation
from .frequencies import assert_frequencies
from .parts import check_description, expect

_FEW = 4


@dataclasses.dataclass(frozen=True, eq=False)
class _Views:
    """A fitted observation with the draw of its parameters, and the chance of every set (sets, rows, classes y)."""

    fitted: FittedObservation
    parameters: Any
    context: Any
    chances: np.ndarray
    sites: dict[str, Any]
    sources: Sources


def check_observation(
    description: Observation,
    setting: Setting,
    key: Any,
    *,
    num_draws: int = 100_000,
    false_alarm: float = 1e-6,
    written: bool = True,
) -> None:
    """Everything that the contract of an observation promises, for one table and one ground truth with few classes.

    The description is plain data. Over all 2^K - 1 sets P(S | y) sums to 1, and is 0 where y is not in S; `inclusion`
    is what these probabilities come to. Draws hold the label and follow them (an exact binomial test of every set: with
    100,000 draws for each label and three classes, divided among 4 rows, a probability that is off by 0.02 is seen in
    nearly every run), whatever the order of the rows; log-probabilities are those of the label. Sites are called
    `observation.<name>`, and the log-probability has finite derivatives in what is unknown.

    Args:
        description: the observation.
        setting: what it is fitted to; at most 8 classes, because all sets are enumerated.
        key: a JAX key.
        num_draws: how many draws the check of frequencies takes for each label.
        false_alarm: the largest probability that the check of frequencies fails on a correct observation.
        written: False for one that a spec file cannot hold.
    """
    expect(len(setting.classes) <= 8, f"all sets are enumerated, so at most 8 classes; got {len(setting.classes)}")
    check_description(description, written=written)
    with jax.enable_x64(True):
        views = _views(description, setting, key)
        _check_chances(views)
        _check_inclusion(views)
        _check_draws(views, key, num_draws, false_alarm)
        _check_laws(description, setting, key)
        _check_derivatives(views)
        exact, values = views.chances, {name: np.asarray(site["value"]) for name, site in views.sites.items()}
    with jax.enable_x64(False):
        single = _views(description, setting, key, values)
    np.testing.assert_allclose(single.chances, exact, atol=1e-4, err_msg="chances in single precision")


def all_sets(num_classes: int) -> np.ndarray:
    """Every set of classes but the empty one, (2^classes - 1, classes) booleans."""
    return np.array(list(itertools.product([False, True], repeat=num_classes)))[1:]


def _views(description: Observation, setting: Setting, key: Any, substituted: dict[str, Any] | None = None) -> _Views:
    generator, rows, size = np.random.default_rng(7), setting.table.num_rows, len(setting.classes)
    laws = generator.dirichlet(np.ones(size), (2, rows))
    laws[0, 1] = np.eye(size)[0]
    fitted = description.fit(setting)
    expect(isinstance(fitted, FittedObservation), f"`fit` must give FittedObservation; got {type(fitted).__name__}")
    expect(description.needs == fitted.needs, "description and fitted observation must need the same")
    leaves, structure = jax.tree_util.tree_flatten(fitted)
    fitted = jax.tree_util.tree_unflatten(structure, leaves)
    # Only what is asked for, so that an observation cannot look at what it does not say it needs.
    whole = {"soft_label": laws[0], "noisy_soft_label": laws[1]}
    sources = Sources(**{name: value for name, value in whole.items() if name in fitted.needs})
    made: list[Any] = []
    values = {name: jnp.asarray(value) for name, value in (substituted or {}).items()}
    program = numpyro.handlers.substitute(lambda: made.append(fitted.prepared(sources)), data=values)
    trace = numpyro.handlers.trace(numpyro.handlers.seed(program, key)).get_trace()
    sites = {name: site for name, site in trace.items() if site["type"] == "sample"}
    wrong = [name for name in sites if not name.startswith("observation.")]
    expect(not wrong, f"sites must start with 'observation.'; got {wrong}")
    repeated = [np.tile(one, (rows, 1)) for one in all_sets(size)]
    parameters, context = made[0]
    chances = np.stack([np.asarray(fitted.chances(parameters, context, sets)) for sets in repeated])
    return _Views(fitted, parameters, context, chances, sites, sources)


def _check_chances(views: _Views) -> None:
    """Probabilities of sets that hold the label, and log-probabilities as their logarithms at the label."""
    chances, (_, rows, size) = views.chances, views.chances.shape
    expect(np.isfinite(chances).all() and chances.min() >= 0, "chances must hold no negative numbers")
    np.testing.assert_allclose(chances.sum(0), 1.0, atol=1e-12, err_msg="P(S | y) must sum to 1 over all sets")
    outside = np.broadcast_to(~all_sets(size)[:, None, :], chances.shape)
    expect((chances[outside] == 0).all(), "a set without the label must have chance 0")
    for label, (place, one) in itertools.product(range(size), enumerate(all_sets(size))):
        labels, sets = np.full(rows, label), np.tile(one, (rows, 1))
        logs = views.fitted.log_probability(views.parameters, views.context, sets, labels)
        np.testing.assert_allclose(np.exp(logs), chances[place, :, label], atol=1e-14, err_msg="log_probability")


def _check_inclusion(views: _Views) -> None:
    """P(z in S | y) out of the probabilities of all sets."""
    expected = np.einsum("sry,sz->ryz", views.chances, all_sets(views.chances.shape[-1]).astype(float))
    found = np.asarray(views.fitted.inclusion(views.parameters, views.context))
    np.testing.assert_allclose(np.broadcast_to(found, expected.shape), expected, atol=1e-12, err_msg="inclusion")


def _check_draws(views: _Views, key: Any, num_draws: int, false_alarm: float) -> None:
    """Sets hold their label and have the stated probabilities; a row's set does not depend on the other rows."""
    _, rows, size = views.chances.shape
    places = 2 ** np.arange(size)[::-1]
    for label in range(size):
        labels = np.full(rows, label)
        law = distributions.ObservedSet(views.fitted, views.parameters, views.context, labels)
        sets = np.asarray(law.sample(jax.random.fold_in(key, label), (max(num_draws // rows, 1),)))
        expect(sets[..., label].all(), "a set must hold the label")
        if label == 0:
            logs = law.log_prob(sets[:_FEW])
            expect(np.isfinite(np.asarray(logs)).all(), "a set that was drawn must have a log-probability")
        codes = sets.astype(int) @ places - 1
        counts = np.stack([(codes == code).sum(0) for code in range(2**size - 1)], -1)
        assert_frequencies(counts, views.chances[:, :, label].T, false_alarm=false_alarm)


def _check_laws(description: Observation, setting: Setting, key: Any) -> None:
    """A law for the rate is a site, whose value has the effect of the number."""
    value = getattr(description, "rate", None)
    if not isinstance(value, float) or value == 0.0:
        return
    try:
        changed = dataclasses.replace(description, rate=Uniform(0.5 * value, value))
    except InputError:
        return  # an observation that has no use for a law says so
    given = _views(changed, setting, key, {"observation.rate": 0.75 * value})
    expect("observation.rate" in given.sites, f"a law must make the site 'observation.rate'; got {list(given.sites)}")
    plain = _views(dataclasses.replace(description, rate=0.75 * value), setting, key)
    np.testing.assert_allclose(given.chances, plain.chances, rtol=1e-9, atol=1e-15, err_msg="a law set to a number")


def _check_derivatives(views: _Views, step: float = 1e-6) -> None:
    """The gradient of the log-probability of possible sets in what is unknown, against central differences."""
    if not views.sites:
        return
    fitted, (_, rows, size) = views.fitted, views.chances.shape
    labels = np.arange(rows) % size
    likely = views.chances[:, np.arange(rows), labels].argmax(0)
    sets = all_sets(size)[likely]
    start, rebuild = jax.flatten_util.ravel_pytree({name: jnp.asarray(it["value"]) for name, it in views.sites.items()})

    def total(flat: Any) -> Any:
        program = numpyro.handlers.substitute(lambda: fitted.prepared(views.sources), data=rebuild(flat))
        prepared: Any = numpyro.handlers.seed(program, jax.random.key(0))
        parameters, context = prepared()
        return jnp.asarray(fitted.log_probability(parameters, context, sets, labels)).sum()

    compiled, slopes = jax.jit(total), np.asarray(jax.jit(jax.grad(total))(start))
    moves = step * np.eye(len(start))
    numeric = [float(compiled(start + move) - compiled(start - move)) / (2 * step) for move in moves]
    np.testing.assert_allclose(slopes, numeric, rtol=1e-4, atol=1e-4, err_msg="gradient of the log-probability")
