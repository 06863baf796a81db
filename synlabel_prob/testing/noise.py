"""The contract of a noise node."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtri

from .._lazy import distributions, jax, jnp, numpyro
from ..errors import InputError
from ..laws import Law, Uniform
from ..noise import Destination, FittedNoise, Noise, Setting, SoftLabelKernel, Weight, row_context
from .noise_laws import FEW, Views, check_derivatives, check_frequencies, check_views
from .parts import check_description, expect

_PARAMETERS = ("rate", "rates", "share", "strength")
"""Fields in which the nodes of this project hold numbers that a law may stand for."""


def check_noise(
    description: Noise,
    setting: Setting,
    key: Any,
    *,
    parameters: tuple[str, ...] = _PARAMETERS,
    num_draws: int = 300_000,
    false_alarm: float = 1e-6,
    written: bool = True,
) -> None:
    """Everything that the contract of a noise node promises, for one table and one ground truth.

    The description is plain data. Fitted, its transition holds probabilities, from which every other view follows:
    push-forward, reverse, log-probability and enumeration exactly, draws by frequencies (an exact binomial test of
    every cell: with 300,000 draws and three classes an entry that is off by 0.01 is seen in nearly every run). Higher
    parameters change the same labels and more; at 0 nothing changes, to the last bit; laws become sample sites that
    start with the node's name, and have derivatives that NUTS can follow.

    Args:
        description: the node, its parameters above 0.
        setting: what it is fitted to.
        key: a JAX key.
        parameters: the fields that hold rates, shares or strengths; names that the node lacks are passed over.
        num_draws: how many draws the check of frequencies takes for each class.
        false_alarm: the largest probability that the check of frequencies fails on a correct node.
        written: False for a node that a spec file cannot hold.
    """
    check_description(description, written=written)
    fields = tuple(name for name in parameters if hasattr(description, name))
    with jax.enable_x64(True):
        views = _views(description, setting, key)
        check_views(views)
        check_frequencies(views, key, num_draws, false_alarm)
        _check_zero(description, fields, setting, key)
        _check_nested(description, fields, setting, key)
        _check_laws(description, fields, setting, key)
        _check_kernel(description, setting, key, num_draws, false_alarm)
    _check_single_precision(description, setting, key)


def _views(description: Noise, setting: Setting, key: Any, substituted: dict[str, Any] | None = None) -> Views:
    """The node fitted, its parameters sampled, and its transition for every row that it depends on."""
    fitted = description.fit(setting)
    expect(isinstance(fitted, FittedNoise), f"`fit` must give a FittedNoise; got {type(fitted).__name__}")
    expect(fitted.depends_on == description.depends_on, "description and fitted node must depend on the same")
    clean = np.random.default_rng(7).dirichlet(np.ones(len(setting.classes)), setting.table.num_rows)
    sources = {"features": setting.table.features, "soft_label": clean, "noisy_soft_label": clean}
    source = sources.get(fitted.depends_on)
    fitted = fitted.for_soft_labels(clean)
    made: list[Any] = []
    program = numpyro.handlers.substitute(lambda: made.append(fitted.sample_parameters()), data=substituted or {})
    sites = numpyro.handlers.trace(numpyro.handlers.seed(program, key)).get_trace()
    wrong = [name for name in sites if not name.startswith(f"{description.label}.")]
    expect(not wrong, f"sites must start with the node's name and a dot, '{description.label}.'; got {wrong}")
    leaves, structure = jax.tree_util.tree_flatten(fitted)
    rebuilt = jax.tree_util.tree_unflatten(structure, leaves)
    context = _context(rebuilt, made[0], source, key)
    transition = np.asarray(rebuilt.transition(made[0], context))
    return Views(rebuilt, description.label, made[0], context, transition, clean, sites)


def _context(fitted: FittedNoise, parameters: Any, source: Any, key: Any) -> Any:
    """The context of every row; a random map is drawn once."""
    if not isinstance(fitted, SoftLabelKernel):
        return fitted.context(source)
    draw: Any = numpyro.handlers.seed(lambda: row_context(fitted, parameters, source, jnp.asarray(source)), key)
    return draw()[1]


def _check_kernel(description: Noise, setting: Setting, key: Any, num_draws: int, false_alarm: float) -> None:
    """Draws of a random map are soft labels whose mean is `image`: a z-test of every entry of a few rows.

    With 300,000 draws an entry whose mean is off by a tenth of a standard deviation of a draw is seen in every run.
    """
    views = _views(description, setting, key)
    if not isinstance(views.fitted, SoftLabelKernel):
        return
    rows = jnp.concatenate([jnp.asarray(views.clean[: FEW - 1]), jnp.eye(views.size)[:1]])
    law = distributions.Perturbed(views.fitted, views.parameters, rows)
    draws = np.asarray(law.sample(key, (num_draws // len(rows),)))
    expect(np.isfinite(draws).all() and draws.min() >= 0, "a random map must give numbers of at least 0")
    np.testing.assert_allclose(draws.sum(-1), 1.0, atol=1e-12, err_msg="rows of a random map")
    expected = np.asarray(views.fitted.image(views.parameters, rows))
    error = draws.std(0) / np.sqrt(len(draws))
    # The mean of some kernels is itself found on 512 points, with errors far below those of a draw.
    limit = ndtri(1.0 - false_alarm / (2 * expected.size)) * error + 2e-3 * draws.std(0) + 1e-12
    expect((abs(draws.mean(0) - expected) <= limit).all(), "the mean of the draws of a random map must be its `image`")


def _numbers(description: Noise, fields: tuple[str, ...], change: Callable[[float], Any]) -> dict[str, Any]:
    """The parameters that are numbers above 0, changed; those that are laws stay as they are."""
    changed: dict[str, Any] = {}
    for name in fields:
        value = getattr(description, name)
        if isinstance(value, dict):
            changed[name] = {key: item if isinstance(item, Law) else change(item) for key, item in value.items()}
        elif not isinstance(value, Law):
            changed[name] = change(value)
    return changed


def _lawful(description: Noise, fields: tuple[str, ...], change: Callable[[float], Any]) -> dict[str, Any]:
    """The same, with every number of weight and destination that may be a law."""
    changed = _numbers(description, fields, change)
    for name in (field.name for field in dataclasses.fields(description)):
        part = getattr(description, name)
        if isinstance(part, (Weight, Destination)):
            taken = {own: _changed(getattr(part, own), change) for own in laws_accepted(part)}
            taken = {own: value for own, value in taken.items() if value != getattr(part, own)}
            changed |= {name: dataclasses.replace(part, **taken)} if taken else {}
    return changed


def laws_accepted(part: Any) -> list[str]:
    """Names of the fields of a description that hold numbers for which laws may stand."""
    found = []
    for name in (field.name for field in dataclasses.fields(part)):
        some = _changed(getattr(part, name), lambda value: Uniform(0.4, 0.6))
        try:
            if some != getattr(part, name) and dataclasses.replace(part, **{name: some}):
                found.append(name)
        except InputError:
            continue
    return found


def _changed(value: Any, change: Callable[[float], Any]) -> Any:
    """A number changed; those in mappings too, and nothing else."""
    if isinstance(value, dict):
        return {name: _changed(item, change) for name, item in value.items()}
    return change(value) if isinstance(value, float) else value


def _holds_law(value: Any) -> bool:
    return any(isinstance(item, Law) for item in (value.values() if isinstance(value, dict) else [value]))


def _check_zero(description: Noise, fields: tuple[str, ...], setting: Setting, key: Any) -> None:
    """With every parameter at 0 the transition is the identity and a push-forward changes no bit."""
    zeros = _numbers(description, fields, lambda value: 0.0)
    if not zeros or any(_holds_law(getattr(description, name)) for name in fields):
        return
    try:
        nothing = dataclasses.replace(description, **zeros)
    except InputError:
        return  # a family that has no noise-free member says so
    views = _views(nothing, setting, key)
    np.testing.assert_array_equal(views.by_row, np.broadcast_to(np.eye(views.size), views.by_row.shape), "rate 0")
    np.testing.assert_array_equal(views.pushed(views.clean), views.clean, "push-forward at rate 0")
    before = np.arange(len(views.clean)) % views.size
    np.testing.assert_array_equal(views.changed(key, before), before, "labels at rate 0")


def _check_nested(description: Noise, fields: tuple[str, ...], setting: Setting, key: Any) -> None:
    """With the same random numbers, the labels that change at half the parameters also change at the whole."""
    halves = _numbers(description, fields, lambda value: value / 2)
    if not halves:
        return
    whole, half = (_views(made, setting, key) for made in (description, dataclasses.replace(description, **halves)))
    before = np.random.default_rng(5).integers(whole.size, size=len(whole.clean))
    for number in range(10):
        own = jax.random.fold_in(key, number)
        few, many = half.changed(own, before) != before, whole.changed(own, before) != before
        expect(not (few & ~many).any(), "a label that changes at a lower rate must change at a higher one")


def _check_laws(description: Noise, fields: tuple[str, ...], setting: Setting, key: Any) -> None:
    """A law for each number, those of weight and destination too: a site that can be set, with a derivative."""
    laws = _lawful(description, fields, lambda value: Uniform(0.5 * value, value) if value > 0 else value)
    uncertain = dataclasses.replace(description, **laws)
    views = _views(uncertain, setting, key)
    new = set(views.sites) - set(_views(description, setting, key).sites)
    expect(bool(new) == bool(laws), f"a law for each of {list(laws)} must make sample sites; got {sorted(new)}")
    for name in laws:
        inside = isinstance(getattr(description, name), (Weight, Destination))
        found = [site for site in new if site.startswith(f"{description.label}.{name}.")]
        expect(bool(found) or not inside, f"sites of `{name}` must start with {description.label}.{name}; got {new}")
    values = {name: 0.25 * views.sites[name]["fn"].low + 0.75 * views.sites[name]["fn"].high for name in new}
    others = {name: site["value"] for name, site in views.sites.items() if name not in new}
    given = _views(uncertain, setting, key, {**others, **values})
    fixed = _lawful(description, fields, lambda value: 0.875 * value if value > 0 else value)
    numbers = dataclasses.replace(description, **fixed)
    plain = _views(numbers, setting, key, others)
    np.testing.assert_allclose(given.transition, plain.transition, rtol=1e-12, err_msg="a law set to a number")
    check_derivatives(views, key)


def _check_single_precision(description: Noise, setting: Setting, key: Any) -> None:
    """In single precision the transition is nearly the same; its rows still hold probabilities."""
    with jax.enable_x64(True):
        exact = _views(description, setting, key)
        others = {name: np.asarray(site["value"]) for name, site in exact.sites.items()}
    with jax.enable_x64(False):
        single = _views(description, setting, key, {name: jnp.asarray(value) for name, value in others.items()})
        if isinstance(single.fitted, SoftLabelKernel):  # draws differ with the precision: take those of double
            context = tuple(jnp.asarray(np.asarray(part), np.float32) for part in exact.context)
            made = np.asarray(single.fitted.transition(single.parameters, context))
            single = dataclasses.replace(single, context=context, transition=made)
        pushed = single.pushed(single.clean)
    expect(
        single.transition.dtype == np.float32, f"in single precision T must be float32; got {single.transition.dtype}"
    )
    np.testing.assert_allclose(single.transition, exact.transition, atol=1e-4, err_msg="T in single precision")
    np.testing.assert_allclose(pushed.sum(-1), 1.0, atol=1e-5, err_msg="push-forward in single precision")
    expect(len(single.by_row) >= min(FEW, len(single.clean)), "one transition for each row")
